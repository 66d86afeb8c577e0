"""The three standard streams, fit to be used: closed, full or read by nobody, they stop nothing.

Words to people may be lost; what they go along with is done all the same.
"""

from __future__ import annotations

import io
import os
import sys

from nucliactl.errors import NucliactlError
from nucliactl.lean import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO


class _ToPeople(io.TextIOWrapper):
    """stderr, which nobody may read any more: a full disk, a reader that has gone, a terminal that has."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError:
            self._abandon()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            self._abandon()

    def _abandon(self) -> None:
        abandon(self)
        super().flush()


def mend_streams() -> None:
    """Stand in for closed streams, so that a note never lands where data goes; let an output that
    cannot show a character show its number, and one to people fail without a word."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115
    if sys.stderr is sys.__stderr__ and isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = _ToPeople(sys.stderr.buffer, sys.stderr.encoding, line_buffering=True)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors != "backslashreplace":
            stream.reconfigure(errors="backslashreplace")


def is_closed(stream: object) -> bool:
    """Say whether a standard stream was closed when the program began; a stand-in has its place."""
    return stream is None or getattr(stream, "name", None) == os.devnull


def print_bytes(data: bytes) -> None:
    """Print data byte for byte, whatever the locale. Raises NucliactlError where that cannot be done."""
    with told():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def told() -> Iterator[None]:
    """Turn what stops writing to standard output into an error with its name; that its reader has gone stays
    what it is."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon(sys.stdout)
        raise _unwritable(error) from None


def in_words(error: OSError) -> NucliactlError:
    """Return what people are told of an error of the system that nobody else has words for. Where there is no
    room, it is standard output's: who writes a file names it."""
    import errno  # `version` needs none of it

    no_room = (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", errno.ENOSPC))
    if error.errno in no_room and error.filename is None:
        return _unwritable(error)
    return NucliactlError(f"The system refused: {error.strerror or error}.")


def _unwritable(error: OSError) -> NucliactlError:
    return NucliactlError(
        f"Standard output cannot be written: {error.strerror}.", hint="Make room there, or write elsewhere."
    )


def abandon(stream: TextIO) -> None:
    """Point a stream elsewhere, so that what is left in it goes away quietly."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
