"""What a field of a profile is, and the fields that several kinds share."""

from __future__ import annotations

from nucliactl.model import endpoint
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Field(NamedTuple):
    """One field, as one kind declares it or several share it.

    `variables`: environment spellings, ours first. `in_file`: may stand in a definition.
    `inherited`: may come from `extends` and overlays. `setting`: may stand in config.toml. `address`: it
    helps to say where the profile leads. `check(value, what)` returns the value in its one form or raises
    Malformed. `form` is what a file must hold: string, boolean, number, strings. `kinds` is filled in by
    `fields.FIELDS`.
    """

    name: str
    summary: str
    variables: tuple[str, ...] = ()
    form: str = "string"
    check: Callable[[str, str], str] | None = None
    secret: bool = False
    address: bool = False
    in_file: bool = True
    inherited: bool = False
    setting: bool = False
    choices: tuple[str, ...] = ()
    default: object = None
    kinds: tuple[str, ...] = ()


ROLES = ("READER", "WRITER", "MANAGER")

IDENTITY = Field("identity", "the id behind the credential, as found at login")
TITLE = Field("title", "the service's name for it, as found at login")
ACCOUNT_SLUG = Field("account_slug", "the account's short name, as found at login")
INFORMATIONAL = tuple(declared.name for declared in (TITLE, ACCOUNT_SLUG))
"""The keys that only inform: logins write them where they learn them."""
ACCOUNT = Field(
    "account", "account id", ("NUCLIA_ACCOUNT", "NUCLIA_ACCOUNT_ID", "ARAG_ACCOUNT"), inherited=True
)
ZONE = Field(
    "zone",
    "zone, such as europe-1",
    ("NUCLIA_ZONE", "NUCLIA_ZONE_ID", "NUCLIA_REGION", "ARAG_ZONE", "ARAG_REGION"),
    check=endpoint.check_zone,
    inherited=True,
)
DOMAIN = Field(
    "domain",
    "root domain of the service",
    ("NUCLIA_DOMAIN", "BASE_NUCLIA_DOMAIN"),
    check=endpoint.check_domain,
)
PLACE = (ACCOUNT, ZONE, DOMAIN)
KB_ID = Field(
    "kb",
    "Knowledge Box id",
    ("NUCLIA_KBID", "NUCLIA_KB_ID", "NUCLIA_KB_UID", "NUCLIA_KB", "ARAG_KB_ID"),
    inherited=True,
)
ROLES_CLAIMED = Field("roles", "NucliaDB roles to claim", form="strings", choices=ROLES)
BASE_URL = Field(
    "base_url", "NucliaDB, or API base beside an API key", ("NUCLIA_BASE_URL",), address=True, in_file=False
)
OF_SIGNED_IN = (
    Field(
        "global_url",
        "global API, where it is not the domain's",
        ("NUCLIA_GLOBAL_URL",),
        check=endpoint.origin_of,
    ),
    Field(
        "oauth_url",
        "OAuth server, where it is not the domain's",
        ("NUCLIA_OAUTH_URL",),
        check=endpoint.origin_of,
    ),
    Field(
        "zone_url",
        "zone API as a template with {zone}",
        ("NUCLIA_ZONE_URL", "NUCLIA_PUBLIC_URL"),
        check=endpoint.check_zone_template,
    ),
)
TIMEOUT = Field(
    "timeout",
    "seconds one call to the service may take in all",
    ("NUCLIACTL_TIMEOUT",),
    form="number",
    inherited=True,
    setting=True,
    default=30,
)
