"""The certified OAuth server, started and counted by its own log; and a person in a real browser."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import REPO, Home, until

from .conftest import missing

NODE = REPO / ".cache/node"
HERE = Path(__file__).parent / "node"


def script(name: str) -> str:
    """Return the path of a script beside the packages it needs."""
    if not (NODE / "node_modules/oidc-provider").exists():
        missing("the Node packages are not installed; run tests/provision.sh")
    target = NODE / f"{os.getpid()}-{name}"
    if not target.exists():
        shutil.copy(HERE / name, target)
    return str(target)


class Server:
    """The server: its origin, and the events it has logged."""

    def __init__(self, origin: str, process: "subprocess.Popen[str]") -> None:
        self.origin, self.process = origin, process
        self.events: list[dict[str, str]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith("{"):
                self.events.append(json.loads(line))

    def count(self, event: str) -> int:
        return sum(found.get("event") == event for found in self.events)

    @property
    def variables(self) -> dict[str, str]:
        zone = f"{self.origin}/zones/{{zone}}"
        return {"NUCLIA_GLOBAL_URL": self.origin, "NUCLIA_OAUTH_URL": self.origin, "NUCLIA_ZONE_URL": zone}


@contextmanager
def oidc(seconds: float) -> Iterator[Server]:
    """Run the server; its access tokens last `seconds`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {"PATH": os.environ["PATH"], "OIDC_PORT": str(port), "OIDC_SECONDS": str(seconds)}
    words = ["node", "--no-warnings", script("oidc.mjs")]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: any("ready" in found for found in server.events) or process.poll() is not None)
        assert process.poll() is None, "the OAuth server did not start"
        yield server
    finally:
        process.terminate()
        process.wait(10)


def browser(home: Home) -> str:
    """Return a BROWSER that is a person in a headless Chromium."""
    if not shutil.which("chromium"):
        missing("Chromium is not installed; run tests/provision.sh")
    home.environ["HOME"] = str(home.path)
    return f"node {script('sign_in.mjs')} %s"
