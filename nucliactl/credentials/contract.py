"""What a provider is, and how one that works in another thread learns that nobody waits any more."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextvars import ContextVar

from nucliactl.lean import contextmanager
from nucliactl.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from nucliactl.store.credentials import Credential

_given_up: ContextVar[threading.Event | None] = ContextVar("nucliactl_given_up", default=None)


class Provider(ABC):
    """Hands out one secret. Thread-safe. `where` names its place for errors; `slow` says that `get`
    may take long, so that async callers wait for it in a thread; `renewable` that its secrets are tokens
    that end, so that a 403 may mean a dead one."""

    where: str
    slow: bool = False
    renewable: bool = False

    @abstractmethod
    def get(self) -> Secret:
        """Return the secret as it is now. Raises NucliactlError where there is none."""

    @property
    def held(self) -> Credential | None:
        """What the store holds of the secret that was handed out last; None where it is not the store's."""
        return None

    def rejected(self, secret: Secret, /) -> bool:
        """Note that the server refused this very secret; say whether `get` may give another."""
        return self.get() != secret


@contextmanager
def asking() -> Iterator[None]:
    """Let a thread that is given this context know when the block is left by an exception: an async
    caller is cancelled, while its thread goes on."""
    import threading

    event = threading.Event()
    token = _given_up.set(event)
    try:
        yield
    except BaseException:
        event.set()
        raise
    finally:
        _given_up.reset(token)


def abandoned() -> bool:
    """Say whether the caller of this thread has gone."""
    event = _given_up.get()
    return event is not None and event.is_set()
