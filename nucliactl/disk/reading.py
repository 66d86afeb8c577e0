"""Reading a file: absent, unreadable and refused are three different things, and none hangs.

A file is read anew (`read_file`), or as it was at one moment (`Files`).
"""

from __future__ import annotations

import errno
import os
import stat

from nucliactl.disk import witness
from nucliactl.disk.judging import judge
from nucliactl.disk.looking import FLAGS, Contents, look
from nucliactl.disk.owners import own_uid, user_name
from nucliactl.errors import Damaged, Unreadable
from nucliactl.lean import suppress
from nucliactl.model.trust import Trust
from nucliactl.text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, TypeAlias

    class Read(Protocol):
        """How a file is read: anew (`read_file`), or as it was at one moment (`Files.read`)."""

        def __call__(
            self, path: str, trust: Trust | None = None, *, judged: bool = True
        ) -> Contents | None: ...

    Glance: TypeAlias = tuple[bytes, os.stat_result]
    """What a file holds, and its status when it was read."""

else:
    Read = object  # who annotates with it may import it


LIMIT = 1024 * 1024


def read_file(
    path: str, trust: Trust | None = None, *, limit: int = LIMIT, judged: bool = True
) -> Contents | None:
    """Return what a regular file holds, or None if there is no such file.

    Symlinks are judged by their target. Raises Refused where others could have written it (as `judge`
    says; the caller judges later without `judged`), Damaged if it is no regular file or larger than
    `limit` bytes, Unreadable if it cannot be opened. Never blocks.
    """
    try:
        fd = os.open(path, FLAGS)
    except OSError as error:
        witness.contents(path, error)
        if error.errno in (errno.ENOENT, errno.ENOTDIR):
            return None
        raise unreadable(path, error, trust) from None
    try:
        info = os.fstat(fd)
        witness.contents(path, info)
        if not stat.S_ISREG(info.st_mode):
            raise Damaged(f"{path} is not a regular file.", hint="Move it away.")
        if judged:
            judge(path, info.st_mode, info.st_uid, trust)
        size = info.st_size
        data = os.read(fd, min(size, limit) + 1)
        while data and len(data) != size and len(data) <= limit and (more := os.read(fd, limit + 1)):
            data += more
        if len(data) > limit:
            raise Damaged(f"{path} is larger than {limit // 1024} KiB.", hint="Move it away.")
        return Contents._make((data, info))
    except OSError as error:
        witness.unrepeatable()
        raise unreadable(path, error, trust) from None
    finally:
        os.close(fd)


def glance(path: str) -> Glance | None:
    """Return what a regular file holds; None where that takes more than one reading, or `read_file` has
    something to say of it. Nothing is judged. Never blocks."""
    try:
        fd = os.open(path, FLAGS)
    except OSError:
        return None
    try:
        info = os.fstat(fd)
        size = info.st_size
        data = os.read(fd, size + 1) if size < LIMIT else b""
    except OSError:
        return None
    finally:
        os.close(fd)
    return (data, info) if len(data) == size and stat.S_ISREG(info.st_mode) else None


def unreadable(path: str, error: OSError, trust: Trust | None) -> Unreadable:
    """Return the error for a file or directory that cannot be opened, with what opens it where that is
    known: the tool's own files belong to the user."""
    hint = None
    if error.errno == errno.EACCES and trust is not None and os.name == "posix":
        hint = _opening(path, trust)
    elif error.errno == errno.ELOOP:
        hint = "It is a link that leads back to itself: remove it."
    return Unreadable(f"{path} cannot be read: {error.strerror}.", hint=hint)


def _opening(path: str, trust: Trust) -> str:
    """What makes a path of a place readable: nearest to the root first. What is the system's stays
    root's, and its profiles may hold secrets."""
    if trust.unmapped and not trust.named:
        above = (trust.root, os.path.dirname(path))
        closed = next((one for one in above if not os.access(one, os.R_OK | os.X_OK)), path)
        if closed == path and above[0] != above[1]:
            return "It is the system's: its administrator decides who may read it."
        return f"sudo chmod a+rX {quoted(closed)}"
    me = own_uid()
    closed = next((one for one in (trust.root, path) if not os.access(one, os.R_OK)), path)
    info = None
    for one in (closed, os.path.dirname(path)):  # where it cannot be looked at, the directory is closed
        with suppress(OSError):
            closed, info = one, os.stat(one)
            break
    if info is not None and info.st_uid == me:
        return f"chmod u+r{'wx' if stat.S_ISDIR(info.st_mode) else 'w'} {quoted(closed)}"
    return f"sudo chown -R {user_name(me)} {quoted(trust.root)}"


def read_pipe(path: str, seconds: float, *, limit: int = LIMIT) -> bytes:
    """Return what comes through a named pipe until its writers close it, within `seconds` in all.

    Raises Unreadable at the deadline or beyond `limit` bytes.
    """
    import select
    import time

    until = time.monotonic() + seconds
    data = b""
    started = False
    witness.unrepeatable()
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


class Files:
    """Remembers what each file held, or that it was not there. What could not be read is tried again."""

    def __init__(self) -> None:
        self._known: dict[str, Contents | None] = {}
        self._passed: set[tuple[str, Trust]] = set()

    def read(self, path: str, trust: Trust | None = None, *, judged: bool = True) -> Contents | None:
        """Return and raise what `read_file` does."""
        if path not in self._known:
            self._known[path] = read_file(path, trust, judged=False)
        contents = self._known[path]
        if contents is not None and judged:
            judge(path, contents.mode, contents.uid, trust, self._passed)
        return contents

    def look(self, path: str, limit: int) -> Contents | None:
        """Return and raise what `look` does; more than `limit` bytes where another caller needed more."""
        if path not in self._known:
            self._known[path] = look(path, limit)
        return self._known[path]

    def glance(self, path: str) -> Glance | None:
        """Return what `glance` does, and do not remember it."""
        return self._known[path] if path in self._known else glance(path)

    def keep(self, path: str, found: Glance) -> None:
        """Remember what a file held at a glance, for who reads it with care."""
        self._known[path] = Contents._make(found)

    def drop(self, path: str) -> None:
        """Forget what one file held."""
        self._known.pop(path, None)

    def forget(self, *places: str, unchanged: bool = True) -> None:
        """Forget some files, and those below some directories; without `unchanged` only what has
        changed, or come, since."""
        self._passed.clear()
        below = tuple(place + os.sep for place in places)
        for path, contents in list(self._known.items()):
            changed = contents is None or witness.stamp_at(path) != contents.stamp
            if (path in places or path.startswith(below)) and (unchanged or changed):
                del self._known[path]
