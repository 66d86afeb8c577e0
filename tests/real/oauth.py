"""The certified OAuth server, started and counted by its own log; and a person in a real browser."""

import base64
import hashlib
import json
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
from support import PATIENCE, REPO, Home, until

from .conftest import missing

NODE = REPO / ".cache/node"
HERE = Path(__file__).parent / "node"
CLIENT = "43f54e81-932a-4b45-9bba-acbf4e2b5ee6"


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

    def age(self) -> None:
        """End every access token that was issued until now."""
        assert httpx.post(f"{self.origin}/age", timeout=PATIENCE).status_code == 204

    def served(self, token: str) -> set[str]:
        """Return who was served with a token, as they say themselves."""
        return {e["by"] for e in list(self.events) if e.get("event") == "served" and e["token"] == token}

    @property
    def variables(self) -> dict[str, str]:
        zone = f"{self.origin}/zones/{{zone}}"
        return {"NUCLIA_GLOBAL_URL": self.origin, "NUCLIA_OAUTH_URL": self.origin, "NUCLIA_ZONE_URL": zone}


@contextmanager
def oidc(life: int = 86_400) -> Iterator[Server]:
    """Run the server; its access tokens last `life` seconds, or until the test ends them."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {"PATH": os.environ["PATH"], "OIDC_PORT": str(port), "OIDC_LIFE": str(life)}
    words = ["node", "--no-warnings", script("oidc.mjs")]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
    server = Server(f"http://127.0.0.1:{port}", process)
    try:
        until(lambda: any("ready" in found for found in server.events) or process.poll() is not None)
        assert process.poll() is None, "the OAuth server did not start"
        yield server
    finally:
        process.terminate()
        process.wait(PATIENCE)


def browser(home: Home) -> str:
    """Return a BROWSER that is a person in a headless Chromium."""
    if not shutil.which("chromium"):
        missing("Chromium is not installed; run tests/provision.sh")
    home.environ["HOME"] = str(home.path)
    return f"node {script('sign_in.mjs')} %s"


def sign_in_by_hand(home: Home, server: Server, origin: str) -> Path:
    """Make the session `ann` of a home without the command and its callback ports, led to `origin`, which
    answers for the server; return where it is."""
    callback, verifier = "http://127.0.0.1:18765/callback", "v" * 64
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": callback,
        "scope": "openid offline_access api:full_access",
        "state": "s",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    with httpx.Client(base_url=server.origin, timeout=PATIENCE, trust_env=False) as http:
        answer = http.get("/oauth2/auth", params=asked)
        forms = iter([{"login": "ann@example.test", "password": "correct horse"}, {}])
        while not (place := answer.headers.get("location", "")).startswith(callback):
            answer = http.get(place) if place else http.post(answer.url, data=next(forms))
        code = parse_qs(urlsplit(place).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback}
        found = http.post(
            "/oauth2/token", data={**form, "client_id": CLIENT, "code_verifier": verifier}
        ).json()
    addresses = f'global_url = "{origin}"\noauth_url = "{origin}"\nzone_url = "{origin}/zones/{{zone}}"\n'
    home.define("ann", 'kind = "user"\n' + addresses)
    now = int(time.time())
    path = home.store / "credentials/ann.json"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    held = {"version": 1, "kind": "user", "origins": [origin], "issued_at": now, "expires_at": now + 600}
    path.write_text(json.dumps({**held, **{k: found[k] for k in ("access_token", "refresh_token")}}))
    path.chmod(0o600)
    assert home.run("use", "ann").code == 0
    return path
