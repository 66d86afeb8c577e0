"""TOML and JSON, as files of the store hold them."""

from __future__ import annotations

from nucliactl import json_reading
from nucliactl.errors import Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_MARK = b"\xef\xbb\xbf"
_BLANK = " \t"
_OF_KEYS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_TRUTHS = {"true": True, "false": False}


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
    import; None for a text that has any other.

    A line of that form is empty, or has a bare key with a printable text in double quotes, nothing escaped,
    or with true or false; a comment may follow.
    """
    table: dict[str, str | bool] = {}
    for line in text.split("\n"):
        stated, _, rest = line.partition("=")
        key = stated.strip(_BLANK)
        if not key or key[0] == "#":  # an equals sign may stand in the comment
            if _is_comment(line.strip(_BLANK)) and (key or not rest):
                continue
            return None
        value, end = _value(rest.strip(_BLANK))
        if value is None or key in table or not _OF_KEYS.issuperset(key) or not _is_comment(end):
            return None
        table[key] = value
    return table


def _value(text: str) -> tuple[str | bool | None, str]:
    """Return the value with which a text begins, None for any but those of `parse_flat`, and what follows."""
    if text[:1] == '"':
        value, quote, after = text[1:].partition('"')
        plain = quote and "\\" not in value and value.isprintable()
        return value if plain else None, after.strip(_BLANK)
    word, mark, comment = text.partition("#")
    return _TRUTHS.get(word.rstrip(_BLANK)), mark + comment


def _is_comment(text: str) -> bool:
    """Say whether the end of a line is a comment that is printable, or nothing."""
    return not text or (text[0] == "#" and text.replace("\t", " ").isprintable())


def parse_json(data: bytes, path: str, hint: str) -> dict[str, Any]:
    """Return the object of a JSON file. Raises Damaged with that hint."""
    try:
        found = json_reading.loads(data)
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is not valid JSON.", hint=hint) from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} is not a JSON object.", hint=hint)
    return found
