"""A warmed interpreter: it has imported what the command imports, and forks for each command line.

What runs in it is a process like any other (its own memory, signals, exit code, locks and descriptors), at a
tenth of the cost: only starting Python and importing are left out. Tests that are about those start the
installed command (`Home.process`). `tests/contract/test_lanes.py` compares both, byte for byte.

Run as a script, this file is the interpreter; imported, it is how to ask it.
"""

import atexit
import contextlib
import gc
import importlib
import json
import os
import pkgutil
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

AT_THE_START = ("PYTHON", "LC_", "LANG", "TZ", "LD_", "MALLOC_", "_ARGCOMPLETE", "COVERAGE")
"""What variables begin with that are read only when a process starts: with those a process is started."""


# ---- the interpreter ------------------------------------------------------------------------------------------


def import_everything() -> None:
    for package, not_these in (("nucliactl", ("adapters", "__main__")), ("anyio", ("trio", "pytest_plugin"))):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not any(part in module.name for part in not_these):
                importlib.import_module(module.name)
    for name in (
        "asyncio",
        "dynaconf",
        "encodings.idna",
        "httpcore",
        "httpx",
        "socksio",
        "tabulate",
        "tomlkit",
    ):
        importlib.import_module(name)
    trusted = importlib.import_module("nucliactl.http.certificates").trusted_context()
    getattr(trusted, "made", None)  # of no variable; it costs as much as the rest


class Interpreter:
    """Takes requests one after another; the children run beside each other."""

    def __init__(self, address: str) -> None:
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(address)
        self.server.listen(64)
        self.asking: dict[int, socket.socket] = {}
        self.woken, wakes = os.pipe()
        for end in (self.woken, wakes):
            os.set_blocking(end, False)
        self.before = signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wakes, warn_on_full_buffer=False)
        self.wakes = wakes

    def serve(self) -> dict[str, Any] | None:
        """Fork for each request. In a child: return it, ready to be run. None: the suite has ended."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.server, selectors.EVENT_READ)
            selector.register(self.woken, selectors.EVENT_READ)
            selector.register(0, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fd == 0:
                        return None
                    if key.fd == self.woken:
                        self.reap()
                    elif (request := self.take()) is not None:
                        return request

    def take(self) -> dict[str, Any] | None:
        """Fork for one request; return it in the child only."""
        asking, _ = self.server.accept()
        data, descriptors, _, _ = socket.recv_fds(asking, 1 << 16, 3)
        size, _, data = data.partition(b"\n")
        while len(data) < int(size):
            data += asking.recv(1 << 20)
        pid = os.fork()
        if pid:
            for descriptor in descriptors:
                os.close(descriptor)
            self.asking[pid] = asking
            asking.sendall(f"{pid}\n".encode())
            return None
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, self.before)
        for other in (asking, self.server, *self.asking.values()):
            other.close()
        for number, descriptor in enumerate(descriptors):
            os.dup2(descriptor, number)
            os.close(descriptor)
        os.close(self.woken)
        os.close(self.wakes)
        request: dict[str, Any] = json.loads(data)
        return request

    def reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self.woken, 4096)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                with self.asking.pop(ended[0]) as asking, contextlib.suppress(OSError):
                    asking.sendall(f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())


def become(request: dict[str, Any]) -> None:
    """Be the process that was asked for, up to its first line."""
    os.environ.clear()
    os.environ.update(request["environ"])
    os.chdir(request["cwd"])
    os.umask(request["umask"])
    sys.argv = request["argv"]


# ---- how to ask it --------------------------------------------------------------------------------------------


class Warm:
    """The interpreter of this test session."""

    def __init__(self, folder: str, environ: dict[str, str]) -> None:
        self.folder = folder
        self.address = f"{folder}/asked"
        self.environ = environ
        self.process = subprocess.Popen(
            [sys.executable, __file__, self.address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    def close(self) -> None:
        self.process.communicate()
        shutil.rmtree(self.folder)

    def can(self, environ: dict[str, str]) -> bool:
        """Whether a process with these variables would start as the interpreter did."""
        names = {name for name in (*environ, *self.environ) if name.startswith(AT_THE_START)}
        return all(environ.get(name) == self.environ.get(name) for name in names)

    def run(
        self,
        argv: list[str],
        code: str | None,
        stdin: bytes,
        environ: dict[str, str],
        cwd: Path,
        seconds: float,
    ) -> tuple[int, bytes, bytes]:
        """Run the command, or `code`; return exit code, stdout and stderr, as subprocess.run does."""
        ours, theirs = zip(*(os.pipe()[:: -1 if n == 0 else 1] for n in range(3)), strict=True)
        request = {"argv": argv, "code": code, "environ": environ, "cwd": str(cwd), "umask": umask()}
        with socket.socket(socket.AF_UNIX) as asked:
            ask(asked, self.address, request, list(theirs))
            for end in theirs:
                os.close(end)
            answers = asked.makefile("rb")
            pid = int(answers.readline())
            try:
                out, err = exchange(ours, stdin, time.monotonic() + seconds)
            except BaseException:
                os.kill(pid, signal.SIGKILL)
                raise
            return int(answers.readline()), out, err

    def shim(self) -> str:
        """Return a folder with a `nucliactl` that asks this interpreter, for the PATH of a shell."""
        folder = Path(self.folder) / "bin"
        if not folder.exists():
            folder.mkdir()
            command = str(Path(sys.executable).parent / "nucliactl")
            names = {"python": sys.executable, "command": command, "address": self.address}
            (folder / "nucliactl").write_text(SHIM.format(**names, start=AT_THE_START, own=self.environ))
            (folder / "nucliactl").chmod(0o755)
        return str(folder)


SHIM = """#!{python} -IS
import json, os, socket, sys
own = {own!r}
names = [name for name in {{*os.environ, *own}} if name.startswith({start!r})]
if any(os.environ.get(name) != own.get(name) for name in names):
    os.execv({command!r}, [{command!r}, *sys.argv[1:]])
