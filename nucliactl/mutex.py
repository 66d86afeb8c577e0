"""A lock among threads that a forked child finds free."""

from _thread import allocate_lock
from weakref import WeakSet

from nucliactl.forks import in_every_child


class Mutex:
    """A lock among threads, free in a forked child whoever held it."""

    def __init__(self) -> None:
        self._lock = allocate_lock()
        _all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def renew(self) -> None:
        self._lock = allocate_lock()


_all: WeakSet[Mutex] = WeakSet()


@in_every_child
def _renew_all() -> None:
    for mutex in list(_all):
        mutex.renew()
