"""In which line of a TOML file a key stands, for messages about its value."""

from __future__ import annotations

from nucliactl.disk.reading import read_file
from nucliactl.errors import NucliactlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from nucliactl.disk.reading import Read


def place_of(path: str, key: str, read: Read = read_file) -> str:
    """Return `path:line` of a top-level key; the path alone where it is not found."""
    try:
        contents = read(path, judged=False)
        text = contents.data.decode("utf-8-sig") if contents else ""
    except (NucliactlError, UnicodeDecodeError):
        return path
    line = _line_of(text, key)
    return f"{path}:{line}" if line else path


def first_named(message: str, keys: Iterable[str]) -> str | None:
    """Return the first of some keys that a message names, None if it names none."""
    import re

    known = frozenset(keys)
    return next((word for word in re.findall(r"[A-Za-z0-9_-]+", message) if word in known), None)


def _line_of(text: str, key: str) -> int | None:
    """A line that begins with the key counts only where what stands before it is whole: inside of a
    text of several lines it is no key."""
    import re
    import tomllib

    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines, 1):
        if re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*[.=]", line):
            try:
                tomllib.loads("".join(lines[: number - 1]))
            except (tomllib.TOMLDecodeError, ValueError, RecursionError):
                continue
            return number
    return None
