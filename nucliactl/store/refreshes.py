"""What changes a session: the lock of a refresh, and its journal while it is in flight."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator

from nucliactl.disk.atomic import Batch, remove_file, write_file
from nucliactl.disk.lock import locked
from nucliactl.disk.reading import read_file
from nucliactl.errors import NucliactlError
from nucliactl.model.endpoint import origin_allows
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.store.definitions import store_of
from nucliactl.store.keeping import fitting_credential, keep_of
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

WAIT = 30.0
"""Seconds that what changes a session's file waits for a refresh in flight."""


class Journal(NamedTuple):
    """A refresh in flight: which refresh token (its fingerprint), who, and since when (epoch seconds)."""

    fingerprint: str
    pid: int
    started: float


def learn_origin(owner: Definition, origin: str) -> None:
    """Let a session go to a private zone's origin too, which the service named to its holder."""
    store = store_of(owner)
    with refreshing(store, owner.name, WAIT), store.writing():
        credential = fitting_credential(owner)
        if not origin_allows(credential.origins, origin):
            after = credential._replace(origins=(*credential.origins, origin))
            with Batch() as batch:
                keep_of(owner).put(batch, after)
                batch.commit()


@contextlib.contextmanager
def refreshing(
    store: Store, name: str, deadline: float, abandoned: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Hold the lock of one session's refresh; take it before the store's. At the deadline (or once
    `abandoned`) it is an error that says who holds it: nobody's lock is ever stolen."""

    def held() -> NucliactlError:
        journal = read_journal(store, name)
        who = f"process {journal.pid}" if journal else "another process"
        return NucliactlError(
            f"The session of {name!r} is being refreshed by {who}, which takes too long.",
            hint="Try again; if that process is stuck, end it.",
        )

    with locked(
        store.refresh_lock(name),
        deadline=deadline,
        held=held,
        abandoned=abandoned,
    ):
        yield


def fingerprint(token: Secret) -> str:
    import hashlib

    return hashlib.sha256(token.reveal().encode()).hexdigest()[:16]


def read_journal(store: Store, name: str) -> Journal | None:
    """Return the journal of a refresh, None without one or where it cannot be understood."""
    try:
        contents = read_file(store.journal(name))
        if contents is None:
            return None
        found = json.loads(contents.data)
        return Journal(str(found["fingerprint"]), int(found["pid"]), float(found["started"]))
    except (NucliactlError, ValueError, KeyError, TypeError):
        return None


def write_journal(store: Store, name: str, token: Secret) -> None:
    found = {"version": 1, "fingerprint": fingerprint(token), "pid": os.getpid(), "started": time.time()}
    write_file(store.journal(name), json.dumps(found).encode())


def remove_journal(store: Store, name: str) -> None:
    with contextlib.suppress(NucliactlError):
        remove_file(store.journal(name))
