"""The body of an answer on standard output: byte for byte, or what --query picks from it."""

import codecs
import sys
from collections.abc import Iterable, Iterator
from typing import Any

from nucliactl.errors import NucliactlError
from nucliactl.service.payload import read_json

_AS_IT_IS = "See it as it is, without --query and --paginate."
BOUND = 64 * 1024 * 1024
_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/json-lines")


class Out:
    """Standard output, flushed at each piece. On a terminal what would control it is escaped, and a line
    break follows the last line."""

    def __init__(self) -> None:
        self._people = sys.stdout.isatty()
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        self._ended = True

    def write(self, piece: bytes) -> None:
        if self._people:
            text = self._decoder.decode(piece).replace("\r\n", "\n")
            sys.stdout.write("".join(map(_harmless, text)))
        else:
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
        self._ended = piece.endswith(b"\n") if piece else self._ended

    def text(self, text: str) -> None:
        """Print a text on lines of its own; nothing for an empty one."""
        if text:
            self.write(text.encode("utf-8", "backslashreplace") + b"\n")

    def head(self, lines: list[str]) -> None:
        """Print the head of an answer, as HTTP writes it."""
        self.write("".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1", "replace"))

    def end_line(self) -> None:
        if not self._ended:
            self.write(b"\n")

    def end(self) -> None:
        if self._people:
            self.end_line()


def _harmless(character: str) -> str:
    return character if character.isprintable() or character in "\n\t" else ascii(character)[1:-1]


def whole(pieces: Iterable[bytes]) -> bytes:
    """Return a body. Raises NucliactlError where it is larger than what can be looked into."""
    body = bytearray()
    for piece in pieces:
        body += piece
        check_size(len(body))
    return bytes(body)


def check_size(size: int) -> None:
    """Raise NucliactlError for more bytes of an answer than are kept at once."""
    if size > BOUND:
        raise NucliactlError("The answer is too large to be looked into.", hint=_AS_IT_IS)


def lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a body, each as soon as it is whole. Raises NucliactlError as `whole` does."""
    held = bytearray()
    for piece in pieces:
        *done, rest = piece.split(b"\n")
        for line in done:
            held += line
            if held.strip():
                yield bytes(held)
            held.clear()
        held += rest
        check_size(len(held))
    if held.strip():
        yield bytes(held)


def parsed(body: bytes) -> Any:
    """Return a body's JSON, None for an empty one. Raises NucliactlError."""
    try:
        return read_json(body) if body.strip() else None
    except (ValueError, RecursionError):
        raise NucliactlError("The answer is not JSON.", hint=_AS_IT_IS) from None


def is_lines(content_type: str) -> bool:
    """Say whether an answer is a JSON value a line, as `ask` sends it."""
    return content_type in _LINES
