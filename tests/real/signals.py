"""What the signals are tried on: a server that answers a refresh when it is told to, and seven ways to
be in the midst of one."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
from support import COMMAND, PATIENCE, Home, Recorder, Request, Terminal, until

from .oauth import Server, oidc, sign_in_by_hand

_PLAIN = {
    "/api/v1/accounts": b'[{"id": "a1", "slug": "acme", "title": "Acme"}]',
    "/api/v1/zones": b'[{"id": "z1", "slug": "one", "title": "One"}]',
    "/zones/one/api/v1/account/a1/kbs": b"[]",
}


class Gate:
    """Stands before the OAuth server: a refresh has been spent there when `spent` is set, and its
    answer is held back until `go` is."""

    def __init__(self, server: Server, recorder: Recorder) -> None:
        self.server, self.recorder = server, recorder
        self.spent, self.go = threading.Event(), threading.Event()
        self.go.set()
        recorder.answer = self._answer
        self._http = httpx.Client(timeout=300, trust_env=False)

    def sign_in(self, home: Home) -> Path:
        """Give a home a session that is renewed through here; return where it is."""
        return sign_in_by_hand(home, self.server, self.recorder.origin)

    def close(self) -> None:
        """Hold back the next answer to a refresh."""
        self.spent.clear()
        self.go.clear()

    def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        path = request.path.split("?")[0]
        if path in _PLAIN:
            return 200, {"Content-Type": "application/json"}, _PLAIN[path]
        kept = {k: v for k, v in request.headers.items() if k in ("authorization", "content-type")}
        answer = self._http.request(
            request.method, self.server.origin + request.path, headers=kept, content=request.body
        )
        if b"grant_type=refresh_token" in request.body:
            self.spent.set()
            assert self.go.wait(PATIENCE)
        return answer.status_code, {"Content-Type": answer.headers["content-type"]}, answer.content


@contextmanager
def gate() -> Iterator[Gate]:
    recorder = Recorder()
    try:
        with oidc() as server:
            yield Gate(server, recorder)
    finally:
        recorder.close()


class Running(NamedTuple):
    """A program in the midst of a refresh. `send` gives it a signal, `end` waits and returns its code."""

    pid: int
    send: Callable[[signal.Signals], None]
    end: Callable[[], int]


def _program(*words: str) -> Callable[[Home], Running]:
    def start(home: Home) -> Running:
        process = subprocess.Popen(
            words,
            env=home.environ,
            cwd=home.work,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        return Running(process.pid, process.send_signal, lambda: process.wait(PATIENCE))

    return start


def _on_a_terminal(*words: str) -> Callable[[Home], Running]:
    """In a real terminal: SIGINT is its Ctrl-C, SIGHUP its end."""

    def start(home: Home) -> Running:
        terminal = Terminal(home, *words)

        def send(number: signal.Signals) -> None:
            if number == signal.SIGINT:
                terminal.type("\x03")
            elif number == signal.SIGHUP:
                os.close(terminal.fd)
            else:
                os.kill(terminal.pid, number)

        def end() -> int:
            code: list[int] = []

            def ended() -> bool:
                found, status = os.waitpid(terminal.pid, os.WNOHANG)
                if found:
                    code.append(os.waitstatus_to_exitcode(status))
                return bool(found)

            until(ended)
            return code[0]

        return Running(terminal.pid, send, end)

    return start


_THREAD = """
import threading, nucliactl
threading.Thread(target=threading.Event().wait, daemon=True).start()
with nucliactl.client("ann") as http:
    http.get("user/welcome")
threading.Event().wait()
"""
_ASYNC = """
import asyncio, nucliactl
async def main():
    async with nucliactl.async_client("ann") as http:
        await http.get("user/welcome")
    await asyncio.Event().wait()
asyncio.run(main())
"""
_FLOW = """
import asyncio
from nucliactl.sdk import AsyncNucliaAuth
async def main():
    await AsyncNucliaAuth().show()
    await asyncio.Event().wait()
asyncio.run(main())
"""
WAYS: dict[str, Callable[[Home], Running]] = {
    "auth token": _program(COMMAND, "auth", "token"),
    "auth token on a terminal": _on_a_terminal("auth", "token"),
    "kbs list on a terminal": _on_a_terminal("kbs", "list"),
    "auth show on a terminal": _on_a_terminal("auth", "show"),
    "a program with a second thread": _program(sys.executable, "-c", _THREAD),
    "an async client": _program(sys.executable, "-c", _ASYNC),
    "an async operation": _program(sys.executable, "-c", _FLOW),
}
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SPINNING = ("kbs list on a terminal", "auth show on a terminal")
