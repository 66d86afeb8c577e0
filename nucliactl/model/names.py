"""Names of profiles."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_ANY = _LETTERS | {*"._-"}
_LONGEST = 64
ENV: Final = "env"
DOTENV: Final = "dotenv"
OFFICIAL = "nuclia:"  # with a kind: a default of the official client
RESERVED = frozenset({ENV, DOTENV, "nuclia", "none", "all"})
_SHOWN = 32
# A long run in which letters and digits are mixed.
_KEY_LIKE = pattern(r"(?=[A-Za-z0-9]{16})(?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{16,}")
_RULE = "A name has 1 to 64 of a-z, 0-9, dot, dash and underscore, and begins with a letter or digit."


def may_be_key(text: str) -> bool:
    """Say whether a text that should be a name may be a key that somebody put there."""
    return len(text) > _SHOWN or text.startswith("eyJ") or (len(text) >= 16 and bool(_KEY_LIKE.search(text)))


def shown(text: str) -> str:
    """Return a name as a message repeats it: `'acme'`; `of that name` for what may be a key."""
    return "of that name" if may_be_key(text) else ascii(text)


def is_name(text: str) -> bool:
    """Say whether `text` may be the name of a stored profile."""
    return (
        0 < len(text) <= _LONGEST
        and text[0] in _LETTERS
        and _ANY.issuperset(text)
        and text[-1] != "."
        and text not in RESERVED
    )


def why_no_name(text: str) -> str | None:
    """Return why no stored profile can have a name, None where one can."""
    if text in RESERVED:
        return f"{text!r} is reserved"
    if is_name(text):
        return None
    wrong = sorted({*text} - _ANY)
    if wrong:
        return f"a name cannot have {', '.join('blank' if c == ' ' else ascii(c) for c in wrong)}"
    return "a name has 1 to 64 characters, and begins and ends with a letter or digit"


def check_name(text: str) -> str:
    """Return `text` if a stored profile may have it; raise Malformed otherwise."""
    if text in RESERVED:
        raise Malformed(
            f"The name {text!r} is reserved: no stored profile can have it.", hint="Use another name."
        )
    said = "That" if may_be_key(text) else ascii(text)
    if text.startswith(OFFICIAL):
        raise Malformed(
            f"{said} belongs to the official client, and is only read.",
            hint=f"Make a profile of it: {hints.IMPORT}",
        )
    if not is_name(text):
        raise Malformed(f"{said} is not a profile name.", hint=_RULE)
    return text


def split_names(text: str, where: str) -> tuple[str, ...]:
    """Return the names of a selection such as `acme-kb,acme-nua`; raise Malformed naming `where`.

    `env`, `dotenv` and `nuclia:KIND` are allowed: they name the credential of the environment, of a
    `.env`, or of the official client's file.
    """
    names = _given(text, where)
    for name in names:
        if name not in (ENV, DOTENV) and not name.startswith(OFFICIAL):
            try:
                check_name(name)
            except Malformed as error:
                raise Malformed(f"{where}: {error.message}", hint=error.hint) from None
    return names


def stored_names(text: str, where: str) -> tuple[str, ...]:
    """Return the names of a selection of stored profiles; raise Malformed for one that none can have."""
    return tuple(check_name(name) for name in _given(text, where))


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that a selection lists, unchecked."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _given(text: str, where: str) -> tuple[str, ...]:
    if names := names_in(text):
        return names
    raise Malformed(f"{where} names no profile.", hint=_RULE)


def name_from(text: str, fallback: str) -> str:
    """Return a valid name as near to `text` (a slug, a mail's local part) as can be."""
    import re

    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:60].rstrip("._-")
    name = re.sub(r"-{2,}", "-", name)
    return f"{name}-1" if name in RESERVED else name or fallback


def numbered(name: str, number: int) -> str:
    """Return `name-2`, `name-3`, …, still within the length of a name."""
    suffix = f"-{number}"
    return name[: 64 - len(suffix)].rstrip("._-") + suffix
