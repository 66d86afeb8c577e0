"""One lock across processes: a kernel lock on a file that is never deleted.

A dead holder is released by the kernel, so nothing is ever stolen by age. Deleting the file on
release would split waiters across two inodes. A child forked meanwhile shares the lock with its
parent: it lets go of it at once, and the parent's release does not wait for the child's end.
"""

from __future__ import annotations

import errno
import os
import sys
import time

from nucliactl.disk.making import make_private_dir, not_writable, open_or_make
from nucliactl.errors import NotWritable, NucliactlError
from nucliactl.forks import in_every_child
from nucliactl.lean import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_POLL = 0.01
_FLAGS = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_NOTE = 1024
_open: set[Lock] = set()


class Lock:
    """An open lock file: held, or waited for."""

    def __init__(self, path: str) -> None:
        self.fd = open_or_make(path, _FLAGS)
        _open.add(self)

    def note(self) -> bytes:
        """Return what the last `leave_note` left for the next holder, b"" where nobody did. OSError."""
        os.lseek(self.fd, 0, os.SEEK_SET)
        return os.read(self.fd, _NOTE)

    def leave_note(self, note: bytes) -> None:
        """Leave a few bytes for the next holder, in the lock file. They may be lost or cut short, and whoever
        reads them has to see that. OSError."""
        os.ftruncate(self.fd, 0)
        os.lseek(self.fd, 0, os.SEEK_SET)
        os.write(self.fd, note)

    def release(self) -> None:
        """Unlock it for every process that shares it, and close it."""
        _open.discard(self)
        if self.fd >= 0:
            _unlock(self.fd)
            os.close(self.fd)


@in_every_child
def _disown_all() -> None:
    """Close them in a forked child; the parent still holds the locks."""
    for lock in _open:
        os.close(lock.fd)
        lock.fd = -1
    _open.clear()


@contextmanager
def locked(
    path: str,
    *,
    deadline: float = 30.0,
    held: Callable[[], NucliactlError] | None = None,
    abandoned: Callable[[], bool] = lambda: False,
) -> Iterator[Lock]:
    """Hold the exclusive lock `path` (created, 0600) for the duration.

    Waits at most `deadline` seconds, or until `abandoned` says that nobody wants it any more, then
    raises what `held` makes, else NucliactlError naming the file. Raises NotWritable
    where the lock file cannot be made: then nothing may be written either.
    """
    try:
        make_private_dir(os.path.dirname(path))
        lock = Lock(path)
    except OSError as error:
        raise not_writable(os.path.dirname(path), error) from None
    try:
        until = time.monotonic() + deadline
        while not _try_lock(lock.fd, path):
            if time.monotonic() > until or abandoned():
                raise held() if held else _held(path)
            time.sleep(_POLL)
        yield lock
    finally:
        lock.release()


@contextmanager
def locked_directory(path: str, *, deadline: float = 30.0) -> Iterator[None]:
    """Hold the exclusive lock of a directory that is not ours, in which no lock file is left; it is made,
    0700, where it is missing. On Windows a directory has no lock. Raises as `locked` does."""
    try:
        make_private_dir(path)
        fd = None if sys.platform == "win32" else os.open(path, os.O_RDONLY)
    except OSError as error:
        raise NotWritable(f"{path} cannot be written: {error.strerror}.") from None
    try:
        until = time.monotonic() + deadline
        while fd is not None and not _try_lock(fd, path):
            if time.monotonic() > until:
                raise NucliactlError(f"Another process is writing in {path}.", hint="Try again.")
            time.sleep(_POLL)
        yield
    finally:
        if fd is not None:
            os.close(fd)


def is_held(path: str) -> bool:
    """Say whether a process holds a lock. Nothing is made where there is no lock file."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return False
    try:
        return not _try_lock(fd, path)
    except NotWritable:
        return False
    finally:
        os.close(fd)


def _held(path: str) -> NucliactlError:
    return NucliactlError(
        f"Another process is writing the store and holds {path}.", hint="Try again when it has finished."
    )


if sys.platform == "win32":
    import msvcrt

    def _try_lock(fd: int, _path: str) -> bool:
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(fd: int) -> None:
        with suppress(OSError):
            os.lseek(fd, 0, os.SEEK_SET)  # where it was locked
            msvcrt.locking(fd, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(fd: int, path: str) -> bool:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            if error.errno == errno.EINTR:
                return False
            raise NotWritable(f"{path} cannot be locked: {error.strerror}.") from None
        return True

    def _unlock(fd: int) -> None:
        with suppress(OSError):
            fcntl.flock(fd, fcntl.LOCK_UN)
