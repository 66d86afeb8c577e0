"""What an answer saw of the disk: while a second look sees the same, the answer stands.

The rooms that read look at paths by the functions of this module, and `read_file` and `look` say which file
they read. Who wants to know has them `watched`. What cannot be looked at again says so by `unrepeatable`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from _thread import _local as local  # of `threading`, whose import is dear
from collections.abc import Callable, Iterator

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeGuard

    Stamp = tuple[tuple[int, ...], int, int]
    Eye = Callable[[str], object]

SETTLED = 3_000_000_000
"""Nanoseconds after which a file that changes has another time than before: FAT counts in steps of two
seconds, and the kernel's clock is late by some milliseconds."""
_MANY = 64
_EFFECTIVE = os.access in os.supports_effective_ids and os.access in os.supports_follow_symlinks


class _Local(local):
    watches: tuple[Watch, ...] = ()


class Status(NamedTuple):
    """What may be asked of a path: its mode with its type, its owner's uid, the bytes of a regular file."""

    mode: int
    uid: int
    size: int


class Look(NamedTuple):
    """One look at a path, and what it saw; `eye` looks again. An errno stands for what raises it."""

    eye: Eye
    path: str
    saw: object


def status(path: str) -> Status:
    """Return the status of what a path leads to. OSError."""
    return _seen(_status, path, os.stat)


def link_status(path: str) -> Status:
    """Return the status of a path itself, which may be a link. OSError."""
    return _seen(_link_status, path, os.lstat)


def exists(path: str) -> bool:
    """Say whether a path leads to something, as `os.path.exists` does."""
    return _mode(status, path) != 0


def is_directory(path: str) -> bool:
    return stat.S_ISDIR(_mode(status, path))


def is_file(path: str) -> bool:
    return stat.S_ISREG(_mode(status, path))


def is_pipe(path: str) -> bool:
    return stat.S_ISFIFO(_mode(status, path))


def is_there(path: str) -> bool:
    """Say whether something is at a path, be it a link that leads nowhere."""
    return _mode(link_status, path) != 0


def is_link(path: str) -> bool:
    return stat.S_ISLNK(_mode(link_status, path))


def exists_unnoted(path: str) -> bool:
    """Say what `exists` does of a text that may be a secret: it is kept nowhere."""
    unrepeatable()
    return os.path.exists(path)


def real_path(path: str) -> str:
    """Return where a path leads in the end, as `os.path.realpath` does."""
    unrepeatable()
    return os.path.realpath(path)


def names(folder: str) -> list[str]:
    """Return what is in a directory. OSError."""
    try:
        before = os.stat(folder)
        found = os.listdir(folder)
    except OSError as error:
        contents(folder, error)
        raise
    contents(folder, before)
    return found


def may_enter(path: str) -> bool:
    """Say whether this user may look into a directory."""
    found = _may_enter(path)
    _note(_may_enter, path, found)
    return found


def stamp_of(info: os.stat_result) -> Stamp:
    """Return what tells a file from the one that takes its place, and from itself when it has changed."""
    return info[:7], info.st_mtime_ns, info.st_ctime_ns


def stamp_at(path: str) -> object:
    """Return the stamp of what a path leads to, an errno where it leads to nothing that can be asked."""
    try:
        info = os.stat(path)
    except OSError as error:
        return error.errno
    return info[:7], info.st_mtime_ns, info.st_ctime_ns


def contents(path: str, found: os.stat_result | OSError) -> None:
    """Note that what is in an open file or directory counts, or why it could not be opened."""
    if _thread.watches:
        _note(stamp_at, path, found.errno if isinstance(found, OSError) else stamp_of(found))


def unrepeatable() -> None:
    """Note that the answer depends on what no second look tells."""
    for watch in _watches():
        watch.broken = True


