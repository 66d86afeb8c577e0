"""The kinds of credential, each declared once."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from nucliactl.errors import Malformed
from nucliactl.model.names import shown

KindName = Literal["user", "personal-token", "kb", "nua", "nucliadb", "agent"]


class Kind(NamedTuple):
    """What is true of every credential of one kind.

    `header` and `prefix` say how the service wants the secret; the facts are those of the official
    client, seen on the wire. `secret_field` is the definition key X of X, X_file, X_env, X_command,
    None where there is no secret. `login` is the command that makes or renews such a profile, `opens`
    what it is good for.
    """

    name: KindName
    title: str
    header: str
    prefix: str
    secret_field: str | None
    login: str
    opens: str


USER = Kind(
    "user",
    "user session",
    "Authorization",
    "Bearer ",
    "token",
    "nucliactl auth login",
    "everything its user reaches: accounts, Knowledge Boxes, agents, keys",
)
PERSONAL_TOKEN = Kind(
    "personal-token",
    "personal access token",
    "Authorization",
    "Bearer ",
    "token",
    "nucliactl auth personal_token",
    "everything its user reaches: accounts, Knowledge Boxes, agents, keys",
)
KB = Kind(
    "kb",
    "Knowledge Box API key",
    "X-NUCLIA-SERVICEACCOUNT",
    "Bearer ",
    "api_key",
    "nucliactl auth kb",
    "this one Knowledge Box, as far as the key's role goes",
)
NUA = Kind(
    "nua",
    "NUA key",
    "X-NUCLIA-NUAKEY",
    "Bearer ",
    "nua_key",
    "nucliactl auth nua",
    "the processing and prediction API of its account",
)
NUCLIADB = Kind(
    "nucliadb",
    "local NucliaDB",
    "X-NucliaDB-ROLES",
    "",
    None,
    "nucliactl auth nucliadb",
    "every Knowledge Box of that NucliaDB",
)

AGENT = Kind(
    "agent",
    "retrieval agent's API key",
    "X-NUCLIA-SERVICEACCOUNT",
    "Bearer ",
    "api_key",
    "nucliactl auth agent",
    "this one retrieval agent",
)

KINDS: dict[KindName, Kind] = {k.name: k for k in (USER, PERSONAL_TOKEN, KB, NUA, NUCLIADB, AGENT)}
ROLES = ("READER", "WRITER", "MANAGER")
ROLES_HEADER = NUCLIADB.header

SECRET_HEADERS = frozenset(
    {
        "authorization",
        "x-nuclia-serviceaccount",
        "x-stf-serviceaccount",
        "x-nuclia-nuakey",
        "x-stf-nuakey",
    }
)
"""Every header that carries a secret of this service, in both of its spellings."""


def kind_named(name: str, where: str) -> Kind:
    """Return the kind of that name; raise Malformed, naming `where` it was read, if there is none."""
    for kind in KINDS.values():
        if kind.name == name:
            return kind
    raise Malformed(
        f"{where} names the kind {shown(name)}, which does not exist.",
        hint=f"The kinds are {', '.join(KINDS)}.",
    )


def asked_kinds(kind: Sequence[str] | None) -> tuple[KindName, ...]:
    """Return what a caller's `kind=` asks for as a tuple, in its order; Malformed if unknown."""
    if kind is None:
        return ()
    names = (kind,) if isinstance(kind, str) else kind
    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise Malformed("kind= is neither a kind nor several.", hint=f"Kinds: {', '.join(KINDS)}.")
    return tuple(kind_named(name, "kind=").name for name in names)
