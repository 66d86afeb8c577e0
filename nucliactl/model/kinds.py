"""The kinds of credential, each declared once."""

from __future__ import annotations

from nucliactl.errors import Malformed
from nucliactl.model import endpoint, endpoint_rules
from nucliactl.model.names import shown
from nucliactl.model.shared_fields import (
    ACCOUNT_SLUG,
    BASE_URL,
    DOMAIN,
    IDENTITY,
    KB_ID,
    OF_SIGNED_IN,
    PLACE,
    ROLES_CLAIMED,
    TIMEOUT,
    TITLE,
    Field,
)
from nucliactl.model.ways import STORES
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from nucliactl.model.words import Form, KindName


class Kind(NamedTuple):
    """What is true of every credential of one kind.

    `title` and `plural` name it to people, `opens` says what it is good for. `header` and `prefix` say how
    the service wants the secret (facts of the official client, seen on the wire), `form` what a secret
    looks like. `fields` are all that a profile may state, the secret among them where there is one.
    `endpoint` is the rule of its address, see `endpoint_rules`.

    In texts a `{key}` stands for a value, and the first text of several counts whose values are all known:
    `base` (what relative requests start from), `target` (what `list` shows), `default_name` (which knows
    the service's `{slug}` too), each of `arguments` (what follows the command `login`, which makes or
    renews such a profile). `identity` names the keys of its id at the service, the best first; a kind
    without any is known by its address. `columns` are those of `auth show` that are its own. `hands_over`
    are the variables that another program is given, each with the value as a text `{key}`: a field,
    `{secret}`, or what `programs.variables` makes of them; one that is not known is not set.
    """

    name: KindName
    title: str
    plural: str
    opens: str
    header: str
    fields: tuple[Field, ...]
    endpoint: Callable[[dict[str, Any], list[str]], tuple[str, ...]]
    base: tuple[str, ...]
    target: tuple[str, ...]
    identity: tuple[str, ...]
    login: str
    arguments: tuple[tuple[str, ...], ...] = ()
    default_name: tuple[str, ...] = ("{slug}", "{kb}")
    columns: tuple[str, ...] = ()
    hands_over: tuple[tuple[str, str], ...] = ()
    form: Form | None = None
    prefix: str = "Bearer "
    signed_in: bool = False

    def states(self, name: str) -> bool:
        """Say whether a profile of this kind has a field of that name."""
        return any(declared.name == name for declared in self.fields)

    def field(self, name: str) -> Field:
        """Return the declaration of a field; KeyError if this kind has none of that name."""
        for declared in self.fields:
            if declared.name == name:
                return declared
        raise KeyError(name)

    def variables(self, name: str) -> tuple[str, ...]:
        """Return the spellings of a field in an environment, ours first."""
        return self.field(name).variables

    @property
    def secret(self) -> Field | None:
        """The field X that holds the secret in X, X_file, X_env, X_command; None where there is none."""
        return next((declared for declared in self.fields if declared.secret), None)


_FIRST = (
    Field("kind", "what sort of credential it is", ("NUCLIA_KIND",)),
    Field("description", "words for people"),
    TITLE,
    ACCOUNT_SLUG,
    Field("extends", "another profile that supplies defaults"),
    Field("storage", "where the store keeps the secret: a file, or the desktop's keyring", choices=STORES),
)


_DEFAULTS = (
    ("NUCLIA_ACCOUNT", "{account}"),
    ("NUCLIA_ZONE", "{zone}"),
    ("NUCLIA_GLOBAL_URL", "{global_url}"),
    ("NUCLIA_OAUTH_URL", "{oauth_url}"),
    ("NUCLIA_ZONE_URL", "{zone_url}"),
)


def _issuer(text: str, what: str) -> str:
    url = endpoint.parse_url(text, what)
    return url.origin + url.path


def _signed_in(token: Field) -> tuple[Field, ...]:
    return (*_FIRST, IDENTITY, *PLACE, KB_ID, *OF_SIGNED_IN, token, TIMEOUT)


