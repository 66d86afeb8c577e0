"""A pin, `.nuclia-profile`: one line that names a profile, or several of different kinds."""

from __future__ import annotations

from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged
from nucliactl.tuples import NamedTuple

PIN = ".nuclia-profile"
LIMIT = 4096


class Pin(NamedTuple):
    """What a pin names, the file, and the line it stands in."""

    names: str
    path: str
    line: int


def parse_pin(data: bytes, path: str) -> Pin | None:
    """Return what a pin names; None for one of blank lines and comments only.

    Raises Damaged for anything that is not one line of UTF-8.
    """
    if len(data) > LIMIT:
        raise Damaged(f"{path} is larger than {LIMIT // 1024} KiB.", hint="It holds the name of a profile.")
    names = _names(_lines(data, path))
    return _one(names, path) if names else None


def pinned(path: str, names: str) -> bytes:
    """Return a pin that names `names`, with the comments of the one that is there.

    Raises Damaged where what is there is no pin: nobody's notes are overwritten.
    """
    contents = read_file(path)
    if contents is None or not contents.data.strip():
        return names.encode() + b"\n"
    lines = _lines(contents.data, path)
    before = _one(_names(lines), path)
    lines[before.line - 1] = lines[before.line - 1].replace(before.names, names, 1)
    return "".join(lines).encode()


def unpinned(path: str) -> tuple[str | None, bytes]:
    """Return what a pin names, None where there is no pin or it names nothing; and what else is worth
    keeping of it: its comments. Raises Damaged where what is there is no pin."""
    contents = read_file(path)
    lines = _lines(contents.data, path) if contents else []
    if not (named := _names(lines)):
        return None, b""
    found = _one(named, path)
    del lines[found.line - 1]
    return found.names, "".join(lines).encode() if any(line.strip() for line in lines) else b""


def _lines(data: bytes, path: str) -> list[str]:
    try:
        return data.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise Damaged(f"{path} is not UTF-8.", hint="It holds the name of a profile.") from None


def _names(lines: list[str]) -> dict[int, str]:
    """Return the lines that are no comment, by number."""
    stripped = ((number, line.strip()) for number, line in enumerate(lines, 1))
    return {number: line for number, line in stripped if line and not line.startswith("#")}


def _one(names: dict[int, str], path: str) -> Pin:
    if len(names) != 1:
        second = f" (line {list(names)[1]} is one too many)" if names else ""
        raise Damaged(
            f"{path} has {len(names)} lines where it should have one{second}.",
            hint="It holds the name of a profile, or several of different kinds: acme-kb,acme-nua",
        )
    ((line, text),) = names.items()
    return Pin(text, path, line)