mask = os.umask(0)
request = {{"argv": [{command!r}, *sys.argv[1:]], "code": None, "environ": dict(os.environ), "cwd": os.getcwd(), "umask": mask}}
data = json.dumps(request).encode()
with socket.socket(socket.AF_UNIX) as asked:
    asked.connect({address!r})
    socket.send_fds(asked, [b"%d\\n" % len(data)], [0, 1, 2])
    asked.sendall(data)
    code = int(asked.makefile().readlines()[-1])
if code < 0:
    os.kill(os.getpid(), -code)
sys.exit(code)
"""


def umask() -> int:
    now = os.umask(0o022)
    os.umask(now)
    return now


def ask(asked: socket.socket, address: str, request: dict[str, Any], descriptors: list[int]) -> None:
    data = json.dumps(request).encode()
    asked.connect(address)
    start = f"{len(data)}\n".encode()
    socket.send_fds(asked, [start], descriptors)
    asked.sendall(data)


def exchange(ends: tuple[int, ...], stdin: bytes, deadline: float) -> tuple[bytes, bytes]:
    """Write stdin and read stdout and stderr to their ends."""
    to, out, err = ends
    read: dict[int, list[bytes]] = {out: [], err: []}
    rest = memoryview(stdin)
    os.set_blocking(to, False)
    with selectors.DefaultSelector() as selector:
        if rest:
            selector.register(to, selectors.EVENT_WRITE)
        else:
            os.close(to)
        for end in read:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(1):
                if key.fd == to:
                    try:
                        rest = rest[os.write(to, rest) :]
                    except BrokenPipeError:
                        rest = rest[:0]
                    if not rest:
                        selector.unregister(to)
                        os.close(to)
                elif data := os.read(key.fd, 1 << 16):
                    read[key.fd].append(data)
                else:
                    selector.unregister(key.fd)
                    os.close(key.fd)
            assert time.monotonic() < deadline, "the process did not end"
    return b"".join(read[out]), b"".join(read[err])


def main() -> None:
    """The interpreter: what follows the loop runs in a child, as the main program of a process does."""
    del sys.path[0]  # the tests' own folder
    import_everything()
    interpreter = Interpreter(sys.argv[1])
    gc.collect()
    gc.freeze()
    print("ready", flush=True)
    request = interpreter.serve()
    if request is not None:
        become(request)
        try:
            program(request)
        except SystemExit as stop:
            if not isinstance(stop.code, int | None):
                raise
            end(stop.code or 0)
        else:
            end(0)


def program(request: dict[str, Any]) -> None:
    if request["code"] is None:
        from nucliactl.cli.main import main as command

        sys.path.insert(0, os.path.dirname(request["argv"][0]))
        sys.exit(command())
    module = types.ModuleType("__main__")
    sys.modules["__main__"] = module
    sys.path.insert(0, "")
    exec(compile(request["code"], "<string>", "exec"), module.__dict__)


def end(code: int) -> None:
    """Do what an interpreter does at its end, but take its 500 modules apart (three quarters of the time)."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError, ValueError):  # then the interpreter ends itself, and says why
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code & 0xFF)
    sys.exit(code)


if __name__ == "__main__":
    main()
