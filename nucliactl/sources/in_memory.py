"""What this process itself chose (rank 1b): by the SDK's logins, and by `override` in tests.

Nothing of it is written anywhere, and `reset` forgets it.
"""

from __future__ import annotations

import itertools
from contextvars import ContextVar
from weakref import WeakKeyDictionary

from nucliactl.disk.witness import is_pipe, unrepeatable
from nucliactl.lean import contextmanager
from nucliactl.model.profile import Definition
from nucliactl.mutex import Mutex
from nucliactl.secret import Secret
from nucliactl.sources.snapshot import InMemory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nucliactl.model.words import KindName


class Handle:
    """Stands for a secret that only this process has. A copy of it stands for nothing."""


_lock = Mutex()
_chosen: tuple[Definition, ...] = ()
_numbers = itertools.count(1)
_valid_from = 0
_said: set[str] = set()
_Override = tuple[int, str | Definition]  # the number tells which one began later
_secrets: WeakKeyDictionary[Handle, Secret] = WeakKeyDictionary()  # as long as a profile refers to it
# Of a task or thread, not of the process: two tasks that override never see each other's profile.
_overrides: ContextVar[tuple[_Override, ...]] = ContextVar("overrides", default=())
_everywhere: tuple[_Override, ...] = ()


def snapshot() -> InMemory:
    """Return what is chosen here and now."""
    with _lock:
        standing = [one for one in (*_overrides.get(), *_everywhere) if one[0] > _valid_from]
        chosen = tuple(d._replace(secret=d.secret._replace(value=kept(d.secret.handle))) for d in _chosen)
        if standing or chosen:
            unrepeatable()
        return InMemory(max(standing, key=lambda one: one[0])[1] if standing else None, chosen)


def nothing_chosen() -> bool:
    """Say whether nothing is chosen here and now."""
    return not (_chosen or _everywhere or _overrides.get())


def keep(definition: Definition) -> Definition:
    """Return a definition that refers to its secret, which this process keeps, by a handle."""
    ref = definition.secret
    if ref.value is None:
        return definition
    handle = ref.handle if isinstance(ref.handle, Handle) else Handle()
    _secrets[handle] = ref.value
    return definition._replace(secret=ref._replace(value=None, handle=handle))


def referring(definition: Definition) -> Definition:
    """Return a definition that only refers to its secret: this process keeps what can be read once (a
    pipe as --env-file) or stands nowhere else."""
    ref = definition.secret
    if ref.handle is None and not (definition.file and is_pipe(definition.file)):
        return definition._replace(secret=ref._replace(value=None))
    return keep(definition)


def kept(handle: object) -> Secret | None:
    """Return the secret that a handle stands for here; None for a copy of it."""
    return _secrets.get(handle) if isinstance(handle, Handle) else None


def choose(definition: Definition) -> None:
    """Make a definition this process's active one of its kind, and the active one where no kind is
    asked for."""
    global _chosen
    definition = keep(definition)
    with _lock:
        _chosen = (definition, *(d for d in _chosen if d.kind != definition.kind))


def drop(kind: KindName, name: str | None = None) -> None:
    """Forget the choice of a kind, if it is the profile `name` (any, without one)."""
    global _chosen
    with _lock:
        _chosen = tuple(d for d in _chosen if d.kind != kind or name not in (None, d.name))


@contextmanager
def overriding(value: str | Definition) -> Iterator[None]:
    """Let a profile win over all other sources within the block, in this thread or task."""
    own = (next(_numbers), value)
    _overrides.set((*_overrides.get(), own))
    try:
        yield
    finally:
        # Not by a token: a fixture may end in another context than it began in.
        _overrides.set(tuple(one for one in _overrides.get() if one is not own))


@contextmanager
def overriding_everywhere(value: str | Definition) -> Iterator[None]:
    """Let a profile win over all other sources within the block, in every thread and task of the
    process. Of several blocks, of either sort, the one that began last wins."""
    global _everywhere
    own = (next(_numbers), value)
    with _lock:
        _everywhere = (*_everywhere, own)
    try:
        yield
    finally:
        with _lock:
            _everywhere = tuple(one for one in _everywhere if one is not own)


def first_time(text: str) -> bool:
    """Say whether a warning is given for the first time in this process."""
    with _lock:
        known = text in _said
        _said.add(text)
        return not known


def reset() -> None:
    """Forget every choice, override and warning of this process."""
    global _chosen, _everywhere, _valid_from
    with _lock:
        _chosen, _everywhere, _valid_from = (), (), next(_numbers)
        _said.clear()
