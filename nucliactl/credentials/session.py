"""The session of a signed-in user: one refresh for all threads, tasks and processes.

A refresh token is spent once. It is read from disk under the lock, never from memory, and never sent
where its successor could not be stored: the room for that is taken first. What the server gives is on
disk before the lock is free, and signals wait for that.
"""

from __future__ import annotations

import contextlib
import time

from nucliactl.credentials.contract import Provider, abandoned
from nucliactl.credentials.renewal import Renewal, Tokens
from nucliactl.disk.atomic import Batch
from nucliactl.errors import (
    GrantBusy,
    GrantEnded,
    NoThread,
    NotWritable,
    NucliactlError,
    SessionEnded,
    Unreachable,
)
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.signals import outlive
from nucliactl.store.credentials import Credential, login_command
from nucliactl.store.definitions import read_stored, store_of
from nucliactl.store.keeping import keep_of
from nucliactl.store.refreshes import fingerprint, read_journal, refreshing, remove_journal, write_journal
from nucliactl.store.sessions import serving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.store.keeping import Fill

_SPARE = 10.0
_LEAST = 1.0  # a second try in less time only spends the token again
_EARLY = 30.0
_TRIES = 3
_REVOKED = b"Hydra token is either unexistent or revoked"


class Session(Provider):
    """The provider of a user's token.

    `get` renews a token that is about to end; `rejected` renews the very token that was refused.
    """

    slow = True
    renewable = True

    def __init__(self, owner: Definition, profile: Definition, renewal: Renewal) -> None:
        self._profile, self._renewal = profile, renewal
        self._held: Credential | None = None
        self._store = store_of(owner)
        self._own(owner)

    def _own(self, owner: Definition) -> None:
        self._owner, self._keep = owner, keep_of(owner)
        self.where = self._keep.where

    def _now(self) -> Credential:
        """Return the session as it is: where its owner's definition now says that it is kept."""
        owner = read_stored(self._store, self._owner.name)
        if owner is not None and owner.secret.kept and owner.secret != self._owner.secret:
            self._own(owner)
        return serving(self._owner, self._profile, self._keep.read())

    def get(self) -> Secret:
        credential = self._recent()
        held = self._held = credential if _usable(credential, None) else self._refreshed(credential, None)
        return held.secret

    @property
    def held(self) -> Credential | None:
        return self._held

    def _recent(self) -> Credential:
        held = self._keep.recent()
        return serving(self._owner, self._profile, held) if held else self._now()

    def rejected(self, secret: Secret) -> bool:
        credential = self._now()
        if credential.secret != secret:
            return True  # somebody else renewed it
        if credential.refresh_token is None:
            return False
        self._refreshed(credential, secret)
        return True

    def _refreshed(self, stale: Credential, refused: Secret | None) -> Credential:
        """Return a credential that is not stale, renewed here or by somebody else."""
        if stale.refresh_token is None:
            if _alive(stale, refused):
                return stale
            raise self._ended("has ended and cannot be renewed")
        seconds = self._renewal.seconds()
        try:
            with contextlib.ExitStack() as stack:
                patience = 2 * seconds + _SPARE
                stack.enter_context(refreshing(self._store, self._owner.name, patience, abandoned))
                found = self._now()
                if _usable(found, refused):
                    return found
                held = stack.pop_all()
            try:
                return outlive(lambda: self._holding(held, refused, seconds))
            except NoThread:
                held.close()
                raise
        except NotWritable as error:
            return self._unwritable(refused, error)

    def _holding(self, held: contextlib.ExitStack, refused: Secret | None, seconds: float) -> Credential:
        """Renew under the lock that the asker has taken, and free it: the asker may be gone by then."""
        with held:
            return self._renewed(refused, time.monotonic() + seconds)

    def _renewed(self, refused: Secret | None, until: float) -> Credential:
        """Under the lock: read again, and spend what is on disk only if it is still needed."""
        for attempt in range(_TRIES):
            credential = self._now()
            token = credential.refresh_token
            if _usable(credential, refused) or token is None:
                return credential
            with Batch() as room:
                fill = self._keep.room(room)
                interrupted = read_journal(self._store, self._owner.name)
                write_journal(self._store, self._owner.name, token)
                try:
                    answer = self._sent(token, until)
                except GrantEnded:
                    if self._replaced(token):
                        continue
                    self._end(credential, room, fill)
                    remove_journal(self._store, self._owner.name)
                    if interrupted and interrupted.fingerprint == fingerprint(token):
                        when = time.strftime("%H:%M:%S", time.localtime(interrupted.started))
                        raise self._ended(
                            f"has ended: a refresh by process {interrupted.pid} at {when} was interrupted"
                        ) from None
                    raise self._ended("has ended") from None
                except GrantBusy:
                    import random

                    time.sleep(0.2 + random.random() * 0.8)  # noqa: S311 (only to spread retries)
                    if attempt + 1 == _TRIES or _left(until) <= _LEAST:
                        raise
                    continue
                except NucliactlError as error:
                    # A lost answer leaves the journal: the token may be spent, and it tells why, later.
                    if not (isinstance(error, Unreachable) and error.lost):
                        remove_journal(self._store, self._owner.name)
                    if _alive(credential, refused):
                        return credential
                    raise
                return self._kept(credential, token, answer, room, fill)
        return self._now()

    def _sent(self, token: Secret, until: float) -> Tokens:
        """Send the refresh token; once more where the answer was lost and time is left, still under the
        lock."""
        try:
            return self._renewal.renew(self._owner, token, _left(until))
        except Unreachable as error:
            if not error.lost or _left(until) <= _LEAST:
                raise
            return self._renewal.renew(self._owner, token, _left(until))

    def _kept(self, before: Credential, spent: Secret, answer: Tokens, room: Batch, fill: Fill) -> Credential:
        """Store what came, unless a login, logout or rename has taken the file's place meanwhile."""
        now = int(time.time())
        ends = now + answer.expires_in if answer.expires_in is not None else None
        after = before._replace(
            secret=answer.access,
            refresh_token=answer.refresh or spent,
            issued_at=now,
            expires_at=ends,
            login_required=False,
        )
        with self._store.writing():
            try:
                if self._replaced(spent):
                    after = self._now()
                else:
                    fill(after)
                    room.commit()
            except NucliactlError as error:
                raise self._lost(error) from None
        remove_journal(self._store, self._owner.name)
        return after

    def _replaced(self, spent: Secret) -> bool:
        found = self._keep.read()
        return found is None or found.refresh_token != spent

    def _lost(self, error: NucliactlError) -> NucliactlError:
        """What was spent has a successor that could not be kept: in the keyring it counts no more."""
        if not self._keep.guarded:
            return error
        self._keep.spoiled()
        remove_journal(self._store, self._owner.name)
        return self._ended(f"was renewed, and the keyring did not keep it: {error.message.rstrip('.')}")

    def _end(self, credential: Credential, room: Batch, fill: Fill) -> None:
        """Note that the refresh token is dead: it is never sent a second time."""
        with self._store.writing():
            if credential.refresh_token and not self._replaced(credential.refresh_token):
                fill(credential._replace(login_required=True))
                room.commit()

    def _ended(self, what: str) -> SessionEnded:
        return SessionEnded(
            f"The session of {self._owner.name!r} {what}.", hint=f"Log in again: {login_command(self._owner)}"
        )

    def _unwritable(self, refused: Secret | None, error: NotWritable) -> Credential:
        credential = self._now()
        if _alive(credential, refused):
            return credential
        raise NotWritable(
            f"The session of {self._owner.name!r} has to be renewed, and its successor could not be "
            f"stored: {error.message}",
            hint=error.hint
            if self._keep.guarded
            else "Make the store writable (or free some of its disk), or use a personal token or a key here.",
        )


def _alive(credential: Credential, refused: Secret | None) -> bool:
    """Say whether a token still serves, if only for a while: not over, and not the refused one."""
    over = credential.expires_at is not None and credential.expires_at <= time.time()
    return not over and credential.secret != refused


def _usable(credential: Credential, refused: Secret | None) -> bool:
    """Say whether a token need not be renewed: it is not the refused one, nor within 30 seconds (or a
    fifth of its life) of its end. One whose end nobody names lasts until it is refused."""
    if refused is not None and credential.secret == refused:
        return False
    if credential.expires_at is None:
        return True
    life = credential.expires_at - (credential.issued_at or credential.expires_at - 5 * _EARLY)
    return time.time() < credential.expires_at - min(_EARLY, life / 5)


def _left(until: float) -> float:
    return max(round(until - time.monotonic(), 1), 0.1)


def says_revoked(body: bytes) -> bool:
    """Say whether a 403 means that the token is dead, and not that something is forbidden."""
    return _REVOKED in body
