"""Files as they are at one moment: each is opened when it is first asked for, and once."""

import os
from typing import Protocol

from nucliactl.disk.judging import judge
from nucliactl.disk.looking import Contents, look, stamp_of
from nucliactl.disk.reading import read_file
from nucliactl.model.trust import Trust


class Read(Protocol):
    """How a file is read: anew (`read_file`), or as it was at one moment (`Files.read`)."""

    def __call__(self, path: str, trust: Trust | None = None, *, judged: bool = True) -> Contents | None: ...


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

    def forget(self, *places: str, unchanged: bool = True) -> None:
        """Forget some files, and those below some directories; without `unchanged` only what has
        changed, or come, since."""
        self._passed.clear()
        below = tuple(place + os.sep for place in places)
        for path, contents in list(self._known.items()):
            if (path in places or path.startswith(below)) and (unchanged or _changed(path, contents)):
                del self._known[path]


def _changed(path: str, contents: Contents | None) -> bool:
    try:
        return contents is None or stamp_of(os.stat(path)) != contents.stamp
    except OSError:
        return True