class Watch:
    """Every look at the disk since it began, as far as each of them can be repeated."""

    def __init__(self) -> None:
        self.looks: dict[tuple[Eye, str], object] = {}
        self.began = time.time_ns()
        self.broken = False

    def sight(self) -> tuple[Look, ...] | None:
        """Return what was seen, in as few looks as tell the same; None where a second look could miss a
        change: of a file that may change once more within one moment of its file system's clock."""
        stamps = {path: saw for (eye, path), saw in self.looks.items() if eye is stamp_at and _is_stamp(saw)}
        if self.broken or not all(map(self._settled, stamps.values())):
            return None
        others = [Look(eye, path, saw) for (eye, path), saw in self.looks.items() if not _is_stamp(saw)]
        others = [look for look in others if look.saw != errno.ENOENT or not self._in_folder(look, stamps)]
        others = [look for look in others if not _told(look, stamps.get(look.path))]
        cheaper = (one for look in others for one in _cheaper(look))
        sight = (*(Look(stamp_at, path, saw) for path, saw in stamps.items()), *dict.fromkeys(cheaper))
        return sight if len(sight) <= _MANY else None

    def _settled(self, stamp: object) -> TypeGuard[Stamp]:
        return _is_stamp(stamp) and max(stamp[1:]) + SETTLED < self.began

    def _in_folder(self, absent: Look, stamps: dict[str, Stamp]) -> bool:
        """Say whether the stamp of its directory tells that nothing has come to a path; it is added then."""
        folder = os.path.dirname(absent.path)
        stamp = stamps.get(folder) or stamp_at(folder)
        # Taken before this look at the path: whatever comes later changes the directory.
        if not self._settled(stamp) or os.path.lexists(absent.path):
            return False
        stamps[folder] = stamp
        return True


@contextlib.contextmanager
def watched() -> Iterator[Watch]:
    """Note, within the block and in this thread, every look at the disk."""
    watch, before = Watch(), _watches()
    _thread.watches = (*before, watch)
    try:
        yield watch
    finally:
        _thread.watches = before


def unchanged(sight: tuple[Look, ...]) -> bool:
    """Say whether everything looks as it did. No file is opened."""
    for eye, path, saw in sight:
        if eye(path) != saw:
            return False
    if _watches():  # another answer is being made of this one
        for look in sight:
            _note(*look)
    return True


_thread = _Local()


def _watches() -> tuple[Watch, ...]:
    return _thread.watches


def _note(eye: Eye, path: str, saw: object) -> None:
    for watch in _watches():
        if watch.looks.setdefault((eye, path), saw) != saw:  # it changed meanwhile
            watch.broken = True


def _seen(eye: Eye, path: str, ask: Callable[[str], os.stat_result]) -> Status:
    try:
        found = _of(ask(path))
    except OSError as error:
        _note(eye, path, error.errno)
        raise
    _note(eye, path, found)
    return found


def _of(info: os.stat_result) -> Status:
    return Status(info.st_mode, info.st_uid, info.st_size if stat.S_ISREG(info.st_mode) else 0)


def _status(path: str) -> object:
    try:
        info = os.stat(path)
    except OSError as error:
        return error.errno
    return info.st_mode, info.st_uid, info.st_size if stat.S_ISREG(info.st_mode) else 0


def _link_status(path: str) -> object:
    try:
        return _of(os.lstat(path))
    except OSError as error:
        return error.errno


def _may_enter(path: str) -> bool:
    return os.access(path, os.X_OK, effective_ids=_EFFECTIVE)


def _nothing_at(path: str) -> bool:
    return not os.access(path, os.F_OK, effective_ids=True, follow_symlinks=False)


def _cheaper(look: Look) -> tuple[Look, ...]:
    """Return looks that tell what one does, and cost less: an error is dear. That nothing is found in a
    directory means something as long as it may be entered."""
    folder = os.path.dirname(look.path)
    if look.saw == errno.ENOENT and _EFFECTIVE and _may_enter(folder) and _nothing_at(look.path):
        return Look(_may_enter, folder, True), Look(_nothing_at, look.path, True)
    return (look,)


def _mode(ask: Callable[[str], Status], path: str) -> int:
    """Return the mode of a path, 0 where there is nothing that can be asked."""
    try:
        return ask(path).mode
    except (OSError, ValueError):
        return 0


def _is_stamp(saw: object) -> TypeGuard[Stamp]:
    return type(saw) is tuple


def _told(look: Look, stamp: object) -> bool:
    """Say whether a stamp of the same path tells what a look at its status did."""
    if look.eye is not _status or not isinstance(look.saw, Status) or not isinstance(stamp, tuple):
        return False
    mode, _, _, _, uid, _, size = stamp[0]
    return look.saw == (mode, uid, size if stat.S_ISREG(mode) else 0)
