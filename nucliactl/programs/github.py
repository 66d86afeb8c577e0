"""The file in which a step of GitHub Actions leaves variables for those after it."""

import contextlib
import os

from nucliactl.errors import NotWritable

VARIABLE = "GITHUB_ENV"


def append(path: str, text: str) -> None:
    """Append whole lines to a file, or nothing. Raises NotWritable."""
    data = text.encode()
    try:
        fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    except (OSError, ValueError) as error:
        raise _failed(path, error) from None
    try:
        size = os.fstat(fd).st_size
        os.lseek(fd, max(size - 1, 0), os.SEEK_SET)
        if size and os.read(fd, 1) != b"\n":  # somebody's last line is not ended
            data = b"\n" + data
        try:
            _write(fd, data)
        except OSError:
            with contextlib.suppress(OSError):  # not a file
                os.ftruncate(fd, size)
            raise
    except OSError as error:
        raise _failed(path, error) from None
    finally:
        os.close(fd)


def _write(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def _failed(path: str, error: Exception) -> NotWritable:
    reason = getattr(error, "strerror", None) or "not a path"
    return NotWritable(
        f"{VARIABLE} names {path}, which cannot be written: {reason}.",
        hint=f"A runner sets {VARIABLE}; elsewhere unset it, and the lines are printed: unset {VARIABLE}",
    )
