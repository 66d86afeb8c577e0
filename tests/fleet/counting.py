"""A door in front of a server that counts what goes through it."""

import contextlib
import socket
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def counted(port: int, mark: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """A port that leads to another of this machine, and the requests through it that had a mark."""
    seen: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def carry(one: socket.socket, other: socket.socket, *, asking: bool) -> None:
        with contextlib.suppress(OSError), one, other:
            while data := one.recv(65536):
                if asking and mark in data:
                    seen.append(data)
                other.sendall(data)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                one = listening.accept()[0]
                other = socket.create_connection(("127.0.0.1", port))
                for pair, asking in (((one, other), True), ((other, one), False)):
                    threading.Thread(target=carry, args=pair, kwargs={"asking": asking}, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], seen
    finally:
        listening.close()
