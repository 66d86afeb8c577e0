"""Making what the service cannot take back: every local check first, then the call, then the keeping.

What cannot be kept all the same is deleted again at the service. Only what cannot be deleted either is
handed to whoever asked for it, by the error.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from nucliactl.errors import NucliactlError
from nucliactl.http.drive import Call, Flow
from nucliactl.login.draft import Draft
from nucliactl.login.naming import check_new
from nucliactl.login.save import Activate, Saved, save
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.sources.directory import Directories
from nucliactl.store.credentials import fitting_credential
from nucliactl.store.definitions import read_stored
from nucliactl.store.layout import Store
from nucliactl.store.sessions import WAIT, refreshing

M = TypeVar("M")
K = TypeVar("K")
STAND_IN = Secret("0" * 4096)  # as large as any key: what has room for it has room for the real one


class NotKept(NucliactlError):
    """Something was made at the service that can be neither kept nor deleted again. `secret` is it: the
    command line prints it, alone, and nothing else ever shows it."""

    def __init__(self, message: str, secret: Secret, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.secret = secret


class Destination(NamedTuple):
    """The place in the store where something that is yet to be made will be kept."""

    store: Store
    directories: Directories
    name: str
    definition: Definition
    found: Identity
    now: int
    force: bool = False
    activate: Activate = "always"

    def keep(self, draft: Draft) -> Saved:
        return self._saved(draft)

    def rehearse(self) -> None:
        """Raise what would keep a credential from being kept here."""
        self._saved(Draft(self.definition, STAND_IN), rehearsal=True)

    def holds(self, secret: Secret) -> bool:
        """Say whether the store has it, whatever went wrong."""
        try:
            stored = read_stored(self.store, self.name)
            return stored is not None and fitting_credential(stored).secret == secret
        except NucliactlError:
            return False

    def _saved(self, draft: Draft, *, rehearsal: bool = False) -> Saved:
        return save(
            self.store,
            self.directories,
            draft,
            self.found,
            name=self.name,
            force=self.force,
            now=self.now,
            activate=self.activate,
            rehearsal=rehearsal,
        )


class NewSecret(NamedTuple):
    """What was just made, in words: `what` begins a sentence, `otherwise` is the hint where it stays without
    being kept. `undo` deletes it again at the service (None: that cannot be). `destination`: where
    the store keeps it, if it does."""

    what: str
    secret: Secret
    undo: Callable[[], Flow[None]] | None
    otherwise: str
    destination: Destination | None = None


@contextmanager
def reserved(destination: Destination | None, maker: Definition) -> Iterator[None]:
    """Hold the name of a destination, once a key is known to fit there: nobody rotates, renames or deletes
    what is there meanwhile. (A maker that replaces itself cannot: its session may be renewed.)"""
    if destination is None:
        yield
        return
    with ExitStack() as stack:
        if destination.name != maker.name:
            stack.enter_context(refreshing(destination.store, destination.name, WAIT))
        check_new(destination.store, destination.name, force=destination.force)
        destination.rehearse()
        yield


def sent(call: Call[M], unsure: str) -> Flow[M]:
    """Make something; where the answer is lost, the hint of the error is `unsure`."""
    try:
        found: M = yield call
    except NucliactlError as error:
        if error.lost:
            error.hint = unsure
        raise
    return found


def kept(made: NewSecret, keep: Callable[[], K]) -> Flow[K]:
    """Keep what was made; where that fails, delete it again at the service.

    Raises why it could not be kept, or NotKept with the secret where it could not be deleted either.
    """
    try:
        return keep()
    except Exception as error:
        failed = error
    if made.destination is not None and made.destination.holds(made.secret):
        raise failed
    raise (yield from _told(failed, made))


def _told(failed: Exception, made: NewSecret) -> Flow[Exception]:
    """Delete what could not be kept, and return the error that says what is true then."""
    if made.undo is not None:
        try:
            yield from made.undo()
        except NucliactlError:
            pass
        else:
            if isinstance(failed, NucliactlError):
                failed.hint = f"{made.what} was deleted again at the service. {failed.hint or ''}".rstrip()
            return failed
    reason = failed.message if isinstance(failed, NucliactlError) else "the system refused."
    return NotKept(f"{made.what} could not be kept: {reason}", made.secret, hint=made.otherwise)
