"""TOML and JSON, as files of the store hold them."""

from __future__ import annotations

import json

from nucliactl.errors import Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def parse_toml(data: bytes, path: str) -> dict[str, Any]:
    """Return the table of a TOML file; a byte order mark is allowed. Raises Damaged with the line."""
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Damaged(f"{path} is not UTF-8 (byte {error.start}).", hint="Save it as UTF-8.") from None
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, tomllib.TOMLDecodeError) else "impossible value"
        raise Damaged(f"{path} is not valid TOML: {reason}.", hint="Correct that line.") from None


def parse_json(data: bytes, path: str, hint: str) -> dict[str, Any]:
    """Return the object of a JSON file. Raises Damaged with that hint."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is not valid JSON.", hint=hint) from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} is not a JSON object.", hint=hint)
    return found
