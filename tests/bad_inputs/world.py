"""Where a bad input is tried: a home with a canary for its key, servers, and what must hold of every answer."""

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support import COMMAND, Home, Recorder, Result, missing

CANARY = "canary-key-0451"
KB = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-1111-4111-8111-111111111111"
KEPT = f'kind = "kb"\nurl = "{KB}"\napi_key = "{CANARY}"\n'
LOCAL = 'kind = "nucliadb"\nurl = "http://localhost:1"\n'
ENVIRONMENT = {"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": CANARY}
NO_OVERRIDE = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Before a command: root, whom modes stop as they stop everybody."""


def nua(claims: object, raw: bytes | None = None) -> str:
    """Return a NUA key with these claims, or with raw bytes for its payload."""
    payload = json.dumps(claims).encode() if raw is None else raw
    return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.{CANARY}"


class World:
    """A person's machine on which something is wrong."""

    def __init__(
        self, home: Home, recorder: Recorder, sink: Recorder, request: pytest.FixtureRequest
    ) -> None:
        self.home, self.recorder, self.sink, self._request = home, recorder, sink, request
        self.store, self.work = home.store, home.work
        self.flags: tuple[str, ...] = ()  # global ones, before each command line
        self.box = f"{recorder.origin}/api/v1/kb/{KB.rsplit('/', 1)[1]}"

    def fixture(self, name: str):
        """A fixture that only some inputs need."""
        return self._request.getfixturevalue(name)

    def write(self, name: str, data: str | bytes) -> Path:
        """Write a file of the store, as its owner alone may read it."""
        path = self.store / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        path.chmod(0o600)
        return path

    def profile(self, data: str | bytes = KEPT, name: str = "p") -> Path:
        return self.write(f"profiles/{name}.toml", data)

    def session(self, **changed: object) -> Path:
        """Store the ended session `ann`, which the recorder renews; return where it is."""
        origin, now = self.recorder.origin, int(time.time())
        urls = f'global_url = "{origin}"\noauth_url = "{origin}"\nzone_url = "{origin}/{{zone}}"\n'
        self.profile(f'kind = "user"\n{urls}', "ann")
        held = {"version": 1, "kind": "user", "origins": [origin], "access_token": f"{CANARY}-access"}
        held |= {"refresh_token": f"{CANARY}-refresh", "issued_at": now - 1900, "expires_at": now - 100}
        return self.write("credentials/ann.json", json.dumps({**held, "login_required": False, **changed}))

    def renews(self, **given: object) -> None:
        """Let the recorder renew a session, with what is given in its answer."""
        tokens = {"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": 1800, **given}
        body = json.dumps({name: value for name, value in tokens.items() if value is not None}).encode()
        self.recorder.answer = lambda r: (200, {}, body if r.method == "POST" else b"{}")

    def run(self, *words: str, stdin: str | None = None, **variables: str) -> Result:
        """Run the command; whatever it says, the key is not in it, and nothing steers a terminal."""
        return self._judged(self.home.run(*self.flags, *words, stdin=stdin, **variables))

    def start(self, *words: str, **variables: str) -> Result:
        """Run a program that starts the command: `…, COMMAND, "list"`."""
        for program in words[: words.index(COMMAND)][:1]:
            if shutil.which(program) is None:
                missing(f"{program} is not installed")
        return self._judged(self.home.program(*words, **variables))

    def mounted(self, script: str, *words: str, **variables: str) -> Result:
        """Run the command in a mount namespace, after a script there."""
        return self.start(
            "unshare", "-m", "sh", "-euc", f'{script}; exec "$@"', "sh", COMMAND, *words, **variables
        )

    @staticmethod
    def _judged(result: Result) -> Result:
        shown = result.out + result.err
        assert CANARY not in shown and "Traceback" not in shown and "\x1b" not in shown, result
        return result

    def ok(self, *words: str, says: str = "", stdin: str | None = None, **variables: str) -> Result:
        """Run a command that works, and may say something to the person."""
        result = self.run(*words, stdin=stdin, **variables)
        assert result.code == 0 and says in result.err, result
        return result

    def token(self, *words: str, **variables: str) -> str:
        """Return the secret that the active profile, or the one named by a flag, has."""
        result = self.home.run(*words, "auth", "token", **variables)
        assert result.code == 0, result
        return result.out.removesuffix("\n")

    def refuses(
        self, code: int, says: str, *words: str, stdin: str | None = None, **variables: str
    ) -> Result:
        """Run a command that must fail, with one sentence and the next step, and change nothing."""
        return self.is_refusal(code, says, lambda: self.run(*words, stdin=stdin, **variables))

    def is_refusal(self, code: int, says: str, run: Callable[[], Result]) -> Result:
        before = self.everything()
        result = run()
        assert result.code == code and says in result.err and result.out == "", result
        sentence, _, step = result.err.rpartition("nucliactl: ")[2].partition("\n")
        assert sentence.endswith((".", "?", "…")) and len(sentence) < 1200, result
        assert step.startswith("  ") or "`" in sentence or "usage" in step.lower(), result
        assert self.everything() == before, "something was changed"
        return result

    def everything(self) -> dict[str, bytes]:
        """The store and the working directory."""
        work = (path for path in self.work.rglob("*") if path.is_file())
        return {**self.home.files(), **{f"work/{path.name}": path.read_bytes() for path in work}}

    def strace(self, inject: str, *words: str, **variables: str) -> Result:
        """Run the command while the kernel answers a call as told: `inject=flock:error=ENOLCK`."""
        return self.start("strace", "-f", "-o", "/dev/null", "-e", inject, COMMAND, *words, **variables)

    def python(self, code: str, **variables: str) -> Result:
        return self._judged(self.home.python(code, **variables))

    def popen(self, *words: str) -> "subprocess.Popen[str]":
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [COMMAND, *words],
            env=self.home.environ,
            cwd=self.work,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )


Try = Callable[[World], None]
CASES: dict[int, Try] = {}


def case(number: int) -> Callable[[Try], Try]:
    """Declare the input of a number."""

    def declare(function: Try) -> Try:
        assert number not in CASES, number
        CASES[number] = function
        return function

    return declare
