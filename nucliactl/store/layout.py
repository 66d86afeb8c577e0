"""Where each file of a store is."""

import contextlib
import os
from collections.abc import Iterator
from typing import NamedTuple

from nucliactl.disk.lock import locked
from nucliactl.errors import NotWritable

TOML = ".toml"


class Store(NamedTuple):
    """The user's own directory. Naming paths neither reads nor creates anything."""

    root: str

    @property
    def profiles(self) -> str:
        return os.path.join(self.root, "profiles")

    def definition(self, name: str) -> str:
        return os.path.join(self.profiles, name + TOML)

    def credential(self, name: str) -> str:
        return os.path.join(self.root, "credentials", name + ".json")

    def journal(self, name: str) -> str:
        return os.path.join(self.root, "credentials", name + ".journal")

    @property
    def active(self) -> str:
        return os.path.join(self.root, "active.json")

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store's lock. Read what you change inside it; never do network calls in it."""
        with locked(os.path.join(self.root, "locks", "store.lock")):
            yield


def writable(store: Store | None) -> Store:
    """Return a store for writing; raise NotWritable where there is no place for one."""
    if store is None:
        raise NotWritable(
            "There is no home directory to keep profiles in.",
            hint="Set NUCLIA_CONFIG_DIR to a directory of yours, or use environment variables.",
        )
    return store
