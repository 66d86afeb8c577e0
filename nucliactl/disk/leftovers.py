"""Temporary files: one that lives is locked by its writer, so that what a killed one left is known."""

from __future__ import annotations

import os
import stat
import sys
import time

from nucliactl.forks import in_every_child
from nucliactl.lean import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TEMP = ".nucliactl-tmp-"
_STALE = 3600.0
_SETTLED = 3.0
_BYTES = getattr(os, "O_BINARY", 0)  # or Windows writes line ends of its own
_FLAGS = 0
for _flag in ("O_NOFOLLOW", "O_NONBLOCK"):
    _FLAGS |= getattr(os, _flag, 0)
_open: set[int] = set()


def create(folder: str) -> tuple[str, int]:
    """Make a temporary file in a directory, 0600 from birth and locked until its descriptor is closed;
    return its path and that descriptor."""
    while True:
        path = os.path.join(folder, f"{TEMP}{os.urandom(8).hex()}")
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BYTES, 0o600)
        _lock(fd, wait=True)
        if os.fstat(fd).st_nlink:
            _open.add(fd)
            return path, fd
        os.close(fd)  # swept before it was locked


def close(fd: int) -> None:
    """Close a descriptor that `create` returned."""
    _open.discard(fd)
    os.close(fd)


@in_every_child
def _close_all() -> None:
    """A forked child writes none of them: it would keep them locked when its parent is killed."""
    for fd in _open:
        os.close(fd)
    _open.clear()


def sweep(folder: str) -> bool:
    """Remove what killed writers left in a directory; what somebody is writing stays. Say whether there was
    nothing of either."""
    found = _temporary(folder)
    for path in found:
        with suppress(OSError):
            _if_dead(path, _opened, os.unlink)  # while it is locked: its writer would look, and make another
    return not found


def sweep_changed(folders: Iterable[str], swept: bytes) -> bytes:
    """Sweep those directories in which something has come or gone since `swept` was returned: to list a large
    one is dear. Return what the next call is given, b"" being given to the first. A directory that has just
    changed is not in it: on a coarse file system it could change once more and look the same."""
    known = swept.splitlines()
    unchanged = []
    for folder in folders:
        try:
            seen = os.stat(folder)
        except OSError:
            continue
        stamp = f"{seen.st_dev} {seen.st_ino} {seen.st_mtime_ns} {seen.st_ctime_ns}".encode()
        settled = time.time() - max(seen.st_mtime, seen.st_ctime) > _SETTLED
        if stamp in known or (sweep(folder) and settled):
            unchanged.append(stamp)
    return b"\n".join(unchanged)


def left_in(folder: str) -> list[str]:
    """Return the paths of what killed writers left in a directory; nothing is changed."""
    found: list[str] = []
    for path in _temporary(folder):
        try:
            _if_dead(path, lambda path: os.open(path, _FLAGS | os.O_RDONLY), found.append)
        except PermissionError:  # as in `_opened`
            found.append(path)
        except OSError:
            continue
    return found


def _temporary(folder: str) -> list[str]:
    with suppress(OSError):
        return [os.path.join(folder, name) for name in os.listdir(folder) if name.startswith(TEMP)]
    return []


def _if_dead(path: str, opened: Callable[[str], int], then: Callable[[str], None]) -> None:
    """Do something to a temporary file that no living writer holds."""
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return
    if sys.platform == "win32":
        if time.time() - os.stat(path).st_mtime > _STALE:
            then(path)
        return
    fd = opened(path)
    try:
        if _lock(fd, wait=False):
            then(path)
    finally:
        os.close(fd)


def _opened(path: str) -> int:
    # For writing: NFS locks nothing else for one process alone.
    flags = _FLAGS | os.O_RDWR
    try:
        return os.open(path, flags)
    except PermissionError:  # made under a umask that closes it, by a process that ended then
        os.chmod(path, 0o600)
        return os.open(path, flags)


if sys.platform == "win32":

    def _lock(_fd: int, *, wait: bool) -> bool:
        return wait

else:
    import fcntl

    def _lock(fd: int, *, wait: bool) -> bool:
        """Lock a file; say whether that was possible. The wait is for a sweep, and short."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
