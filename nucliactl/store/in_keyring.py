"""Credentials in the desktop's keyring; what they hold does not differ from that of files."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable

from nucliactl.disk import witness
from nucliactl.disk.atomic import Batch, remove_file
from nucliactl.errors import NotWritable, NucliactlError, Refused, Unreadable
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.store import keyrings
from nucliactl.store.credentials import Credential, credential_bytes, login_command, parse_credential
from nucliactl.store.definitions import read_stored
from nucliactl.store.keeping import Keep
from nucliactl.store.keyrings import KeyringFailed
from nucliactl.store.layout import Store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.reading import Read
    from nucliactl.store.keeping import Failed, Fill

_LARGE = 4096
_MARK = b'{"version": 1, "storage": "keyring"}\n'


class KeyringKeep(Keep):
    """An entry of the keyring, and a mark beside the credential files, which says that it counts.

    The mark holds no secret. Without it nothing is kept: so a rename is one step, and what the keyring
    holds is known without opening it. It is written anew with each credential, so that a process which
    remembers one sees by it that there is another.
    """

    storage = "keyring"
    guarded = True

    def __init__(self, store: Store, name: str, read: Read) -> None:
        super().__init__(store, name, read)
        self._seen: tuple[tuple[int, ...], Credential | None] | None = None

    @property
    def where(self) -> str:
        return self.store.entry(self.name)

    @property
    def _mark(self) -> str:
        return self.store.mark(self.name)

    def has(self) -> bool:
        return witness.is_there(self._mark)

    def read(self) -> Credential | None:
        witness.unrepeatable()
        mark = self._state()
        if mark is None:
            return None
        try:
            found = keyrings.read(self._account(self.name))
        except KeyringFailed as error:
            raise self._error(error, Unreadable) from None
        credential = parse_credential(found, self.where) if found else None
        self._seen = mark, credential
        return credential

    def recent(self) -> Credential | None:
        if self._seen is not None and self._seen[0] == self._state():
            return self._seen[1]
        return self.read()

    def check(self) -> None:
        self._does(lambda: keyrings.probe(_LARGE))

    def put(self, batch: Batch, credential: Credential) -> None:
        self.room(batch)(credential)

    def room(self, batch: Batch) -> Fill:
        coming: list[Credential] = []
        self.check()
        batch.write(self._mark, _MARK)  # first: what the keyring holds is never without one
        batch.also(lambda: self._write(self.name, coming[-1]))
        batch.write(self._mark, _MARK)
        return coming.append

    def move(self, batch: Batch, to: str) -> None:
        credential = self.read()
        if credential is None:
            batch.remove(self.store.mark(to))
            batch.remove(self._mark)
            return
        batch.also(lambda: self._write(to, credential))
        batch.move(self._mark, self.store.mark(to))
        batch.also(self._remove_if_possible)  # what has no mark does not count any more

    def remove(self, batch: Batch, failed: Failed | None = None) -> None:
        if not self.has():  # nothing counts there; what a killed writer left may be
            failed = failed or _nothing

        def work() -> None:
            try:
                self._remove()
            except NucliactlError as error:
                if failed is None:
                    raise
                failed(error)
                return
            remove_file(self._mark)

        batch.also(work)

    def spoiled(self) -> None:
        remove_file(self._mark)

    def _write(self, name: str, credential: Credential) -> None:
        secret = Secret(credential_bytes(credential).decode())
        self._does(lambda: keyrings.write(self._account(name), secret))

    def _remove(self) -> None:
        self._does(lambda: keyrings.remove(self._account(self.name)))

    def _remove_if_possible(self) -> None:
        with contextlib.suppress(NucliactlError):
            self._remove()

    def _does(self, work: Callable[[], object]) -> None:
        try:
            work()
        except KeyringFailed as error:
            raise self._error(error, NotWritable) from None

    def _error(self, error: KeyringFailed, otherwise: type[NucliactlError]) -> NucliactlError:
        made = Refused if error.unsafe else otherwise
        whose = f" of {self.name!r}" if self.name else ""
        found = made(f"The credential{whose} belongs in the keyring, and {error.clause}.", hint=error.remedy)
        if otherwise is Unreadable and (definition := self._definition()):
            found.hint = (
                f"{error.remedy}\nWithout it, log in again: {login_command(definition)} --storage file"
            )
        return found

    def _definition(self) -> Definition | None:
        with contextlib.suppress(NucliactlError):
            return read_stored(self.store, self.name)
        return None

    def _account(self, name: str) -> str:
        """One store has one account for a name, by whichever path it is named."""
        return os.path.join(os.path.realpath(self.store.root), name)

    def _state(self) -> tuple[int, ...] | None:
        try:
            info = os.stat(self._mark)
        except OSError:
            return None
        return info.st_dev, info.st_ino, info.st_mtime_ns, info.st_ctime_ns


def _nothing(_: NucliactlError) -> None:
    """There is nothing to be said of it."""
