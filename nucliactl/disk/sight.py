"""What an answer saw of the disk: while a second look sees the same, the answer stands.

A file may change twice within one moment of its file system's clock; so what has just changed is not taken
for the same, whatever it looks like.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable

from nucliactl.disk.witness import EFFECTIVE, HERE, Notes, Status, can_enter, stamp_at, state_at
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
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
    path: str
    saw: object


class Memory:
    """Remembers the last answer of one question while everything that it saw looks the same to the same user.
    Thread-safe; a forked child begins with what its parent knew."""

    def __init__(self) -> None:
        self._known: tuple[tuple[Look, ...], int, Any] | None = None

    def answer(self, make: Callable[[], T], again: Callable[[T], None] = lambda _: None) -> T:
        """Return what `make` gives, or gave: that is shown to `again` first. What it raises is not
        remembered."""
        last = self._known  # another thread may forget it meanwhile
        if last is not None:
            sight, user, known = last
            if user == _user() and _unchanged(sight):
                answer: T = known
                again(answer)
                return answer
        self._known = None
        notes, before, began = Notes(), HERE.notes, time.time_ns()
        HERE.notes = (*before, notes)
        try:
            answer = make()
        finally:
            HERE.notes = before
        found = None if notes.broken else _sight(notes.looks, began)
        self._known = None if found is None else (found, _user(), answer)
        return answer

    @property
    def sight(self) -> tuple[Look, ...]:
        """What is looked at again; nothing where nothing is remembered."""
        last = self._known
        return last[0] if last else ()


def _user() -> int:
    return os.geteuid() if os.name == "posix" else 0


def _unchanged(sight: tuple[Look, ...]) -> bool:
    for eye, path, saw in sight:
        if eye(path) != saw:
            return False
    for notes in HERE.notes:  # of an answer that is being made of this one
        for look in sight:
            notes.add(*look)
    return True


def _sight(seen: dict[tuple[Eye, str], object], began: int) -> tuple[Look, ...] | None:
    """Return what was seen, in as few looks as tell the same; None where a second look could miss a change
    of a file."""
    stamps = {path: saw for (eye, path), saw in seen.items() if eye is stamp_at and _is_stamp(saw)}
    if not all(settled(stamp, began) for stamp in stamps.values()):
        return None
    others = [Look(eye, path, saw) for (eye, path), saw in seen.items() if not _is_stamp(saw)]
    others = [look for look in others if look.saw != errno.ENOENT or not _in_folder(look.path, stamps, began)]
    cheap = (one for look in others if not _told(look, stamps.get(look.path)) for one in _cheaper(look))
    found = (*(Look(stamp_at, path, saw) for path, saw in stamps.items()), *dict.fromkeys(cheap))
    return found if len(found) <= _MANY else None


def _is_stamp(saw: object) -> TypeGuard[Stamp]:
    return type(saw) is tuple


def settled(stamp: object, began: int) -> TypeGuard[Stamp]:
    """Say whether a file or directory has not changed for so long that its next change gives it another
    stamp; `began` is the time before the look."""
    return _is_stamp(stamp) and max(stamp[1:]) + SETTLED < began


def _in_folder(absent: str, stamps: dict[str, Stamp], began: int) -> bool:
    """Say whether the stamp of its directory tells that nothing has come to a path; it is added then."""
    folder = os.path.dirname(absent)
    stamp = stamps.get(folder) or stamp_at(folder)
    # Taken before this look at the path: whatever comes later changes the directory.
    if not settled(stamp, began) or os.path.lexists(absent):
        return False
    stamps[folder] = stamp
    return True


def _told(look: Look, stamp: Stamp | None) -> bool:
    """Say whether a stamp of the same path tells what a look at its state did."""
    if look.eye is not state_at or not isinstance(look.saw, Status) or stamp is None:
        return False
    mode, _, _, _, uid, _, size = stamp[0]
    return look.saw == (mode, uid, size if stat.S_ISREG(mode) else 0)


def _cheaper(look: Look) -> tuple[Look, ...]:
    """Return looks that tell what one does, and cost less: an error is dear. That nothing is found in a
    directory means something as long as it may be entered."""
    folder = os.path.dirname(look.path)
    if look.saw == errno.ENOENT and EFFECTIVE and can_enter(folder) and _nothing_at(look.path):
        return Look(can_enter, folder, True), Look(_nothing_at, look.path, True)
    return (look,)


def _nothing_at(path: str) -> bool:
    return not os.access(path, os.F_OK, effective_ids=True, follow_symlinks=False)
