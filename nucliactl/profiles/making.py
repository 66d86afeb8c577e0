"""Making what the service cannot take back: every local check first, then the call, then the keeping.

What cannot be kept all the same is deleted again at the service. Only what cannot be deleted either is
handed to whoever asked for it, by the error.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import NamedTuple, TypeVar

from nucliactl.errors import NotKept, NucliactlError
from nucliactl.http.flow import Flow
from nucliactl.login.draft import Draft
from nucliactl.login.naming import check_new
from nucliactl.login.save import STAND_IN, Activate, Saved, save
from nucliactl.model.profile import Definition
from nucliactl.model.words import StoreName
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Sources
from nucliactl.store.definitions import read_stored
from nucliactl.store.keeping import fitting_credential
from nucliactl.store.refreshes import WAIT, refreshing

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
    storage: StoreName | None = None

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
            storage=self.storage,
        )

    def holds(self, secret: Secret) -> bool:
        """Say whether the store has it, whatever went wrong."""
        try:
            stored = read_stored(self.sources.writable(), self.name)
            return stored is not None and fitting_credential(stored).secret == secret
        except NucliactlError:
            return False


@contextmanager
def _reserved(destination: Destination | None, maker: Definition) -> Iterator[None]:
    """Hold the name of a destination, once a key is known to fit there: nobody rotates, renames or deletes
    what is there meanwhile. (A maker that replaces itself cannot: its session may be renewed.)"""
    if destination is None:
        yield
        return
    store, own = destination.sources.writable(), destination.name == maker.name
    with nullcontext() if own else refreshing(store, destination.name, WAIT):
        check_new(store, destination.name, force=destination.force)
        destination.keep(Draft(destination.definition, STAND_IN), rehearsal=True)
        yield


def made(
    flow: Flow[tuple[M, Secret]],
    keep: Callable[[M, Secret], K],
    destination: Destination | None,
    maker: Definition,
    *,
    what: str,
    undo: Callable[[M], Flow[None]] | None,
    otherwise: Callable[[M], str],
    unsure: str,
) -> Flow[tuple[M, K]]:
    """Create something by a flow and keep it; return it, and what `keep` returns. Where keeping fails, it is
    deleted again at the service by `undo` (None: that cannot be). Where the answer is lost, the hint of the
    error is `unsure`; where it stays without being kept, `otherwise`. `what` begins a sentence.

    Raises why it could not be kept, or NotKept with the secret where it could not be deleted either.
    """
    with _reserved(destination, maker):
        try:
            created, secret = yield from flow
        except NucliactlError as error:
            if error.lost:
                error.hint = unsure
            raise
        try:
            return created, keep(created, secret)
        except Exception as error:
            failed = error
        if destination is not None and destination.holds(secret):
            raise failed
        if undo is not None and (yield from _undone(undo(created))):
            if isinstance(failed, NucliactlError):
                failed.hint = f"{what} was deleted again at the service. {failed.hint or ''}".rstrip()
            raise failed
        reason = failed.message if isinstance(failed, NucliactlError) else "the system refused."
        lost = NotKept(f"{what} could not be kept: {reason}", hint=otherwise(created))
        lost.secret = secret
        raise lost


def _undone(undo: Flow[None]) -> Flow[bool]:
    try:
        yield from undo
    except NucliactlError:
        return False
    return True
