"""What an answer saw of the disk: while a second look sees the same, the answer stands.

A file may change twice within one moment of its file system's clock; so what has just changed is not taken
for the same, whatever it looks like.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time

from nucliactl.disk.witness import EFFECTIVE, HERE, Notes, can_enter, stamp_at, state_at, there
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeGuard, TypeVar

    from nucliactl.disk.witness import Eye, Stamp

    T = TypeVar("T")

SETTLED = 3_000_000_000
"""Nanoseconds after which a file that changes has another time than before: FAT counts in steps of two
seconds, and the kernel's clock is late by some milliseconds."""
_MANY = 64


class Look(NamedTuple):
    """One look at a path, and what it saw; `eye` looks again."""

    eye: Eye
    path: bytes
    saw: object


class Memory:
    """Remembers the last answer of one question while everything that it saw looks the same to the same user.
    Thread-safe; a forked child begins with what its parent knew. `told`: eyes of which the question itself
    says what they see."""

    def __init__(self, *told: Eye) -> None:
        self._told = told
        self._known: tuple[tuple[Look, ...], object, Any] | None = None

    def answer(self, make: Callable[[], T], again: Callable[[T], None] = lambda _: None) -> T:
        """Return what `make` gives, or gave: that is shown to `again` first. What it raises is not
        remembered."""
        last, user = self._known, _user()  # another thread may forget it meanwhile
        if last is not None and last[1] == user and _unchanged(last[0]):
            answer: T = last[2]
            again(answer)
            return answer
        self._known = None
        notes, before, began = Notes(), HERE.notes, time.time_ns()
        HERE.notes = (*before, notes)
        try:
            answer = make()
        finally:
            HERE.notes = before
        seen = {look: saw for look, saw in notes.looks.items() if look[0] not in self._told}
        found = None if notes.broken else _sight(seen, began)
        self._known = None if found is None else (found, user, answer)
        return answer

    @property
    def sight(self) -> tuple[Look, ...]:
        """What is looked at again; nothing where nothing is remembered."""
        last = self._known
        return last[0] if last else ()


def _user() -> object:
    """Return what decides what this process may open."""
    if sys.platform == "win32":
        return None
    return os.getuid(), os.geteuid(), os.getegid(), os.getgroups()


def _unchanged(sight: tuple[Look, ...]) -> bool:
    for eye, path, saw in sight:
        if eye(path) != saw:
            return False
    for notes in HERE.notes:  # of an answer that is being made of this one
        for eye, path, saw in sight:
            notes.add(eye, os.fsdecode(path), saw)
    return True


def _sight(seen: dict[tuple[Eye, str], object], began: int) -> tuple[Look, ...] | None:
    """Return what was seen, in as few looks as tell the same; None where a second look could miss a change
    of a file."""
    stamps = {path: saw for (eye, path), saw in seen.items() if eye is stamp_at and _is_stamp(saw)}
    if not all(settled(stamp, began) for stamp in stamps.values()):
        return None
    left: dict[tuple[Eye, str], object] = {}
    for (eye, path), saw in seen.items():
        if saw == errno.ENOENT or (eye is there and not saw):
            absent = _uppermost(path)
            if not _in_folder(absent, False, stamps, began):
                left.update(_cheaper(absent) or {(eye, path): saw})
        elif not _is_stamp(saw) and not (eye is there and _in_folder(path, True, stamps, began)):
            left[eye, path] = saw
    looks: dict[tuple[Eye, str], object] = {(stamp_at, path): stamp for path, stamp in stamps.items()}
    looks |= {(eye, path): saw for (eye, path), saw in left.items() if not _told(eye, saw, stamps.get(path))}
    if len(looks) > _MANY:
        return None
    return tuple(Look(eye, os.fsencode(path), saw) for (eye, path), saw in looks.items())


def _is_stamp(saw: object) -> TypeGuard[Stamp]:
    return type(saw) is tuple


def settled(stamp: object, began: int) -> TypeGuard[Stamp]:
    """Say whether a file or directory has not changed for so long that its next change gives it another
    stamp; `began` is the time before the look."""
    return _is_stamp(stamp) and max(stamp[1:]) + SETTLED < began


def _uppermost(absent: str) -> str:
    """Return the directory above a path that is not there that is not there either, else the path."""
    while (folder := _folder(absent)) != absent and not there(folder):
        absent = folder
    return absent


def _folder(path: str) -> str:
    return os.path.dirname(path) or os.curdir


def _in_folder(path: str, found: bool, stamps: dict[str, Stamp], began: int) -> bool:
    """Say whether the stamp of its directory tells that nothing has come to a path, or what was found there
    has stayed; it is added then."""
    folder = _folder(path)
    stamp = stamps.get(folder) or stamp_at(folder)
    # Taken before this look at the path: whatever comes or goes later changes the directory.
    if not settled(stamp, began) or there(path) != found:
        return False
    stamps[folder] = stamp
    return True


def _told(eye: Eye, saw: object, stamp: Stamp | None) -> bool:
    """Say whether a stamp of the same path tells what another look did."""
    if stamp is None:
        return False
    if eye is can_enter:
        return True  # to the same user
    mode, _, _, _, uid, _, size = stamp[0]
    return eye is state_at and saw == (mode, uid, size if stat.S_ISREG(mode) else 0)


def _cheaper(absent: str) -> dict[tuple[Eye, str], object]:
    """Return looks that tell that nothing is found at a path, and cost less than an error; none where
    nothing does. That nothing is found in a directory means something as long as it may be entered."""
    folder = _folder(absent)
    if EFFECTIVE and can_enter(folder) and _nothing_at(absent):
        return {(can_enter, folder): True, (_nothing_at, absent): True}
    return {}


def _nothing_at(path: str | bytes) -> bool:
    return not os.access(path, os.F_OK, effective_ids=True, follow_symlinks=False)
