"""Looking at paths so that each look can be repeated.

The rooms that read look at paths by the functions of this module, and `read_file` and `look` say which file
they read. Who wants to know all that an answer depends on has it noted (`disk.sight`). What cannot be looked
at again says so by `unrepeatable`.
"""

from __future__ import annotations

import os
import stat
from _thread import _local as local

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Stamp = tuple[tuple[int, ...], int, int]
    Eye = Callable[[str | bytes], object]

EFFECTIVE = os.access in os.supports_effective_ids and os.access in os.supports_follow_symlinks
"""Whether `os.access` can ask for the user that counts, and not follow links."""


class Status(NamedTuple):
    """What may be asked of a path: its mode with its type, its owner's uid, the bytes of a regular file."""

    mode: int
    uid: int
    size: int


def status(path: str) -> Status:
    """Return the status of what a path leads to. OSError."""
    return _seen(state_at, path, os.stat)


def link_status(path: str) -> Status:
    """Return the status of a path itself, which may be a link. OSError."""
    return _seen(_link_state, path, os.lstat)


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
    found = there(path)
    _note(there, path, found)
    return found


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
    listed(folder)
    return os.listdir(folder)


def listed(folder: str) -> None:
    """Note, before a directory is listed, that what is in it counts."""
    if HERE.notes:
        _note(stamp_at, folder, stamp_at(folder))


def may_enter(path: str) -> bool:
    """Say whether this user may look into a directory."""
    found = can_enter(path)
    _note(can_enter, path, found)
    return found


def variable(name: str) -> str | None:
    """Return a variable of this process."""
    found = os.environ.get(name)
    _note(variable_now, name, found)
    return found


def stamp_of(info: os.stat_result) -> Stamp:
    """Return what tells a file from the one that takes its place, and from itself when it has changed."""
    return info[:7], info.st_mtime_ns, info.st_ctime_ns


def stamp_at(path: str | bytes) -> object:
    """Return the stamp of what a path leads to, an errno where it leads to nothing that can be asked."""
    try:
        info = os.stat(path)
    except OSError as error:
        return error.errno
    return info[:7], info.st_mtime_ns, info.st_ctime_ns


def contents(path: str, found: os.stat_result | OSError) -> None:
    """Note that what is in an open file or directory counts, or why it could not be opened."""
    if HERE.notes:
        _note(stamp_at, path, found.errno if isinstance(found, OSError) else stamp_of(found))


def unrepeatable() -> None:
    """Note that the answer depends on what no second look tells."""
    for notes in HERE.notes:
        notes.broken = True


class Notes:
    """The looks of one answer: what each eye saw at each path, an errno for what raises it. `broken`: not all
    of them can be repeated."""

    def __init__(self) -> None:
        self.looks: dict[tuple[Eye, str], object] = {}
        self.broken = False

    def add(self, eye: Eye, path: str, saw: object) -> None:
        if self.looks.setdefault((eye, path), saw) != saw:  # it changed meanwhile
            self.broken = True


class _Here(local):  # `threading`'s, whose import is dear
    notes: tuple[Notes, ...] = ()


HERE = _Here()
"""Who notes what is looked at in this thread."""


def _note(eye: Eye, path: str, saw: object) -> None:
    for notes in HERE.notes:
        notes.add(eye, path, saw)


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


def state_at(path: str | bytes) -> object:
    try:
        info = os.stat(path)
    except OSError as error:
        return error.errno
    return info.st_mode, info.st_uid, info.st_size if stat.S_ISREG(info.st_mode) else 0


def _link_state(path: str | bytes) -> object:
    try:
        return _of(os.lstat(path))
    except OSError as error:
        return error.errno


def can_enter(path: str | bytes) -> bool:
    return os.access(path, os.X_OK, effective_ids=EFFECTIVE)


def there(path: str | bytes) -> bool:
    return os.path.lexists(path)


def variable_now(name: str | bytes) -> str | None:
    return os.environ.get(os.fsdecode(name))


def _mode(ask: Callable[[str], Status], path: str) -> int:
    """Return the mode of a path, 0 where there is nothing that can be asked."""
    try:
        return ask(path).mode
    except (OSError, ValueError):
        return 0
