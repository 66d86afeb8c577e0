"""Reading a file: absent, unreadable and refused are three different things, and none hangs."""

import errno
import os
import stat
from typing import NamedTuple

from nucliactl.errors import Damaged, NucliactlError, Refused

LIMIT = 1024 * 1024
# Without O_NONBLOCK the open of a pipe that nobody writes to would hang.
FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
    FLAGS |= getattr(os, _flag, 0)


class Unreadable(NucliactlError):
    """A file is there and cannot be read."""


class Contents(NamedTuple):
    """What a file holds, the `os.stat` mode bits it was read under, and its owner's uid."""

    data: bytes
    mode: int
    uid: int

    @property
    def readable_by_others(self) -> bool:
        return bool(self.mode & 0o077) and os.name == "posix"


def read_file(path: str, *, limit: int = LIMIT) -> Contents | None:
    """Return what a regular file holds, or None if there is no such file.

    Symlinks are judged by their target. Raises Refused if others may write it, Damaged if it is no
    regular file or larger than `limit` bytes, Unreadable if it cannot be opened. Never blocks.
    """
    try:
        fd = os.open(path, FLAGS)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    try:
        info = os.fstat(fd)
        if not stat.S_ISREG(info.st_mode):
            raise Damaged(f"{path} is not a regular file.", hint="Move it away.")
        check_not_writable_by_others(path, info.st_mode)
        if info.st_size > limit:
            raise Damaged(f"{path} is larger than {limit // 1024} KiB.", hint="Move it away.")
        data = os.read(fd, limit + 1)
        while (more := os.read(fd, limit + 1)) and len(data) <= limit:
            data += more
        if len(data) > limit:
            raise Damaged(f"{path} is larger than {limit // 1024} KiB.", hint="Move it away.")
        return Contents(data, stat.S_IMODE(info.st_mode), info.st_uid)
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    finally:
        os.close(fd)


def read_pipe(path: str, seconds: float, *, limit: int = LIMIT) -> bytes:
    """Return what comes through a named pipe until its writers close it, within `seconds` in all.

    Raises Unreadable at the deadline or beyond `limit` bytes.
    """
    import select
    import time

    until = time.monotonic() + seconds
    data = b""
    started = False
    fd = os.open(path, FLAGS)
    try:
        while (left := until - time.monotonic()) > 0 and len(data) <= limit:
            if not select.select([fd], [], [], left)[0]:
                break
            try:
                more = os.read(fd, 65536)
            except BlockingIOError:
                continue
            if more:
                data, started = data + more, True
            elif started:
                return data
            else:
                time.sleep(0.01)  # no writer has come yet
    finally:
        os.close(fd)
    raise Unreadable(f"{path} is a pipe that did not deliver within {seconds:g} seconds.")


def is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def check_not_writable_by_others(path: str, mode: int) -> None:
    """Raise Refused where anyone on the machine may write the file."""
    if mode & stat.S_IWOTH and os.name == "posix":
        raise Refused(f"{path} may be written by everybody.", hint=f"chmod o-w {quoted(path)}")


def check_private(path: str, contents: Contents) -> None:
    """Raise Refused where group or others can read a file that holds a secret."""
    if contents.readable_by_others:
        raise Refused(f"{path} holds a secret and can be read by others.", hint=f"chmod 600 {quoted(path)}")


def quoted(text: str) -> str:
    """Return a path or name as a shell takes it."""
    import re

    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", text):
        return text
    return "'" + text.replace("'", "'\"'\"'") + "'"
