"""JSON as `json.loads` reads it, faster: in half its time, and without its import where the text is plain."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK = " \t\n\r"
_SPACED = {ord(mark): f" {mark} " for mark in "{}[]:,"}
_WORDS = {"true": True, "false": False, "null": None}
_DIGITS = 15


def loads(data: bytes) -> object:
    """Return what `json.loads` does, and raise what it raises: ValueError, RecursionError."""
    if "json" not in sys.modules and (plain := read_plain(data)) is not None:
        return plain
    import json

    if data.startswith(b"{") and data.isascii() and b"\0" not in data:
        text = data.decode("ascii")
        found: object
        found, end = json.JSONDecoder().raw_decode(text)
        if not text[end:].strip(_BLANK):
            return found
    whole: object = json.loads(data)
    return whole


def read_plain(data: bytes) -> dict[str, object] | None:
    """Return what `json.loads` makes of an object in plain letters: ASCII, nothing escaped, no blanks but
    spaces and line breaks, whole numbers of up to 15 digits, no key twice. None for all else, be it JSON or
    not. To import the parser of JSON takes longer than a command that reads one file."""
    text = data.decode("latin-1")
    texts = text.split('"')
    if "\\" in text or not text.isascii() or not text.replace("\n", "").isprintable():
        return None
    if not len(texts) % 2 or any("\n" in between for between in texts[1::2]):
        return None
    tokens = _tokens(texts)
    try:
        found = _value(next(tokens), tokens)
    except (StopIteration, RecursionError, ValueError):
        return None
    return found if isinstance(found, dict) and next(tokens, None) is None else None


def _tokens(texts: list[str]) -> Iterator[str]:
    """Yield the marks, words and numbers outside of quotes, and each text with one quote before it."""
    for place, text in enumerate(texts):
        if place % 2:
            yield '"' + text
        else:
            yield from text.translate(_SPACED).split()


def _value(first: str, tokens: Iterator[str]) -> object:
    """Return the value that begins with `first`. Raises ValueError or StopIteration for one that is not
    plain."""
    if first[0] == '"':
        return first[1:]
    if first == "{":
        return _object(tokens)
    if first == "[":
        return _array(tokens)
    if first in _WORDS:
        return _WORDS[first]
    if first.isdigit() and len(first) <= _DIGITS and (first == "0" or first[0] != "0"):
        return int(first)
    raise ValueError


def _object(tokens: Iterator[str]) -> dict[str, object]:
    found: dict[str, object] = {}
    key = next(tokens)
    while key != "}" or found:
        if key[0] != '"' or key[1:] in found or next(tokens) != ":":
            raise ValueError
        found[key[1:]] = _value(next(tokens), tokens)
        if not _goes_on(next(tokens), "}"):
            break
        key = next(tokens)
    return found


def _array(tokens: Iterator[str]) -> list[object]:
    found: list[object] = []
    first = next(tokens)
    while first != "]" or found:
        found.append(_value(first, tokens))
        if not _goes_on(next(tokens), "]"):
            break
        first = next(tokens)
    return found


def _goes_on(mark: str, end: str) -> bool:
    """Say whether a comma follows, False for the end. ValueError for anything else."""
    if mark not in (",", end):
        raise ValueError
    return mark == ","
