"""Where each file of a store is."""

from __future__ import annotations

import os

from nucliactl.disk import paths
from nucliactl.disk.judging import judge_root
from nucliactl.disk.reading import Files, read_file
from nucliactl.errors import Malformed, NotWritable, NucliactlError
from nucliactl.lean import contextmanager, suppress
from nucliactl.model.trust import Trust
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nucliactl.disk.lock import Lock
    from nucliactl.disk.reading import Read

TOML = ".toml"
JSON = ".json"
MARK = ".keyring"


class Store(NamedTuple):
    """The user's own directory; `named` by a variable or flag, or the implicit one. Naming paths
    neither reads nor creates anything. `files`: what is remembered of it, but never across its lock."""

    root: str
    named: bool = True
    files: Files | None = None

    @property
    def trust(self) -> Trust:
        return Trust(self.root, self.named)

    @property
    def profiles(self) -> str:
        return os.path.join(self.root, "profiles")

    def definition(self, name: str) -> str:
        return f"{self.root.rstrip(os.sep)}{os.sep}profiles{os.sep}{name}{TOML}"

    def credential(self, name: str) -> str:
        return f"{self.root.rstrip(os.sep)}{os.sep}credentials{os.sep}{name}{JSON}"

    def mark(self, name: str) -> str:
        """Where it stands that the keyring keeps the credential of a name."""
        return os.path.join(self.credentials, name + MARK)

    def entry(self, name: str) -> str:
        """The place in the keyring, in words."""
        return f"the keyring ({os.path.join(self.root, name)})"

    def journal(self, name: str) -> str:
        return os.path.join(self.credentials, name + ".journal")

    @property
    def active(self) -> str:
        return os.path.join(self.root, "active.json")

    @property
    def read(self) -> Read:
        return self.files.read if self.files else read_file

    @property
    def lock(self) -> str:
        return os.path.join(self.root, "locks", "store.lock")

    def refresh_lock(self, name: str) -> str:
        return os.path.join(self.root, "locks", f"refresh-{name}.lock")

    @property
    def credentials(self) -> str:
        return os.path.join(self.root, "credentials")

    @property
    def folders(self) -> tuple[str, ...]:
        """The directories in which the tool writes."""
        return self.root, self.profiles, self.credentials

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store's lock. Read what you change inside it; never do network calls in it."""
        from nucliactl.disk.lock import locked

        judge_root(self.trust)
        with locked(self.lock) as lock:
            self._sweep(lock)
            judge_root(self.trust)  # made just now, it may be of a file system without modes
            self._forget(unchanged=True)
            try:
                yield
            finally:
                self._forget(unchanged=False)

    def _forget(self, *, unchanged: bool) -> None:
        """Let what the tool writes be read anew: all of it once the lock is held, what has changed
        once it is not."""
        if self.files:
            places = self.profiles, self.credentials, self.active
            self.files.forget(*places, unchanged=unchanged)

    def _sweep(self, lock: Lock) -> None:
        """Remove what killed writers left in the store. The lock's note says which of the directories
        that grow have not changed since they were looked through."""
        from nucliactl.disk.leftovers import sweep, sweep_changed

        sweep(self.root)
        before = lock.note()
        now = sweep_changed((self.profiles, self.credentials), before)
        if now != before:
            with suppress(OSError):  # a full disk: then the next writer looks once more
                lock.leave_note(now)


def store_at(
    environ: Mapping[str, str], flag: str | None = None, files: Files | None = None
) -> tuple[Store | None, NucliactlError | None]:
    """Return the store, or why an implicit one is none: then only what would ask it is stopped."""
    named = flag is not None or bool(environ.get("NUCLIA_CONFIG_DIR"))
    try:
        place = paths.store_place(environ, flag)
    except Malformed as error:
        if named:
            raise
        return None, error
    if place is None:
        return None, None
    reason = None if named else paths.why_unreachable(place)
    if reason is not None:
        return None, NotWritable(
            f"{place} cannot be reached: {reason}.",
            hint="Set NUCLIA_CONFIG_DIR to a directory of this user, or HOME to its home.",
        )
    return Store(place, named, files), None
