"""Reading the keys of the service, which are JWTs. Nothing is verified: claims are shown, and an
issuer only says where a key *wants* to go; whether it may is decided by origins."""

from __future__ import annotations

from nucliactl import hints, json_reading
from nucliactl.errors import Malformed, Refused
from nucliactl.model.endpoint import known_root, parse_url
from nucliactl.secret import Secret
from nucliactl.text import plural
from nucliactl.tuples import NamedTuple

_NEVER = 253370764800  # what the service writes for "does not expire": the year 9999
_LARGEST = 64 * 1024


class NuaClaims(NamedTuple):
    """What a NUA key says of itself, unverified. `issuer` as written; `expires_at` epoch seconds."""

    issuer: str
    client_id: str | None
    expires_at: int | None


def claims(token: str) -> dict[str, object]:
    """Return the unverified claims of a JWT. Raises Malformed with the reason, never the token."""
    parts = token.split(".")
    if len(parts) != 3:
        raise Malformed(f"it has {plural(len(parts), 'part')}, a JWT has three")
    if len(token) > _LARGEST:
        raise Malformed("it is larger than any key")
    try:
        found = decoded(parts[1])
    except (ValueError, RecursionError):
        raise Malformed("its middle part is not base64url of JSON") from None
    if not isinstance(found, dict):
        raise Malformed("its middle part is not a JSON object")
    return found


def decoded(part: str) -> object:
    """Return what one part of a JWT holds. Raises ValueError or RecursionError where it is no JSON."""
    import binascii

    plain = part.replace("-", "+").replace("_", "/").rstrip("=")
    return json_reading.loads(binascii.a2b_base64(plain + "=" * (-len(plain) % 4)))


def expiry(token: str) -> int | None:
    """Return the unverified `exp` of a token, epoch seconds UTC; None if it names none or never."""
    return lifetime(token)[1]


def lifetime(token: str) -> tuple[int | None, int | None]:
    """Return the unverified `iat` and `exp` of a token, epoch seconds; None where it names none or never."""
    try:
        found = claims(token)
    except Malformed:
        return None, None
    return as_expiry(found.get("iat")), as_expiry(found.get("exp"))


def as_expiry(value: object) -> int | None:
    """Return a claim or stored number as epoch seconds, or None where it means no (known) end."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 < value < _NEVER else None


def read_nua(key: Secret, where: str) -> NuaClaims:
    """Read a NUA key's issuer, client id and expiry. Raises Malformed naming `where` it came from."""
    try:
        found = claims(key.reveal())
    except Malformed as error:
        raise Malformed(
            f"{where} is not a valid NUA key: {error.message}.", hint="Copy the whole key again."
        ) from None
    issuer = found.get("iss")
    if not isinstance(issuer, str) or not issuer:
        hint = f"It may be a Knowledge Box API key: {hints.BOX} -"
        raise Malformed(f"{where} is not a valid NUA key: it names no issuer.", hint=hint)
    subject = found.get("sub")
    return NuaClaims(issuer, subject if isinstance(subject, str) else None, as_expiry(found.get("exp")))


def check_issuer(issuer: str, origin: str | None, where: str) -> None:
    """Raise Refused unless a NUA key's issuer is a known root, this machine, or named as `origin`."""
    url = parse_url(issuer, f"The issuer in {where}")
    if known_root(url.host) or url.loopback or url.origin == origin:
        return
    raise Refused(
        f"The NUA key from {where} says it was issued by {url.origin}, which is not a known Nuclia host.",
        hint=f"If you trust it, name it: NUCLIA_NUA_ORIGIN={url.origin}, or --origin {url.origin}",
    )
