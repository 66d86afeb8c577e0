"""The loopback listener that the browser comes back to. A bad request never ends the wait.

One thread serves everybody: who drips or says nothing has a few seconds in all, and of too many the
oldest is dropped, so that the answer always gets in.
"""

import contextlib
import re
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping
from types import TracebackType

from nucliactl.login.pages import DENIED, DONE, STRAY, reply
from nucliactl.login.pkce import PORTS, parameters

AT_ONCE = 32
SECONDS = 5.0
"""The longest that one connection may last."""
_STEP = 0.05
_LONGEST = 32 * 1024
_LINE = re.compile(rb"([A-Z]{1,20}) (/[\x21-\x7e]*) HTTP/1\.[01]")
_END = re.compile(rb"\r?\n\r?\n")

Judge = Callable[[Mapping[str, str]], bool]
"""Is told the parameters of an answer; says whether it is ours."""


class Listener:
    """Listens on the first free of the registered ports of 127.0.0.1. OSError where all are busy.

    Whoever comes with another method, path, Host or state gets a constant page and changes nothing.
    """

    def __init__(self) -> None:
        self.answer: dict[str, str] | None = None
        self._judge: Judge = lambda _: False
        self._arrived, self._ended = threading.Event(), threading.Event()
        self._socket = _bound()
        self.port: int = self._socket.getsockname()[1]
        self._visitors: dict[socket.socket, _Visitor] = {}
        self._thread = threading.Thread(target=self._serve, name="nucliactl-listener", daemon=True)

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

    def expect(self, judge: Judge) -> None:
        """Say whose answer is awaited."""
        self._judge = judge

    def wait(self, seconds: float) -> dict[str, str] | None:
        """Return the answer, or None if none has come within `seconds`."""
        return self.answer if self._arrived.wait(seconds) else None

    def _serve(self) -> None:
        with selectors.DefaultSelector() as ready, self._socket:
            ready.register(self._socket, selectors.EVENT_READ)
            while not self._ended.is_set():
                for key, _ in ready.select(_STEP):
                    if key.fileobj is self._socket:
                        self._accept(ready)
                    elif (visitor := self._visitors.get(key.fileobj)) is not None:  # type: ignore[call-overload]
                        self._hear(visitor, ready)
                for visitor in list(self._visitors.values()):
                    if visitor.until < time.monotonic():
                        self._drop(visitor, ready)
            for visitor in self._visitors.values():
                visitor.socket.close()

    def _accept(self, ready: selectors.BaseSelector) -> None:
        try:
            came, _ = self._socket.accept()
        except OSError:  # it has gone again, or there are too many files
            return
        came.setblocking(False)
        if len(self._visitors) >= AT_ONCE:
            self._drop(next(iter(self._visitors.values())), ready)
        visitor = self._visitors[came] = _Visitor(came)
        ready.register(came, selectors.EVENT_READ)
        self._hear(visitor, ready)

    def _hear(self, visitor: "_Visitor", ready: selectors.BaseSelector) -> None:
        """Read what has come, and answer a request that is whole (or too long to be one)."""
        try:
            data = visitor.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop(visitor, ready)
        elif not visitor.answered:  # else what comes after the answer is let go
            visitor.data += data
            if _END.search(visitor.data) or len(visitor.data) > _LONGEST:
                self._reply(visitor)

    def _reply(self, visitor: "_Visitor") -> None:
        visitor.answered = True
        taken = self._arrived.is_set()
        page, found = judged(bytes(visitor.data), self.port, lambda found: not taken and self._judge(found))
        # The other end closes first: what it still sends must not destroy the page under way.
        with contextlib.suppress(OSError):
            visitor.socket.sendall(page)
            visitor.socket.shutdown(socket.SHUT_WR)
        if found is not None:  # a browser that breaks off has answered all the same
            self.answer = found
            self._arrived.set()

    def _drop(self, visitor: "_Visitor", ready: selectors.BaseSelector) -> None:
        ready.unregister(visitor.socket)
        del self._visitors[visitor.socket]
        visitor.socket.close()


class _Visitor:
    """One connection, and what it has said."""

    def __init__(self, came: socket.socket) -> None:
        self.socket, self.data, self.answered = came, bytearray(), False
        self.until = time.monotonic() + SECONDS


def judged(request: bytes, port: int, ours: Judge) -> tuple[bytes, dict[str, str] | None]:
    """Return what a request is answered with, and the parameters it brought, if `ours` says that they are the
    awaited ones."""
    line, *headers = re.split(rb"\r?\n", _END.split(request, maxsplit=1)[0])
    match = _LINE.fullmatch(line)
    if match is None or len(request) > _LONGEST:
        return reply(400, STRAY), None
    if match[1] != b"GET":
        return reply(405, STRAY, whole=match[1] != b"HEAD"), None
    hosts = [
        value.strip() for name, _, value in (h.partition(b":") for h in headers) if name.lower() == b"host"
    ]
    path, _, query = match[2].decode().partition("?")
    if hosts != [f"127.0.0.1:{port}".encode()] or path != "/callback":
        return reply(404, STRAY), None
    try:
        found = parameters(query.partition("#")[0])
    except ValueError:
        found = {}
    if not ours(found):
        return reply(400, STRAY), None
    return reply(200, DENIED if "error" in found else DONE), found


def _bound() -> socket.socket:
    for port in PORTS:
        try:
            found = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError:
            if port == PORTS[-1]:
                raise
        else:
            found.setblocking(False)
            return found
    raise AssertionError(PORTS)
