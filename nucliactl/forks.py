"""What a fork in another thread must not leave behind in the child: locks that nobody frees there."""

import os
import threading
from collections.abc import Callable
from weakref import WeakSet


def in_every_child(action: Callable[[], None]) -> Callable[[], None]:
    """Have `action` done in each forked child, before anything else happens there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=action)
    return action


class Mutex:
    """A lock among threads, free in a forked child whoever held it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        _all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        self._lock = threading.Lock()


_all: WeakSet[Mutex] = WeakSet()


@in_every_child
def _renew_all() -> None:
    for mutex in list(_all):
        mutex.renew()
