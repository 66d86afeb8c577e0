"""Making what the service cannot take back: every local check first, then the call, then the keeping.

What cannot be kept all the same is deleted again at the service. Only what cannot be deleted either is
handed to whoever asked for it, by the error.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple, TypeVar

from nucliactl.errors import NotKept, NucliactlError
from nucliactl.http.flow import Flow
from nucliactl.login.draft import Draft
from nucliactl.login.naming import check_new
from nucliactl.login.save import STAND_IN, Activate, Saved, save
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Sources
from nucliactl.store.credentials import fitting_credential
from nucliactl.store.definitions import read_stored
from nucliactl.store.sessions import WAIT, refreshing

M = TypeVar("M")
K = TypeVar("K")


class Destination(NamedTuple):
    """The place in the store where something that is yet to be made will be kept."""

    sources: Sources
    name: str
    definition: Definition
    found: Identity
    now: int
    force: bool = False
    activate: Activate = "always"

    def keep(self, draft: Draft, *, rehearsal: bool = False) -> Saved:
        """Save a draft here; `rehearsal` as `save` has it."""
        return save(
            self.sources,
            draft,
            self.found,
            name=self.name,
            force=self.force,
            now=self.now,
            activate=self.activate,
            rehearsal=rehearsal,
        )

    def holds(self, secret: Secret) -> bool:
        """Say whether the store has it, whatever went wrong."""
        try:
            stored = read_stored(self.sources.writable(), self.name)
            return stored is not None and fitting_credential(stored).secret == secret
        except NucliactlError:
            return False


class NewSecret(NamedTuple):
    """What was just made, in words: `what` begins a sentence, `otherwise` is the hint where it stays without
    being kept. `undo` deletes it again at the service (None: that cannot be)."""

    what: str
    secret: Secret
    undo: Callable[[], Flow[None]] | None
    otherwise: str


@contextmanager
def _reserved(destination: Destination | None, maker: Definition) -> Iterator[None]:
    """Hold the name of a destination, once a key is known to fit there: nobody rotates, renames or deletes
    what is there meanwhile. (A maker that replaces itself cannot: its session may be renewed.)"""
    if destination is None:
        yield
        return
    with ExitStack() as stack:
        store = destination.sources.writable()
        if destination.name != maker.name:
            stack.enter_context(refreshing(store, destination.name, WAIT))
        check_new(store, destination.name, force=destination.force)
        destination.keep(Draft(destination.definition, STAND_IN), rehearsal=True)
        yield


def made(
    flow: Flow[M],
    described: Callable[[M], NewSecret],
    keep: Callable[[M], K],
    destination: Destination | None,
    maker: Definition,
    unsure: str,
) -> Flow[tuple[M, K]]:
    """Create something by a flow and keep it; return it, and what `keep` returns. Where keeping fails, it is
    deleted again at the service. Where the answer is lost, the hint of the error is `unsure`.

    Raises why it could not be kept, or NotKept with the secret where it could not be deleted either.
    """
    with _reserved(destination, maker):
        try:
            created = yield from flow
        except NucliactlError as error:
            if error.lost:
                error.hint = unsure
            raise
        new = described(created)
        try:
            return created, keep(created)
        except Exception as error:
            failed = error
        if destination is not None and destination.holds(new.secret):
            raise failed
        raise (yield from _told(failed, new))


def _told(failed: Exception, new: NewSecret) -> Flow[Exception]:
    """Delete what could not be kept, and return the error that says what is true then."""
    if new.undo is not None:
        try:
            yield from new.undo()
        except NucliactlError:
            pass
        else:
            if isinstance(failed, NucliactlError):
                failed.hint = f"{new.what} was deleted again at the service. {failed.hint or ''}".rstrip()
            return failed
    reason = failed.message if isinstance(failed, NucliactlError) else "the system refused."
    error = NotKept(f"{new.what} could not be kept: {reason}", hint=new.otherwise)
    error.secret = new.secret
    return error
