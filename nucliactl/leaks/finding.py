"""Keys of the service in any text: plain, folded over lines, in base64. Pure."""

from __future__ import annotations

import binascii
import hashlib
from bisect import bisect_right
from collections.abc import Iterator

from nucliactl.leaks.jwts import jwts
from nucliactl.leaks.opaque import tokens
from nucliactl.patterns import pattern
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import Form

_DEEPEST = 2
_CODED = pattern(r"[A-Za-z0-9+/_-]{32,}={0,2}")
_KEY_CODED = pattern("ZXlK|ZXdv")  # what `eyJ` and `ewo` are in base64
_BEGINNINGS = 8
_BLANKS = r"[ \t]{0,80}"
_QUOTE = r"\\?[\"'`]"
_WORD = pattern(r"[A-Za-z0-9+/_.=-]{16,}")
# What breaks a long word in two: the end of a line (after a backslash, or a quote and an operator), a `\n`
# that is spelled out, two strings that are put together.
_FOLD = pattern(
    rf"(?:(?:\\[nr])+|(?:{_QUOTE}{_BLANKS}[+&.]?|\\)?{_BLANKS}\r?\n[ \t>#*|]{{0,80}}(?:{_QUOTE})?"
    rf"|{_QUOTE}{_BLANKS}[+&.]?{_BLANKS}{_QUOTE})"
    r"(?=[A-Za-z0-9+/_.=-])"
)


class Found(NamedTuple):
    """A key in a text: the character it begins at, what it is by its form, and a fingerprint that tells it
    from others and does not show it."""

    start: int
    form: Form
    fingerprint: str


def find(text: str) -> list[Found]:
    """Return the keys of the service that stand in a text, each once, in their order."""
    return _find(text, _DEEPEST)


def _find(text: str, deep: int) -> list[Found]:
    found: dict[int, Found] = {}
    for one in _all(text, deep):
        found.setdefault(one.start, one)
    return [found[start] for start in sorted(found)]


def _all(text: str, deep: int) -> Iterator[Found]:
    whole = _Unfolded(text)
    for start, stated, form in jwts(whole.text):
        yield Found(whole.place(start), form, fingerprint(stated))
    written = () if whole.text == text else (_Unfolded(text, folded=True),)
    for variant in (whole, *written) if deep else ():
        for start, hidden in _coded(variant.text):
            for inner in _find(hidden, deep - 1):
                yield inner._replace(start=variant.place(start))
    for start, token in tokens(text):
        yield Found(start, "token of a user", fingerprint(token))


def fingerprint(secret: str) -> str:
    """Return what tells a key from others: the beginning of its SHA-256."""
    return f"sha256:{hashlib.sha256(secret.encode()).hexdigest()[:16]}"


class _Unfolded:
    """A text whose long words are whole again, and the places where its characters stood before."""

    def __init__(self, text: str, *, folded: bool = False) -> None:
        self.text = text
        self._joints, self._shifts = [0], [0]
        if folded:
            return
        parts: list[str] = []
        length = end = 0
        for word in _WORD.finditer(text):
            fold = _FOLD.match(text, word.end())
            if fold is None:
                continue
            parts.append(text[end : fold.start()])
            length += fold.start() - end
            end = fold.end()
            self._joints.append(length)
            self._shifts.append(end - length)
        self.text = "".join((*parts, text[end:]))

    def place(self, start: int) -> int:
        """Return where a character of the whole text stood."""
        return start + self._shifts[bisect_right(self._joints, start) - 1]


def _coded(text: str) -> Iterator[tuple[int, str]]:
    """Yield the texts that are written in base64, with the place of each."""
    for run in _CODED.finditer(text):
        word = run[0].replace("-", "+").replace("_", "/").rstrip("=")
        marks = [mark.start() for mark, _ in zip(_KEY_CODED.finditer(word), range(_BEGINNINGS), strict=False)]
        for begin in {0, *marks}:
            whole = (len(word) - begin) // 4 * 4  # what is cut off holds no key
            data = binascii.a2b_base64(word[begin : begin + whole]).replace(b"\0", b"")
            if data.isascii():
                yield run.start() + begin, data.decode()
