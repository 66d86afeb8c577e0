"""Logging out: the credential goes, the definition stays."""

from typing import NamedTuple

from nucliactl.http.drive import Call, Flow
from nucliactl.layers import seconds_of
from nucliactl.model.kinds import USER
from nucliactl.service.oauth import connection, revoke
from nucliactl.sources.world import World
from nucliactl.store.credentials import read_credential, remove_credential
from nucliactl.store.definitions import dependants, read_stored
from nucliactl.store.layout import Store
from nucliactl.store.sessions import WAIT, refreshing, remove_journal


class Forgotten(NamedTuple):
    """What logging out of one profile did: whether a credential was stored, and who rode on it."""

    name: str
    removed: bool
    dependants: tuple[str, ...]


def end(store: Store, name: str, world: World) -> Flow[bool]:
    """End a session at the server, best effort, once no refresh of it is in flight; say whether there
    was one that can be ended.

    Raises what the server or the way to it raises.
    """
    owner = read_stored(store, name)
    if owner is None or owner.kind != USER.name:
        return False
    with refreshing(store, name, WAIT):
        credential = read_credential(store.credential(name))
        if credential is None:
            return False
        token = credential.refresh_token or credential.secret
        yield Call(connection(owner, seconds_of(owner, world)), revoke(owner, token))
    return True


def forget(store: Store, name: str) -> Forgotten:
    """Remove what the tool stored for a profile, once no refresh of it is in flight. Raises NotWritable."""
    with refreshing(store, name, WAIT), store.writing():
        removed = remove_credential(store, name)
        remove_journal(store, name)
        riders = tuple(dependants(store, name, ("session",)))
    return Forgotten(name, removed, riders)
