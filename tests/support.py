"""What tests are written with: the installed command in an isolated home, and a recording server."""

import contextlib
import fcntl
import functools
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from warm import Warm

BIN = Path(sys.executable).parent
COMMAND = str(BIN / "nucliactl")
REPO = Path(__file__).parent.parent
PATIENCE = 300.0
"""Seconds a test waits for what must happen: no verdict depends on how fast the machine is."""


class Result(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def machine() -> dict[str, str]:
    """What every process of the suite has of this machine's variables."""
    kept = {name: os.environ[name] for name in ("LANG", "SSL_CERT_FILE") if name in os.environ}
    return {"PATH": f"{BIN}:{os.environ['PATH']}", **kept}


@functools.cache
def interpreter() -> Warm:
    """The warmed interpreter of this test session."""
    return Warm(tempfile.mkdtemp(prefix="nucliactl-warm-"), machine())


class Home:
    """A person's machine: a home directory, a store, variables, and the installed command."""

    def __init__(self, path: Path, *, warm: bool = "COLD" not in os.environ) -> None:
        """`warm`: let `run` and `python` fork a warmed interpreter (`warm.py`) where that is the same;
        `COLD=1 pytest …` starts a process each time."""
        self.path = path
        self.warm = warm
        self.servers: Callable[[str, dict[str, str]], str] = lambda text, _: text
        self.store = path / "store"
        self.work = path / "work"
        self.work.mkdir(parents=True)
        self.environ = {**machine(), "HOME": str(path), "NUCLIA_CONFIG_DIR": str(self.store)}

    def run(self, *args: str, stdin: str | None = None, **variables: str) -> Result:
        """Run `nucliactl`; variables are added to the home's own."""
        if self.warm and interpreter().can({**self.environ, **variables}):
            return self._forked([COMMAND, *args], None, stdin, variables)
        return self.process(*args, stdin=stdin, **variables)

    def process(self, *args: str, stdin: str | None = None, **variables: str) -> Result:
        """Run `nucliactl` as a process from its first instruction on, for what is about processes."""
        return self.program(COMMAND, *args, stdin=stdin, **variables)

    def python(self, code: str, *args: str, stdin: str | None = None, **variables: str) -> Result:
        """Run a program that uses the SDK."""
        if self.warm and interpreter().can({**self.environ, **variables}):
            return self._forked(["-c", *args], code, stdin, variables)
        return self.program(sys.executable, "-c", code, *args, stdin=stdin, **variables)

    def _forked(
        self, argv: list[str], code: str | None, stdin: str | None, variables: dict[str, str]
    ) -> Result:
        environ = {**self.environ, **variables}
        data = (stdin or "").encode("utf-8", "surrogateescape")
        ended, out, err = interpreter().run(argv, code, data, environ, self.work, PATIENCE)
        return self._result(ended, out, err, code is None)

    def program(
        self, *words: str, stdin: str | None = None, seconds: float = PATIENCE, **variables: str
    ) -> Result:
        """Run any program."""
        finished = subprocess.run(
            words,
            input=(stdin or "").encode("utf-8", "surrogateescape"),
            capture_output=True,
            env={**self.environ, **variables},
            cwd=self.work,
            timeout=seconds,
            check=False,
        )
        return self._result(finished.returncode, finished.stdout, finished.stderr, words[0] == COMMAND)

    @staticmethod
    def _result(code: int, out: bytes, err: bytes, ours: bool) -> Result:
        result = Result(code, out.decode(), err.decode())
        assert "Traceback" not in result.err or not ours, result.err
        return result

    def shell(self, script: str, **variables: str) -> Result:
        """Run a script of a shell; the `nucliactl` in it is forked, too."""
        if self.warm:
            variables = {"PATH": f"{interpreter().shim()}:{self.environ['PATH']}", **variables}
        return self.program("sh", "-euc", script, **variables)

    def define(self, name: str, text: str) -> Path:
        """Write a definition by hand, as a person does."""
        path = self.store / "profiles" / f"{name}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
        return path

    def ended_session(self, origin: str, refresh_token: str = "r") -> Path:
        """Store the user `ann`, whose access token has ended and whose session `origin` would renew; return
        where the session is."""
        urls = f'global_url = "{origin}"\noauth_url = "{origin}"\nzone_url = "{origin}/{{zone}}"\n'
        self.define("ann", f'kind = "user"\n{urls}')
        path = self.store / "credentials/ann.json"
        path.parent.mkdir(exist_ok=True)
        path.touch(0o600)
        held = {"version": 1, "kind": "user", "origins": [origin], "access_token": "old"}
        held |= {"refresh_token": refresh_token, "issued_at": 1, "expires_at": 2, "login_required": False}
        path.write_text(json.dumps(held))
        return path

    def files(self) -> dict[str, bytes]:
        """Every file of the store but locks, by its path."""
        found = (p for p in self.store.rglob("*") if p.is_file() and p.parent.name != "locks")
        return {str(p.relative_to(self.store)): p.read_bytes() for p in found}


class Request(NamedTuple):
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Recorder:
    """A real HTTP server on loopback that records what reaches it and answers as told. On the address
    0.0.0.0 each 127.x.y.z is one of its hosts."""

    def __init__(self, address: str = "127.0.0.1") -> None:
        self.requests: list[Request] = []
        self.answer: Callable[[Request], tuple[int, dict[str, str], bytes]] = lambda _: (200, {}, b"{}")
        recorder = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {k.lower(): v for k, v in self.headers.items()}
                request = Request(self.command, self.path, headers, body)
                recorder.requests.append(request)
                status, extra, data = recorder.answer(request)
                with contextlib.suppress(OSError):
                    self.send_response(status)
                    for name, value in extra.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_CONNECT = reply

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer((address, 0), Handler)
        self.port = self.server.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class Terminal:
    """A program, by default the command, in a real pseudo-terminal."""

    def __init__(self, home: Home, *words: str, program: str = COMMAND, columns: int = 0) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            if columns:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a suite in the background ignores it
            os.chdir(home.work)
            os.execve(program, [program, *words], home.environ)
        self.seen = ""

    def expect(self, text: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen:
            assert time.monotonic() < deadline, self.seen
            if select.select([self.fd], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.fd, 4096).decode("utf-8", "replace")
                except OSError:
                    break
        assert text in self.seen, self.seen

    def type(self, text: str) -> None:
        data = text.encode()
        while data:
            data = data[os.write(self.fd, data[:1024]) :]

    def close(self) -> int:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if not select.select([self.fd], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.fd, 4096)
            except OSError:
                break
            if not data:
                break
            self.seen += data.decode("utf-8", "replace")
        else:
            os.kill(self.pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@contextlib.contextmanager
def one_sign_in() -> Iterator[None]:
    """Hold the ports a sign-in comes back to, among all workers of the suite."""
    with open(Path(tempfile.gettempdir()) / f"nucliactl-callback-ports-{os.getuid()}", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def sandbox_with(*flags: str) -> Iterator[dict[str, str]]:
    """A running sandbox of its own; its variables."""
    process = subprocess.Popen([COMMAND, "sandbox", *flags], stdout=subprocess.PIPE, text=True)
    found: dict[str, str] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("export "):
            name, _, value = line[len("export ") :].strip().partition("=")
            found[name] = value.strip("'")
        if line == "# ready\n":
            break
    try:
        yield found
    finally:
        process.terminate()
        assert process.wait(PATIENCE) == 0


def missing(reason: str) -> None:
    """Skip a test for want of something real; REAL_SERVERS=required makes that a failure, as in the gate."""
    if os.environ.get("REAL_SERVERS") == "required":
        pytest.fail(f"something real is required here: {reason}")
    pytest.skip(reason)


def installed(program: str) -> str:
    """The path of a program; a test that has to do without is skipped, or fails in the gate."""
    found = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        missing(f"{program} is not installed; run tests/provision.sh")
    assert found
    return found


def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Poll until a condition holds; fail at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.02)