USER = Kind(
    name="user",
    title="user session",
    plural="Signed in",
    opens="everything its user has access to: accounts, Knowledge Boxes, agents, keys",
    header="Authorization",
    fields=_signed_in(Field("token", "user token", ("NUCLIA_USER_TOKEN",), secret=True)),
    endpoint=endpoint_rules.signed_in,
    base=tuple(address + "/api/v1" for address in endpoint_rules.GLOBAL_URL),
    target=("{global_url}", "{domain}"),
    identity=("identity",),
    login="nucliactl auth login",
    columns=("WHO",),
    hands_over=(("NUCLIA_USER_TOKEN", "{secret}"), *_DEFAULTS),
    form="token of a user",
    signed_in=True,
)
PERSONAL_TOKEN = USER._replace(
    name="personal-token",
    title="personal access token",
    plural="Personal access tokens",
    fields=_signed_in(
        Field(
            "token", "personal access token", ("NUCLIA_PERSONAL_TOKEN", "NUCLIA_ACCOUNT_TOKEN"), secret=True
        )
    ),
    login="nucliactl auth personal_token",
    hands_over=(("NUCLIA_PERSONAL_TOKEN", "{secret}"), ("NUCLIA_ACCOUNT_TOKEN", "{secret}"), *_DEFAULTS),
)
KB = Kind(
    name="kb",
    title="Knowledge Box API key",
    plural="Knowledge Boxes",
    opens="this one Knowledge Box, as far as the key's role goes",
    header="X-NUCLIA-SERVICEACCOUNT",
    fields=(
        *_FIRST,
        IDENTITY,
        *PLACE,
        Field("url", "full URL of the Knowledge Box", ("NUCLIA_KB_URL", "ARAG_KB_URL"), address=True),
        KB_ID,
        Field("public", "the KB needs no secret", ("NUCLIA_KB_PUBLIC",), form="boolean"),
        ROLES_CLAIMED,
        Field("session", "the user profile whose session is used"),
        Field(
            "api_key",
            "API key of the Knowledge Box",
            (
                "NUCLIA_API_KEY",
                "NUCLIA_SERVICEACCOUNT",
                "NUCLIA_SERVICE_TOKEN",
                "ARAG_KB_TOKEN",
                "ARAG_API_KEY",
                "ARAG_KB_KEY",
                "ARAG_TOKEN",
            ),
            secret=True,
        ),
        Field("api_url", "API base beside a KB id", ("NUCLIA_API_URL", "NUCLIA_API_BASE"), in_file=False),
        Field(
            "arag_url",
            "API base beside ARAG_KB_ID, on a known host of Nuclia or this machine",
            ("ARAG_BASE_URL", "ARAG_BASE"),
            in_file=False,
        ),
        Field(
            "whole_url",
            "a whole KB URL beside NUCLIA_API_TOKEN",
            ("NUCLIA_URL",),
            address=True,
            in_file=False,
        ),
        Field(
            "url_token",
            "API key beside NUCLIA_URL (it has a twin too)",
            ("NUCLIA_API_TOKEN",),
            address=True,
            in_file=False,
        ),
        BASE_URL,
        TIMEOUT,
    ),
    endpoint=endpoint_rules.kb,
    base=("{url}",),
    target=("{url}",),
    identity=("identity", "kb"),
    login="nucliactl auth kb",
    arguments=(("{url}",),),
    columns=("ID", "TITLE", "ACCOUNT", "ROLE"),
    hands_over=(
        ("NUCLIA_KB_URL", "{url}"),
        ("NUCLIA_API_KEY", "{secret}"),
        ("NUCLIA_SERVICEACCOUNT", "{secret}"),
        ("NUCLIA_KB_PUBLIC", "{public}"),
        ("NUCLIA_API_URL", "{api}"),
        ("NUCLIA_KBID", "{box}"),
        ("NUCLIA_KB_ID", "{box}"),
        ("NUCLIA_ZONE", "{host_zone}"),
    ),
    form="API key",
)
NUA = Kind(
    name="nua",
    title="NUA key",
    plural="NUA keys",
    opens="the processing and prediction API of its account",
    header="X-NUCLIA-NUAKEY",
    fields=(
        *_FIRST,
        IDENTITY,
        *PLACE,
        Field("issuer", "who issued the key, and where it is sent", check=_issuer),
        Field(
            "origin", "where calls other than validation go", ("NUCLIA_NUA_ORIGIN",), check=endpoint.origin_of
        ),
        Field(
            "nua_key", "NUA key", ("NUCLIA_NUA_KEY", "NUA_API_KEY", "NUA_KEY", "ARAG_NUA_KEY"), secret=True
        ),
        TIMEOUT,
    ),
    endpoint=endpoint_rules.nua,
    base=("{origin}/api/v1", "{issuer}/api/v1"),
    target=("{origin}", "{issuer}"),
    identity=("identity",),
    login="nucliactl auth nua",
    default_name=("nua-{identity:.8}", "nua-key"),
    columns=("CLIENT ID", "ACCOUNT"),
    hands_over=(
        ("NUCLIA_NUA_KEY", "{secret}"),
        ("NUA_API_KEY", "{secret}"),
        ("NUCLIA_ZONE", "{key_zone}"),
        ("NUA_ZONE", "{key_zone}"),
        ("NUCLIA_NUA_ORIGIN", "{key_origin}"),
    ),
    form="NUA key",
)
NUCLIADB = Kind(
    name="nucliadb",
    title="local NucliaDB",
    plural="NucliaDB",
    opens="every Knowledge Box of that NucliaDB",
    header="X-NucliaDB-ROLES",
    fields=(
        *_FIRST,
        *PLACE,
        Field("url", "address of the NucliaDB", ("NUCLIADB_URL",), address=True),
        KB_ID,
        ROLES_CLAIMED,
        BASE_URL,
        TIMEOUT,
    ),
    endpoint=endpoint_rules.nucliadb,
    base=("{url}/api/v1",),
    target=("{url}",),
    identity=(),
    login="nucliactl auth nucliadb",
    arguments=(("{url}",),),
    default_name=("local",),
    hands_over=(
        ("NUCLIADB_URL", "{server}"),
        ("NUCLIA_BASE_URL", "{api}"),
        ("NUCLIA_KBID", "{box}"),
        ("NUCLIA_KB_URL", "{loopback_box}"),
    ),
    prefix="",
)
AGENT = Kind(
    name="agent",
    title="retrieval agent's API key",
    plural="Agents",
    opens="this one retrieval agent",
    header="X-NUCLIA-SERVICEACCOUNT",
    fields=(
        *_FIRST,
        IDENTITY,
        *PLACE,
        Field("url", "address of the zone's API", ("NUCLIA_ARAG_BASE_URL",), address=True),
        Field("agent", "the retrieval agent's id", ("NUCLIA_ARAG_AGENT_ID",), address=True),
        Field("api_key", "API key of the agent", ("NUCLIA_ARAG_API_KEY",), secret=True),
        TIMEOUT,
    ),
    endpoint=endpoint_rules.agent,
    base=("{url}/api/v1/agent/{agent}",),
    target=("{url}/api/v1/agent/{agent}",),
    identity=("agent",),
    login="nucliactl auth agent",
    arguments=(("{zone}", "{url}"), ("{account}", "ACCOUNT"), ("{agent}",)),
    columns=("ID", "TITLE", "ACCOUNT"),
    hands_over=(
        ("NUCLIA_ARAG_BASE_URL", "{url}"),
        ("NUCLIA_ARAG_AGENT_ID", "{agent}"),
        ("NUCLIA_ARAG_API_KEY", "{secret}"),
    ),
    form="API key",
)

KINDS: dict[KindName, Kind] = {k.name: k for k in (USER, PERSONAL_TOKEN, KB, NUA, NUCLIADB, AGENT)}
SIGNED_IN: tuple[KindName, ...] = tuple(kind.name for kind in KINDS.values() if kind.signed_in)
LOGIN_ADDRESSES = tuple(field.name for field in (DOMAIN, *OF_SIGNED_IN))
"""The keys that say where a login leads."""
ROLES_HEADER = NUCLIADB.header

SECRET_HEADERS = frozenset(
    spelling
    for kind in KINDS.values()
    if kind.secret
    for spelling in (kind.header.lower(), kind.header.lower().replace("x-nuclia-", "x-stf-"))
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
    from collections.abc import Sequence

    if not isinstance(names, Sequence) or not all(isinstance(name, str) for name in names):
        raise Malformed("kind= takes one kind or several.", hint=f"Kinds: {', '.join(KINDS)}.")
    return tuple(kind_named(name, "kind=").name for name in names)
