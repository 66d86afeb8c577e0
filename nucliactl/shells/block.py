"""A marked block in a start file that is somebody else's: put in, and taken out again to the byte."""

from __future__ import annotations

from nucliactl.errors import Damaged
from nucliactl.tuples import NamedTuple

_NAME = b"nucliactl completion"
_BEGIN, _END = b"# >>> " + _NAME, b"# <<< " + _NAME + b" <<<"
_NEW, _UNENDED = b" (in a file of its own)", b" (the line above had no end)"


class Text(NamedTuple):
    """A start file without the block, what stands before and behind it, and how it came into the file."""

    before: bytes
    behind: bytes
    note: bytes = b""
    there: bool = False

    @property
    def without(self) -> bytes | None:
        """The file as it was before the block came; None where it was made for it and has nothing else."""
        if self.note == _NEW and not self.before + self.behind:
            return None
        unended = self.note == _UNENDED and not self.behind
        return self.before.removesuffix(b"\n") if unended else self.before + self.behind

    def with_block(self, line: str, command: str) -> bytes:
        """The file with one block that runs `line`; `command` is what takes it out again."""
        said = f"# Written by nucliactl; to take it out: {command}".encode()
        block = b"\n".join((_BEGIN + self.note + b" >>>", said, line.encode(), _END, b""))
        return self.before + block + self.behind


def taken_apart(data: bytes | None, path: str) -> Text:
    """Take a start file apart at the block; None is a file that is not there yet.

    Raises Damaged where a block of ours is not whole, stands there twice, or holds what is not ours.
    """
    if data is None:
        return Text(b"", b"", _NEW)
    lines = data.splitlines(keepends=True)
    begins = [number for number, line in enumerate(lines) if line.startswith(_BEGIN)]
    ends = [number for number, line in enumerate(lines) if line.startswith(_END)]
    if not begins and not ends:
        return Text(data, b"") if data.endswith(b"\n") or not data else Text(data + b"\n", b"", _UNENDED)
    _check(lines, begins, ends, path)
    begin, end = begins[0], ends[0]
    note = lines[begin].rstrip().removeprefix(_BEGIN).removesuffix(b" >>>")
    return Text(b"".join(lines[:begin]), b"".join(lines[end + 1 :]), note, there=True)


def _check(lines: list[bytes], begins: list[int], ends: list[int], path: str) -> None:
    if len(begins) != 1 or len(ends) != 1 or begins[0] > ends[0]:
        numbers = ", ".join(str(number + 1) for number in sorted(begins + ends))
        raise Damaged(
            f"The block of nucliactl in {path} is not whole: it needs one mark that begins it and one that "
            f"ends it, and there are marks in line {numbers}.",
            hint=f"Take out these lines, and what belongs to them, then try again: {_editing(path)}",
        )
    for number in range(begins[0] + 1, ends[0]):
        if lines[number].strip() and not lines[number].startswith(b"#") and _NAME not in lines[number]:
            raise Damaged(
                f"Line {number + 1} of {path} stands in the block of nucliactl and is not of it.",
                hint=f"Move it out of the block, then try again: {_editing(path)}",
            )


def _editing(path: str) -> str:
    from nucliactl.text import quoted

    return f'"${{EDITOR:-vi}}" {quoted(path)}'
