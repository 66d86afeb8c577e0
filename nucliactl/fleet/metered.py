"""A socket whose answers are bounded: the peer may send so many bytes, and take so long, and no more."""

import contextlib
import socket
import time
from collections.abc import Iterator
from typing import Any


class Meter:
    """What the answer that is awaited may still have. Where no time is set the reader's own time-outs hold.
    `exceeded` says that it wanted more bytes."""

    def __init__(self) -> None:
        self.exceeded = False
        self._left = 0
        self._until: float | None = None

    def begin(self, size: int, seconds: float | None) -> None:
        """Allow so many bytes from now on, within some seconds."""
        self._left, self.exceeded = size, False
        self._until = None if seconds is None else time.monotonic() + seconds

    def refill(self, size: int) -> None:
        """Allow so many bytes for one more answer, within the same time."""
        self._left = size

    @contextlib.contextmanager
    def waiting(self, plain: socket.socket) -> Iterator[None]:
        """Let a read wait for what is left of the time, where its own time-out is not shorter. Raises
        TimeoutError where nothing is left."""
        own = plain.gettimeout()
        left = None if self._until is None else self._until - time.monotonic()
        if left is None or (own is not None and own <= left):
            yield
            return
        if left <= 0:
            raise TimeoutError
        plain.settimeout(left)
        try:
            yield
        finally:
            plain.settimeout(own)

    def count(self, taken: int) -> None:
        """Raises ConnectionAbortedError for more bytes than are allowed."""
        self._left -= taken
        if self._left < 0:
            self.exceeded = True
            raise ConnectionAbortedError


class Metered:
    """A socket with a meter; it does all else as the socket does."""

    def __init__(self, plain: socket.socket, meter: Meter) -> None:
        self._plain, self._meter = plain, meter

    def recv(self, size: int) -> bytes:
        with self._meter.waiting(self._plain):
            data = self._plain.recv(size)
        self._meter.count(len(data))
        return data

    def recv_into(self, buffer: Any, *more: int) -> int:
        with self._meter.waiting(self._plain):
            taken = self._plain.recv_into(buffer, *more)
        self._meter.count(taken)
        return taken

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plain, name)
