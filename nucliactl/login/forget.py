"""Logging out: the credential goes, the definition stays."""

from typing import NamedTuple

from nucliactl.store.credentials import remove_credential
from nucliactl.store.definitions import dependants
from nucliactl.store.layout import Store


class Forgotten(NamedTuple):
    """What logging out of one profile did: whether a credential was stored, and who rode on it."""

    name: str
    removed: bool
    dependants: tuple[str, ...]


def forget(store: Store, name: str) -> Forgotten:
    """Remove what the tool stored for a profile. Raises NotWritable."""
    with store.writing():
        removed = remove_credential(store, name)
        riders = tuple(dependants(store, name, ("session",)))
    return Forgotten(name, removed, riders)
