"""Whether anybody still waits for a provider that works in another thread."""

import contextlib
import threading
from collections.abc import Iterator
from contextvars import ContextVar

_given_up: ContextVar[threading.Event | None] = ContextVar("nucliactl_given_up", default=None)


@contextlib.contextmanager
def asking() -> Iterator[None]:
    """Let a thread that is given this context know when the block is left by an exception: an async
    caller is cancelled, while its thread goes on."""
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
