"""What a program sends instead of us: the headers of a profile's credential, and where they may go."""

from __future__ import annotations

from nucliactl.errors import Malformed, Refused
from nucliactl.model.endpoint import origin_allows, origin_of
from nucliactl.model.kinds import ROLES_HEADER
from nucliactl.model.profile import Definition
from nucliactl.patterns import pattern
from nucliactl.secret import Secret, header_value
from nucliactl.service.providers import completed, provider_of
from nucliactl.store.sessions import ends_at
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_URI = pattern(r"(?P<origin>[A-Za-z][A-Za-z0-9+.-]*://[^\s/?#\\]+)(?:[/?#][^\s\\]*)?")
_LAST_DOT = pattern(r".*\.(?::[0-9]*)?")  # such a host is another name, and the same to DNS


class Sending(NamedTuple):
    """What goes with each request. `secret` is None where there is none: then `header` may be the one of
    a NucliaDB's roles, or None. `value` is what stands in the header. `expires_at`: epoch seconds."""

    secret: Secret | None
    header: str | None
    value: str | None
    expires_at: int | None
    base_url: str | None
    origins: tuple[str, ...]

    @property
    def headers(self) -> dict[str, str]:
        return {self.header: self.value} if self.header and self.value else {}


def sending(definition: Definition, environ: Mapping[str, str], seconds: Callable[[], float]) -> Sending:
    """Open a definition's secret and return what is sent with it. A session is renewed where it has to be,
    within `seconds`, which is asked only then. Raises LoginNeeded, Refused or Malformed."""
    provider = provider_of(definition, environ, seconds)
    if provider is None:
        roles = ";".join(definition.roles) or None
        places = definition.base_url, definition.origins
        return Sending(None, ROLES_HEADER if roles else None, roles, None, *places)
    definition, provider = completed(definition, provider)
    assert provider is not None
    secret, kind = provider.get(), definition.carrier
    value = kind.prefix + header_value(secret, provider.where)
    return Sending(
        secret, kind.header, value, ends_at(definition, secret), definition.base_url, definition.origins
    )


def check_uri(uri: str, origins: tuple[str, ...]) -> None:
    """Raise Refused unless an address lies within origins: compared whole, never by a part of a name.
    Malformed for what is no address."""
    match = _URI.fullmatch(uri)
    if match is None:
        raise Malformed("What is asked for is not an address.", hint="It looks like https://HOST/PATH.")
    origin = _origin(match["origin"])
    if origin is None or not origin_allows(origins, origin):
        raise Refused(
            f"The credential does not go to {origin or 'that address'}: it may go to "
            f"{', '.join(origins) or 'no address'} only.",
            hint="Nothing was sent. Choose the profile of that address: --profile NAME",
        )


def _origin(text: str) -> str | None:
    """Return an origin in its one spelling; None for one that no credential goes to."""
    try:
        return None if _LAST_DOT.fullmatch(text) else origin_of(text, "uri", plain_http=True)
    except Malformed:
        return None
