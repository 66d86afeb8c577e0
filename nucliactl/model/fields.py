"""The one declaration of every field of a profile.

Environment reading, definition files, `explain`, `--help`, masking and the documentation read it.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.kinds import KINDS, ROLES, KindName

ALL = tuple(KINDS)
SIGNED_IN: tuple[KindName, ...] = ("user", "personal-token")


class Field(NamedTuple):
    """One field. A name may be declared again for other kinds when its variables differ.

    `variables`: environment spellings, ours first. `in_file`: may stand in a definition.
    `inherited`: may come from `extends` and overlays.
    `setting`: may stand in config.toml. `check(value, what)` returns the value in its
    one form or raises Malformed. `form` is what a file must hold: string, boolean, number, strings.
    """

    name: str
    kinds: tuple[KindName, ...]
    summary: str
    variables: tuple[str, ...] = ()
    form: str = "string"
    check: Callable[[str, str], str] | None = None
    secret: bool = False
    in_file: bool = True
    inherited: bool = False
    setting: bool = False
    choices: tuple[str, ...] = ()
    default: object = None


def _zone_origin(text: str, what: str) -> str:
    return endpoint.check_zone_template(text, what)


def _issuer(text: str, what: str) -> str:
    url = endpoint.parse_url(text, what)
    return url.origin + url.path


FIELDS: tuple[Field, ...] = (
    Field("kind", ALL, "what sort of credential it is", ("NUCLIA_KIND",), choices=ALL),
    Field("description", ALL, "words for people"),
    Field("extends", ALL, "another profile that supplies defaults"),
    Field("storage", ALL, "where a stored secret is kept", choices=("file",)),
    Field(
        "identity",
        ("user", "personal-token", "nua", "kb", "agent"),
        "the id behind the credential, as found at login",
    ),
    Field(
        "account",
        ALL,
        "account id",
        ("NUCLIA_ACCOUNT", "NUCLIA_ACCOUNT_ID", "ARAG_ACCOUNT"),
        inherited=True,
    ),
    Field(
        "zone",
        ALL,
        "zone, such as europe-1",
        ("NUCLIA_ZONE", "NUCLIA_ZONE_ID", "NUCLIA_REGION", "ARAG_ZONE", "ARAG_REGION"),
        check=endpoint.check_zone,
        inherited=True,
    ),
    Field(
        "domain",
        ALL,
        "root domain of the service",
        ("NUCLIA_DOMAIN", "BASE_NUCLIA_DOMAIN"),
        check=endpoint.check_domain,
    ),
    Field("url", ("kb",), "full URL of the Knowledge Box", ("NUCLIA_KB_URL", "ARAG_KB_URL")),
    Field("url", ("nucliadb",), "address of the NucliaDB", ("NUCLIADB_URL",)),
    Field("url", ("agent",), "address of the zone's API", ("NUCLIA_ARAG_BASE_URL",)),
    Field("agent", ("agent",), "the retrieval agent's id", ("NUCLIA_ARAG_AGENT_ID",)),
    Field(
        "kb",
        ("kb", "nucliadb", "user", "personal-token"),
        "Knowledge Box id",
        ("NUCLIA_KBID", "NUCLIA_KB_ID", "NUCLIA_KB_UID", "NUCLIA_KB", "ARAG_KB_ID"),
        inherited=True,
    ),
    Field("public", ("kb",), "the KB needs no secret", ("NUCLIA_KB_PUBLIC",), form="boolean"),
    Field("roles", ("kb", "nucliadb"), "NucliaDB roles to claim", form="strings", choices=ROLES),
    Field("session", ("kb",), "the user profile whose session is used"),
    Field("issuer", ("nua",), "who issued the key, and where it is sent", check=_issuer),
    Field(
        "origin",
        ("nua",),
        "where calls other than validation go",
        ("NUCLIA_NUA_ORIGIN",),
        check=endpoint.origin_of,
    ),
    Field(
        "global_url",
        SIGNED_IN,
        "global API, where it is not the domain's",
        ("NUCLIA_GLOBAL_URL",),
        check=endpoint.origin_of,
    ),
    Field(
        "oauth_url",
        SIGNED_IN,
        "OAuth server, where it is not the domain's",
        ("NUCLIA_OAUTH_URL",),
        check=endpoint.origin_of,
    ),
    Field(
        "zone_url",
        SIGNED_IN,
        "zone API as a template with {zone}",
        ("NUCLIA_ZONE_URL", "NUCLIA_PUBLIC_URL"),
        check=_zone_origin,
    ),
    Field("token", ("user",), "user token", ("NUCLIA_USER_TOKEN",), secret=True),
    Field(
        "token",
        ("personal-token",),
        "personal access token",
        ("NUCLIA_PERSONAL_TOKEN", "NUCLIA_ACCOUNT_TOKEN"),
        secret=True,
    ),
    Field(
        "api_key",
        ("kb",),
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
    Field(
        "nua_key",
        ("nua",),
        "NUA key",
        ("NUCLIA_NUA_KEY", "NUA_API_KEY", "NUA_KEY", "ARAG_NUA_KEY"),
        secret=True,
    ),
    Field("api_key", ("agent",), "API key of the agent", ("NUCLIA_ARAG_API_KEY",), secret=True),
    Field(
        "api_url", ("kb",), "API base beside a KB id", ("NUCLIA_API_URL", "NUCLIA_API_BASE"), in_file=False
    ),
    Field(
        "arag_url",
        ("kb",),
        "API base beside ARAG_KB_ID, on a known host of Nuclia or this machine",
        ("ARAG_BASE_URL", "ARAG_BASE"),
        in_file=False,
    ),
    Field(
        "whole_url",
        ("kb",),
        "a whole KB URL beside NUCLIA_API_TOKEN",
        ("NUCLIA_URL",),
        in_file=False,
    ),
    Field(
        "url_token",
        ("kb",),
        "API key beside NUCLIA_URL (it has a twin too)",
        ("NUCLIA_API_TOKEN",),
        in_file=False,
    ),
    Field(
        "base_url",
        ("nucliadb", "kb"),
        "NucliaDB, or API base beside an API key",
        ("NUCLIA_BASE_URL",),
        in_file=False,
    ),
    Field(
        "timeout",
        ALL,
        "seconds one call to the service may take in all",
        ("NUCLIACTL_TIMEOUT",),
        form="number",
        inherited=True,
        setting=True,
        default=30,
    ),
)

PROJECT_VARIABLE = "NUCLIACTL_PROJECT"
MODES_VARIABLE = "NUCLIACTL_MODES"

TOOL_VARIABLES: tuple[tuple[str, str], ...] = (
    ("NUCLIA_PROFILE", "the profile to use, or several of different kinds: acme-kb,acme-nua"),
    ("NUCLIA_CONFIG_DIR", "absolute path of the store"),
    ("NUCLIA_PROFILES_PATH", "further profile directories, absolute, separated by ':'"),
    ("NUCLIACTL_OUTPUT", "table, json or name: what -o is when it is not given"),
    (
        PROJECT_VARIABLE,
        "0: leave project directories out; trust: follow them whoever owns their files, such as a CI "
        "container's checkout. Of the process only, never of a .env",
    ),
    (
        MODES_VARIABLE,
        "ignore: do not judge file modes, where they mean nothing (a Windows drive, SMB); owners still "
        "are. Of the process only, or modes of /etc/nucliactl/config.toml",
    ),
    ("NO_COLOR", "no colours"),
)

# Read as well: one that goes between processes of ours, and one about file systems (disk/).
INTERNAL_VARIABLES = ("NUCLIACTL_COMMAND_CHAIN", "NUCLIACTL_MODES")

REFERENCE_SUFFIXES = ("_file", "_env", "_command")


def field(name: str, kind: KindName) -> Field:
    """Return the declaration of a field for a kind; KeyError if that kind has none of that name."""
    for declared in FIELDS:
        if declared.name == name and kind in declared.kinds:
            return declared
    raise KeyError(name)


def secret_field(kind: KindName) -> Field | None:
    """Return the field that holds the secret of a kind, None where a kind has none."""
    name = KINDS[kind].secret_field
    return field(name, kind) if name else None


def secret_keys(kind: KindName) -> tuple[str, ...]:
    """Return the definition keys that say where the secret of a kind is: X, X_file, X_env, X_command."""
    name = KINDS[kind].secret_field
    return (name, *(name + suffix for suffix in REFERENCE_SUFFIXES)) if name else ()


@lru_cache
def secret_variables() -> frozenset[str]:
    """Return every variable that may hold a secret: these have a `_FILE` twin."""
    return frozenset(v for f in FIELDS if f.secret or f.name == "url_token" for v in f.variables)


@lru_cache
def file_keys(kind: KindName) -> Mapping[str, Field]:
    """Return every key a definition of that kind may have, with its declaration."""
    keys: dict[str, Field] = {}
    for declared in FIELDS:
        if kind in declared.kinds and declared.in_file:
            keys[declared.name] = declared
            if declared.secret:
                for suffix in REFERENCE_SUFFIXES:
                    form = "strings" if suffix == "_command" else "string"
                    keys[declared.name + suffix] = declared._replace(
                        name=declared.name + suffix, secret=False, form=form
                    )
    return keys


def as_boolean(text: str, where: str) -> bool:
    """Read 1/true/yes/on and 0/false/no/off; raise Malformed naming `where` for anything else."""
    lowered = text.strip().lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off"):
        return False
    raise Malformed(f"{where} is neither true nor false.", hint="Use 1 or 0.")
