"""A secret that a program of the user's prints (`X_command`): a password manager, say."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping

from nucliactl.errors import LoginNeeded, Refused
from nucliactl.model.jwt import as_expiry
from nucliactl.secret import Secret, printable

CHAIN = "NUCLIACTL_COMMAND_CHAIN"
SECONDS = 30.0
_LIMIT = 64 * 1024
_EARLY = 30
_POLL = 0.01
_REST = 0.2


class Command:
    """Runs an argv list (never a shell) and keeps what it printed until that expires.

    The program prints the secret on one line, or JSON `{"token": …, "expires_at": epoch seconds}`.
    It has SECONDS in all and inherits the environment; its stderr is shown when it fails. A chain
    of profiles whose commands ask for each other is refused.
    """

    slow, renewable = True, False

    def __init__(self, argv: tuple[str, ...], where: str, environ: Mapping[str, str]) -> None:
        self._argv, self.where, self._environ = argv, where, environ
        self._lock = threading.Lock()
        self._secret: Secret | None = None
        self._expires_at: int | None = None

    def get(self) -> Secret:
        with self._lock:
            stale = self._expires_at is not None and time.time() > self._expires_at - _EARLY
            if self._secret is None or stale:
                self._secret, self._expires_at = self._run()
            return self._secret

    def rejected(self, secret: Secret) -> bool:
        with self._lock:
            if self._secret == secret:
                self._secret = None
        return True

    def _run(self) -> tuple[Secret, int | None]:
        chain = [part for part in self._environ.get(CHAIN, "").split(os.pathsep) if part]
        if self.where in chain:
            raise Refused(
                f"{self.where}: its command asks for the very profile it should supply.",
                hint="Let the command take its secret from elsewhere.",
            )
        environ = {**self._environ, CHAIN: os.pathsep.join([*chain, self.where])}
        try:
            process = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environ,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a program"
            raise self._failed(f"cannot be run: {reason}.") from None
        out, err = self._collect(process)
        if process.returncode != 0:
            said = printable(" ".join(err.decode("utf-8", "replace").split()), 500)
            raise self._failed(
                f"ended with {process.returncode}" + (f" and said: {said}" if said else "."),
            )
        return self._parsed(out)

    def _failed(self, what: str) -> LoginNeeded:
        hint = "Run that command in a terminal to see why, or correct it in the profile."
        return LoginNeeded(f"{self.where}: {self._argv[0]} {what}", hint=hint)

    def _collect(self, process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
        """Read both streams within the deadline and the cap; end the whole session otherwise."""
        kept: dict[str, bytes] = {"out": b"", "err": b""}

        def read(name: str) -> None:
            stream = process.stdout if name == "out" else process.stderr
            assert stream is not None
            while more := os.read(stream.fileno(), 4096):
                kept[name] += more[: _LIMIT + 1 - len(kept[name])]
                if name == "out" and len(kept[name]) > _LIMIT:
                    return

        readers = [threading.Thread(target=read, args=(name,), daemon=True) for name in kept]
        until = time.monotonic() + SECONDS
        for reader in readers:
            reader.start()
        problem = None
        while process.poll() is None and problem is None:
            readers[0].join(_POLL)
            if len(kept["out"]) > _LIMIT:
                problem = f"printed more than {_LIMIT // 1024} KiB"
            elif time.monotonic() > until:
                problem = f"did not end within {SECONDS:g} seconds"
            elif not readers[0].is_alive():
                time.sleep(_POLL)
        if problem:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise self._failed(f"{problem}.")
        for reader in readers:  # a child it left behind may keep the streams open: not waited for
            reader.join(_REST)
        if len(kept["out"]) > _LIMIT:
            raise self._failed(f"printed more than {_LIMIT // 1024} KiB.")
        return kept["out"], kept["err"]

    def _parsed(self, out: bytes) -> tuple[Secret, int | None]:
        text = _decoded(out)
        if text is None or not text.strip() or not text.isprintable():
            found = (
                "nothing"
                if text is not None and not text.strip()
                else "something that is no single line of text"
            )
            raise self._failed(f"printed {found}.")
        if not text.startswith("{"):
            return Secret(text), None
        try:
            found = json.loads(text)
        except ValueError:
            raise self._failed("printed something that is not JSON.") from None
        token = found.get("token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token.strip() or not token.isprintable():
            raise self._failed('printed JSON without a "token".')
        until = found.get("expires_at")
        if until is not None and (isinstance(until, bool) or not isinstance(until, int | float)):
            raise self._failed("printed an expires_at that is no number of seconds.")
        if until is not None and until <= time.time():
            raise self._failed("printed a token that has expired.")
        return Secret(token), as_expiry(until)


def _decoded(out: bytes) -> str | None:
    try:
        return out.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        return None
