"""TOML and JSON, as files of the store hold them."""

from __future__ import annotations

from functools import lru_cache

from nucliactl import json_reading
from nucliactl.errors import Damaged
from nucliactl.patterns import pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


# One key and its text or truth, or nothing, and a comment: what the tool's own writer makes. Texts with
# escapes or tabs, and all else that TOML has, are left to Python's parser.
_FLAT = pattern(
    r'(?:([A-Za-z0-9_-]+)[ \t]*=[ \t]*(?:"([^"\\\x00-\x1f\x7f]*)"|(true|false)))?'
    r"[ \t]*(?:#[^\x00-\x08\x0a-\x1f\x7f]*)?"
)


_MARK = b"\xef\xbb\xbf"
_KEY = pattern(r"[ \t]*\n[ \t\n]*([A-Za-z0-9_-]+)[ \t]*=[ \t]*")


def parse_toml(data: bytes, path: str) -> dict[str, Any]:
    """Return the table of a TOML file; a byte order mark is allowed. Raises Damaged with the line."""
    try:
        text = data.removeprefix(_MARK).decode()
    except UnicodeDecodeError as error:
        raise Damaged(f"{path} is not UTF-8 (byte {error.start}).", hint="Save it as UTF-8.") from None
    flat = parse_flat(text)
    if flat is not None:
        return flat
    import tomllib

    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "impossible value"
        raise Damaged(f"{path} is not valid TOML: {reason}.", hint="Correct that line.") from None


def parse_flat(text: str) -> dict[str, str | bool] | None:
    """Return what `tomllib` makes of lines of the simplest form, in a tenth of its time and without its
    import; None for a text that has any other."""
    if (texts := parse_texts(text)) is not None:
        return texts
    table: dict[str, str | bool] = {}
    for line in text.split("\n"):
        found = _FLAT.fullmatch(line)
        if found is None:
            return None
        key, said, truth = found.groups()
        if key is not None:
            if key in table:  # twice is an error
                return None
            table[key] = truth == "true" if said is None else said
    return table


def parse_texts(text: str) -> dict[str, str | bool] | None:
    """Return the same of lines that are keys with texts and nothing else, in half its time again: between
    quotes stand a key and a text by turns."""
    *parts, last = ("\n" + text).split('"')
    values = parts[1::2]
    if last.strip(" \t\n") or len(parts) % 2 or "\\" in text or not "".join(values).isprintable():
        return None
    keys = [key for part in parts[::2] if (key := _key_of(part))]
    table: dict[str, str | bool] = dict(zip(keys, values, strict=False))
    return table if len(table) == len(values) else None


@lru_cache
def _key_of(part: str) -> str | None:
    """Return the key that begins a new line and is given a text."""
    found = _KEY.fullmatch(part)
    return found[1] if found else None


def parse_json(data: bytes, path: str, hint: str) -> dict[str, Any]:
    """Return the object of a JSON file. Raises Damaged with that hint."""
    try:
        found = json_reading.loads(data)
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is not valid JSON.", hint=hint) from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} is not a JSON object.", hint=hint)
    return found
