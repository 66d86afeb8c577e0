"""Where the store keeps the credential of one profile: in a file of its own, or in the keyring.

Everything else asks for a `Keep` and does not know which it is. A definition says the place (`storage`).
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod

from nucliactl.disk import witness
from nucliactl.disk.sight import Memory
from nucliactl.errors import NucliactlError
from nucliactl.lean import suppress
from nucliactl.model.profile import Definition
from nucliactl.model.ways import STORES
from nucliactl.store.credentials import Credential, credential_bytes, fitting, read_credential
from nucliactl.store.definitions import read_stored, store_of
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from nucliactl.disk.atomic import Batch
    from nucliactl.disk.reading import Read
    from nucliactl.model.words import StoreName

    Fill = Callable[[Credential], None]
    Failed = Callable[[NucliactlError], None]

_MARGIN = 8192


class Keep(ABC):
    """The place of one profile's credential. What changes it is put into a batch, and done with that."""

    storage: StoreName
    guarded = False
    """Whether opening it takes long, or asks a person: nothing does that but using the credential."""

    def __init__(self, store: Store, name: str, read: Read) -> None:
        self.store, self.name, self._read = store, name, read

    @property
    @abstractmethod
    def where(self) -> str:
        """The place in words."""

    @abstractmethod
    def has(self) -> bool:
        """Say whether something is kept there; nothing is opened."""

    @abstractmethod
    def read(self) -> Credential | None:
        """Return the credential as it is now, None where there is none. Raises what keeps it from being
        read."""

    def recent(self) -> Credential | None:
        """Return the same, faster where it has not changed since the last call. The keyring's own owner may
        have changed it all the same."""
        return self.read()

    @abstractmethod
    def check(self) -> None:
        """Raise NotWritable, or Refused, where nothing could be kept there now."""

    @abstractmethod
    def put(self, batch: Batch, credential: Credential) -> None:
        """Let a credential take the place of what is there. Raises as `check` does, before anything is
        changed."""

    @abstractmethod
    def room(self, batch: Batch) -> Fill:
        """Take the room for a credential that is yet to come, larger than what is there: what is returned
        fills it. Raises as `check` does."""

    @abstractmethod
    def move(self, batch: Batch, to: str) -> None:
        """Let the credential belong to the name `to`, in one step: never to both, never to neither. Where
        there is none, nothing stays at `to`."""

    @abstractmethod
    def remove(self, batch: Batch, failed: Failed | None = None) -> None:
        """Let what is kept there be removed. Where the keyring does not do that, `failed` is told, and the
        rest goes on; without it, that ends the batch."""

    def spoiled(self) -> None:  # noqa: B027 (a file does not come to that)
        """Note that what is there has been spent, and what should have replaced it could not be kept."""


class FileKeep(Keep):
    """`credentials/<name>.json`."""

    storage = "file"

    def __init__(self, store: Store, name: str, read: Read) -> None:
        super().__init__(store, name, read)
        self._memory = Memory()

    @property
    def where(self) -> str:
        return self.store.credential(self.name)

    def has(self) -> bool:
        return witness.is_there(self.where)

    def read(self) -> Credential | None:
        return read_credential(self.where, self.store.trust, self._read)

    def recent(self) -> Credential | None:
        return self._memory.answer(self.read)

    def check(self) -> None:
        """A file is prepared where it is put; that says it as well."""

    def put(self, batch: Batch, credential: Credential) -> None:
        batch.write(self.where, credential_bytes(credential))

    def room(self, batch: Batch) -> Fill:
        # Written before it comes: nobody else can take that room on the disk.
        batch.write(self.where, b" " * (_MARGIN + os.path.getsize(self.where)))
        return lambda credential: batch.fill(credential_bytes(credential))

    def move(self, batch: Batch, to: str) -> None:
        batch.move(self.where, self.store.credential(to))

    def remove(self, batch: Batch, failed: Failed | None = None) -> None:  # noqa: ARG002
        batch.remove(self.where)


def keep_in(store: Store, name: str, storage: StoreName, read: Read | None = None) -> Keep:
    """Return the place of that sort for a profile's credential."""
    if storage == "file":
        return FileKeep(store, name, read or store.read)
    from nucliactl.store.in_keyring import KeyringKeep  # not on the light path

    return KeyringKeep(store, name, read or store.read)


def keep_of(definition: Definition, read: Read | None = None) -> Keep:
    """Return the place of the credential of a definition whose secret the store keeps."""
    assert definition.secret.kept is not None
    return keep_in(store_of(definition), definition.name, definition.secret.kept, read)


class Stay(NamedTuple):
    """Where a new credential is kept, and whether its definition has to say so."""

    storage: StoreName
    said: bool


def stay_of(before: Definition | None, wanted: StoreName | None, default: StoreName | None) -> Stay:
    """Decide where a new credential is kept: where this login wants it, else where its definition says, else
    where `config.toml` says that new ones go."""
    named = wanted or storage_stated(before)
    storage = named or default or "file"
    return Stay(storage, named is not None or storage != "file")


def storage_stated(definition: Definition | None) -> StoreName | None:
    """Return what a definition says of it, None where it says nothing."""
    said = definition.get("storage") if definition else None
    return next((name for name in STORES if name == said), None)


def keeps_of(store: Store, name: str) -> list[Keep]:
    """Return every place that may hold something for a name, with a definition or without: what a killed
    writer left is found, too."""
    definition = None
    with suppress(NucliactlError):  # of a damaged one only what is marked is known
        definition = read_stored(store, name)
    said = definition is not None and definition.secret.kept == "keyring"
    marked = witness.is_there(store.mark(name))
    return [keep_in(store, name, storage) for storage in STORES if storage == "file" or said or marked]


def held_in(keeps: Sequence[Keep], first: StoreName) -> tuple[Keep, Credential] | None:
    """Return the first place that really has a credential, and that; `first` is asked first."""
    for keep in sorted(keeps, key=lambda keep: keep.storage != first):
        if keep.has() and (held := keep.read()):
            return keep, held
    return None


def fitting_credential(definition: Definition) -> Credential:
    """Return the stored credential of a definition whose secret the store keeps. Raises as `fitting`
    does, and what keeps it from being read."""
    return fitting(definition, keep_of(definition).read())
