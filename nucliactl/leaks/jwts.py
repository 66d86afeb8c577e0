"""Keys that are JWTs, wherever they stand in a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from nucliactl.errors import Malformed
from nucliactl.model.endpoint import known_root, parse_url
from nucliactl.model.jwt import claims, decoded
from nucliactl.model.recognise import looks_like
from nucliactl.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import Form

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_PAYLOAD = pattern(r"\.(e[wy][A-Za-z0-9_-]{8,65536})\.(?=[A-Za-z0-9_-])")
_BEGINS = pattern(r"(?=e[wy])")  # of base64url, where what is encoded begins with {
_LONGEST_HEADER = 1024
_TRIES = 32


def jwts(text: str) -> Iterator[tuple[int, str, Form]]:
    """Yield each key of the service: where it begins, its header and payload, and what it is by its form.
    Other services' JWTs are left out."""
    for match in _PAYLOAD.finditer(text):
        before = text[max(0, match.start() - _LONGEST_HEADER) : match.start()]
        header = before[len(before.rstrip(_ALPHABET)) :]
        for number, begins in enumerate(_BEGINS.finditer(header)):
            if number == _TRIES:
                break
            stated = f"{header[begins.start() :]}.{match[1]}"
            if _is_object(header[begins.start() :]):
                if form := _form(stated):
                    yield match.start() - len(header) + begins.start(), stated, form
                break


def _is_object(part: str) -> bool:
    try:
        return isinstance(decoded(part), dict)
    except (ValueError, RecursionError):
        return False


def _form(stated: str) -> Form | None:
    """What a header and a payload are those of; whoever the service issued it to, if it is neither key."""
    token = f"{stated}.-"
    if form := looks_like(token):
        return form
    try:
        issuer = claims(token).get("iss")
        ours = isinstance(issuer, str) and known_root(parse_url(issuer, "The issuer").host)
    except Malformed:
        return None
    return "token of a user" if ours else None
