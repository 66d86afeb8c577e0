"""Looking at a file that may be nobody's business of ours: read, but not judged."""

import errno
import os
import stat
from typing import NamedTuple

from nucliactl.disk.reading import FLAGS
from nucliactl.errors import Unreadable

_NOTHING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_PIECE = 1024 * 1024


class NotAFile(Unreadable):
    """What is there is a directory, a pipe, a device or a socket. It is not opened."""


class Looked(NamedTuple):
    """The first bytes of a file, the `os.stat` mode bits it was read under, and its owner's uid."""

    data: bytes
    mode: int
    uid: int


def look(path: str, limit: int) -> Looked | None:
    """Return up to `limit` bytes of a regular file, None if there is none or a link leads nowhere.

    Neither mode nor size nor owner counts. Raises NotAFile, or Unreadable. Never blocks.
    """
    try:
        info = os.stat(path)
        if not stat.S_ISREG(info.st_mode):
            raise NotAFile(f"{path} is not a regular file.")
        fd = os.open(path, FLAGS)
        try:
            info = os.fstat(fd)
            data = b""
            while len(data) < limit and (more := os.read(fd, min(_PIECE, limit - len(data)))):
                data += more
        finally:
            os.close(fd)
    except OSError as error:
        if error.errno in _NOTHING:
            return None
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    return Looked(data, stat.S_IMODE(info.st_mode), info.st_uid)
