"""Logging out: the credential goes, the definition stays."""

import os
from collections.abc import Sequence
from typing import NamedTuple

from nucliactl.disk.atomic import Batch
from nucliactl.errors import NucliactlError
from nucliactl.http.flow import Flow
from nucliactl.layers import seconds_of
from nucliactl.model.kinds import USER
from nucliactl.service.oauth import revoke, server_of
from nucliactl.sources.sources import Sources
from nucliactl.store.credentials import credential_files
from nucliactl.store.definitions import linked_to, read_stored, referrers
from nucliactl.store.keeping import keep_of, keeps_of
from nucliactl.store.layout import Store
from nucliactl.store.refreshes import WAIT, refreshing, remove_journal


class Forgotten(NamedTuple):
    """What logging out of one profile did: whether a credential was stored, who rode on it, and the
    file outside the store that a link led to: it is not the tool's, and stays. `left`: why the keyring still
    has it."""

    name: str
    removed: bool
    dependants: tuple[str, ...]
    outside: str | None = None
    left: NucliactlError | None = None


def end(store: Store, name: str, sources: Sources) -> Flow[bool]:
    """End a session at the server, best effort, once no refresh of it is in flight; say whether there
    was one that can be ended.

    Raises what the server or the way to it raises.
    """
    owner = read_stored(store, name)
    if owner is None or owner.kind != USER.name:
        return False
    with refreshing(store, name, WAIT):
        credential = keep_of(owner).read() if owner.secret.kept else None
        if credential is None:
            return False
        token = credential.refresh_token or credential.secret
        yield from revoke(server_of(owner, seconds_of(owner, sources)), token)
    return True


def forget(store: Store, names: Sequence[str]) -> list[Forgotten]:
    """Remove what the tool stored for some profiles, each once no refresh of it is in flight, and what killed
    writers left, secrets too. Raises NotWritable."""
    users = referrers(store, ("session",))  # read once: there may be thousands
    files = credential_files(store)
    done = []
    for name in names:
        left: list[NucliactlError] = []
        with refreshing(store, name, WAIT), store.writing():
            outside = linked_to(store.credential(name))
            keeps = keeps_of(store, name)
            held = any(keep.has() for keep in keeps)
            with Batch() as batch:
                for keep in keeps:
                    keep.remove(batch, left.append)
                for path in files.get(name, ()):
                    batch.remove(path)
                batch.commit()
            remove_journal(store, name)
        removed = (held or name in files) and not left
        done.append(Forgotten(name, removed, tuple(users.get(name, ())), outside, *left))
    if not names and os.path.isdir(store.root):
        with store.writing():
            pass  # every writer sweeps
    return done
