"""Looking at a file that may be nobody's business of ours: read, but not judged."""

from __future__ import annotations

import errno
import os
import stat

from nucliactl.disk import witness
from nucliactl.errors import Unreadable
from nucliactl.tuples import NamedTuple

# Without O_NONBLOCK the open of a pipe that nobody writes to would hang.
FLAGS = os.O_RDONLY
for _flag in ("O_NONBLOCK", "O_BINARY"):
    FLAGS |= getattr(os, _flag, 0)
_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_PIECE = 1024 * 1024


class NotAFile(Unreadable):
    """What is there is a directory, a pipe, a device or a socket. It is not opened."""


class Contents(NamedTuple):
    """What a file holds, and its status when it was read."""

    data: bytes
    info: os.stat_result

    @property
    def mode(self) -> int:
        """The mode bits, without the type."""
        return self.info.st_mode & 0o7777

    @property
    def uid(self) -> int:
        """Whose it is."""
        return self.info.st_uid

    @property
    def stamp(self) -> witness.Stamp:
        """What tells it from the file that takes its place."""
        return witness.stamp_of(self.info)


def look(path: str, limit: int) -> Contents | None:
    """Return up to `limit` bytes of a regular file, None if there is none or a link leads nowhere.

    Neither mode nor size nor owner counts. Raises NotAFile, or Unreadable. Never blocks.
    """
    try:
        if not stat.S_ISREG(witness.status(path).mode):
            raise NotAFile(f"{path} is not a regular file.")
        fd = os.open(path, FLAGS)
        try:
            info = os.fstat(fd)
            witness.contents(path, info)
            data = b""
            while len(data) < limit and (more := os.read(fd, min(_PIECE, limit - len(data)))):
                data += more
        finally:
            os.close(fd)
    except OSError as error:
        witness.contents(path, error)
        if error.errno in _NOTHING:
            return None
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    return Contents(data, info)
