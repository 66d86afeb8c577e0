"""Servers of a test's own below HTTP: proxies that record, TLS with any dates, raw bytes."""

import base64
import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from support import installed

Talk = Callable[[socket.socket], None]


class Wire:
    """Listens on loopback and lets `talk` speak with each who connects, in a thread of its own."""

    def __init__(self, talk: Talk) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self.listener.getsockname()[1]
        self.connections = 0
        self._talk = talk
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.connections += 1
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, EOFError), connection:
            self._talk(connection)

    def close(self) -> None:
        self.listener.close()


def head_of(connection: socket.socket) -> bytes:
    """Read a request as far as the blank line."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(4096)
        if not more:
            raise EOFError
        data += more
    return data


def _exactly(connection: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def pump(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes both ways until an end closes."""

    def copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join()


class Proxy(Wire):
    """An HTTP and SOCKS5 proxy that leads every host to one local port. `asked` has what was wanted, as
    `host:port`; `users` the name and password it was wanted with."""

    def __init__(self, target: int, answer: bytes | None = None) -> None:
        self.asked: list[str] = []
        self.users: list[tuple[str, str] | None] = []
        self._target, self._answer = target, answer
        super().__init__(self._pass)

    def _pass(self, connection: socket.socket) -> None:
        first = connection.recv(1, socket.MSG_PEEK)
        if first == b"\x05":
            self._socks(connection)
        else:
            self._http(connection)

    def _http(self, connection: socket.socket) -> None:
        head = head_of(connection)
        method, wanted = head.split(b" ", 2)[:2]
        user = None
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"proxy-authorization: basic "):
                name, _, password = base64.b64decode(line.split(b" ")[2]).decode().partition(":")
                user = name, password
        self.users.append(user)
        self.asked.append(wanted.decode().removeprefix("http://").split("/")[0])
        if self._answer is not None:
            connection.sendall(self._answer)
            return
        with socket.create_connection(("127.0.0.1", self._target)) as target:
            if method == b"CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = wanted.removeprefix(b"http://").partition(b"/")[2]
                target.sendall(head.replace(wanted, b"/" + path, 1))
            pump(connection, target)

    def _socks(self, connection: socket.socket) -> None:
        _, count = _exactly(connection, 2)
        methods = _exactly(connection, count)
        if 2 in methods:
            connection.sendall(b"\x05\x02")
            name = _exactly(connection, _exactly(connection, 2)[1]).decode()
            self.users.append((name, _exactly(connection, _exactly(connection, 1)[0]).decode()))
            connection.sendall(b"\x01\x00")
        else:
            connection.sendall(b"\x05\x00")
            self.users.append(None)
        kind = _exactly(connection, 4)[3]
        assert kind == 3, "the name is resolved by the proxy"
        host = _exactly(connection, _exactly(connection, 1)[0]).decode()
        self.asked.append(f"{host}:{int.from_bytes(_exactly(connection, 2), 'big')}")
        with socket.create_connection(("127.0.0.1", self._target)) as target:
            connection.sendall(b"\x05\x00\x00\x01" + b"\x00" * 6)
            pump(connection, target)


def todays_certificate(folder: Path, *names: str) -> Path:
    """Make a certificate that is valid now, for `DNS:…` and `IP:…`; its key is in key.pem beside it."""
    installed("openssl")
    words = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    words += ["-keyout", "key.pem", "-out", "cert.pem", "-addext", f"subjectAltName={','.join(names)}"]
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return folder / "cert.pem"


def certificate(directory: Path, starts: str, ends: str) -> Path:
    """Make a certificate of box.example and 127.0.0.1 that is valid between two years; its file holds
    the key too."""
    directory.mkdir()
    (directory / "index").touch()
    (directory / "serial").write_text("01\n")
    (directory / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=it\n[it]\ndir={directory}\ndatabase=$dir/index\nnew_certs_dir=$dir\nserial=$dir/serial\n"
        "default_md=sha256\npolicy=any\nx509_extensions=names\n[any]\ncommonName=supplied\n"
        "[names]\nsubjectAltName=DNS:box.example,IP:127.0.0.1\nbasicConstraints=CA:TRUE\n"
    )
    key, asked, made = (str(directory / name) for name in ("key.pem", "asked.pem", "made.pem"))
    new = ["req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=box.example", "-keyout", key, "-out", asked]
    sign = ["ca", "-batch", "-selfsign", "-notext", "-config", str(directory / "ca.cnf"), "-keyfile", key]
    sign += [
        "-in",
        asked,
        "-out",
        made,
        "-startdate",
        f"{starts}0101000000Z",
        "-enddate",
        f"{ends}0101000000Z",
    ]
    for words in (new, sign):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    both = directory / "both.pem"
    both.write_text(Path(made).read_text() + Path(key).read_text())
    return both


@contextlib.contextmanager
def tls_server(pem: Path, answer: bytes) -> Iterator[Wire]:
    """A TLS server that gives every request one answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def talk(connection: socket.socket) -> None:
        with contextlib.suppress(ssl.SSLError), context.wrap_socket(connection, server_side=True) as secure:
            head_of(secure)
            secure.sendall(answer)

    wire = Wire(talk)
    try:
        yield wire
    finally:
        wire.close()
