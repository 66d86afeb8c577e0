"""A secret that does not show itself, and the ways a secret may be shown."""

from __future__ import annotations

import sys

from nucliactl.errors import Malformed
from nucliactl.text import printable as printable  # noqa: PLC0414 (re-exported)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import NoReturn


HIDDEN = "****"
_MASK_FROM = 12
LONGEST = 16 * 1024
"""The most characters a secret may have."""


class Secret:
    """Holds one secret string. Only `reveal()` gives it out; text, repr, pickle and JSON do not."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")


class Untraced:
    """A block whose errors keep no secret: tools that show the locals of a traceback find none.

    Left by an error, it empties every frame below it that has ended, ours and the HTTP library's, and
    drops what an error was raised `from None` instead of. What the caller was handling before stays.
    """

    def __enter__(self) -> None:
        self._before = sys.exception()

    def __exit__(self, _: object, error: BaseException | None, __: TracebackType | None) -> None:
        if error is not None:
            forget(error, self._before)


def forget(error: BaseException | None, before: BaseException | None = None) -> None:
    """Empty the frames that have ended of an error and of all it came from, up to `before`."""
    import traceback

    left, seen = [error], {before, None}
    while left:
        one = left.pop()
        if one is None or one in seen:
            continue
        seen.add(one)
        traceback.clear_frames(one.__traceback__)
        if one.__suppress_context__:
            one.__context__ = None
        left += [one.__cause__, one.__context__]


def masked(value: str) -> str:
    """Return `****` and the last four characters, or only `****` when that would give too much."""
    return HIDDEN + value[-4:] if len(value) >= _MASK_FROM else HIDDEN


def header_value(secret: Secret, where: str) -> str:
    """Return the secret when an HTTP header can carry it byte for byte.

    Raises Malformed otherwise, naming `where` it came from and never the value: the HTTP library's
    own error would show it.
    """
    problem = unfit(secret)  # decided elsewhere: a traceback of here shows no value
    if problem:
        raise Malformed(
            f"The secret from {where} {problem}, which an HTTP header cannot carry.",
            hint="Copy it again; a secret is one line of printable ASCII.",
        )
    return secret.reveal()


def unfit(secret: Secret) -> str | None:
    """Say what makes a text no secret of this service, as the end of a sentence; None for one that is
    printable ASCII of a sane length."""
    value = secret.reveal()
    if not value:
        return "is empty"
    if len(value) > LONGEST:
        return f"is longer than {LONGEST // 1024} KiB"
    if not value.isascii():
        return "contains a character outside ASCII"
    if value.strip(" ") != value:
        return "begins or ends with a space"
    if not value.isprintable():  # of ASCII: " " to "~"
        return "contains a line break or another control character"
    return None
