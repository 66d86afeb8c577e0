"""A session: the one file it lives in, who may use it, and the journal of a refresh in flight."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator

from nucliactl import hints
from nucliactl.disk.atomic import Batch, remove_file, write_file
from nucliactl.disk.lock import locked
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed, NucliactlError, Refused
from nucliactl.model.endpoint import origin_allows
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, fitting, read_credential
from nucliactl.store.definitions import read_stored, store_of
from nucliactl.store.keeping import fitting_credential, keep_of
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.reading import Read

WAIT = 30.0
"""Seconds that what changes a session's file waits for a refresh in flight."""


class Journal(NamedTuple):
    """A refresh in flight: which refresh token (its fingerprint), who, and since when (epoch seconds)."""

    fingerprint: str
    pid: int
    started: float


def session_owner(definition: Definition, read: Read = read_file) -> Definition | None:
    """Return the user's definition whose session serves a definition; None where none does.

    Raises Malformed or Damaged where `session` names no user profile of the store.
    """
    if definition.kind == USER.name and definition.secret.kept:
        return definition
    if definition.secret.way != "session":
        return None
    name = definition.secret.where
    owner = read_stored(store_of(definition), name, read)
    location = definition.source.location
    if owner is None:
        raise Damaged(
            f"{location} uses the session of {name!r}, which is not in the store.",
            hint=f"Log in: {hints.LOG_IN_AS.format(name)}, or correct session.",
        )
    if owner.kind != USER.name or not owner.secret.kept:
        raise Malformed(
            f"{location} uses the session of {name!r}, which is not a signed-in user.",
            hint="Correct session in it.",
        )
    return owner


def session_of(owner: Definition, rider: Definition, read: Read = read_file) -> Credential:
    """Return the credential a definition uses: its owner's session. Raises LoginNeeded where there is
    none, Refused where the session may not go where the definition leads."""
    return serving(owner, rider, keep_of(owner, read).read())


def serving(owner: Definition, rider: Definition, held: Credential | None) -> Credential:
    """Return what is held for an owner, where it may serve a definition that uses it. Raises as
    `session_of` does."""
    credential = fitting(owner, held)
    foreign = [o for o in rider.origins if not origin_allows(credential.origins, o)]
    if foreign:
        raise Refused(
            f"{rider.source.location} leads to {', '.join(foreign)}, where the session of {owner.name!r} "
            "may not go.",
            hint=f"It may go to {', '.join(credential.origins)}.",
        )
    return credential


def stored_credential(
    definition: Definition, read: Read = read_file, *, opening: bool = False
) -> Credential | None:
    """Return the credential that the store keeps for a definition, or its owner's session; None where
    its secret is elsewhere, or in the keyring, which is not opened unless `opening`. Raises what using it
    would raise."""
    owner = session_owner(definition, read)
    holder = owner or definition
    if holder.secret.kept is None:
        return None
    if holder.secret.way == "store" and holder.trust is not None:
        held = read_credential(holder.secret.where, holder.trust, read)
    else:
        keep = keep_of(holder, read)
        if keep.guarded and not opening:
            if not keep.has():
                fitting(holder, None)
            return None
        held = keep.read()
    return serving(owner, definition, held) if owner else fitting(definition, held)


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


def ends_at(definition: Definition, secret: Secret) -> int | None:
    """Return when a secret ends (epoch seconds): as a JWT says, or as the store noted for a session."""
    owner = session_owner(definition)
    return expiry(secret.reveal()) or (session_of(owner, definition).expires_at if owner else None)


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
