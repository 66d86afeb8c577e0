"""A secret that a program of the user's prints (`X_command`): a password manager, say."""

import json
import os
import sys
import time
from collections.abc import Mapping

from nucliactl.children import OUTSIDE, program, surroundings
from nucliactl.credentials.contract import Provider, abandoned
from nucliactl.credentials.ended import Ended
from nucliactl.errors import LoginNeeded, Refused
from nucliactl.model.jwt import as_expiry
from nucliactl.mutex import Mutex
from nucliactl.secret import Secret, printable

if sys.platform == "win32":
    from nucliactl.credentials.alone import run_alone as run_program
else:
    from nucliactl.credentials.group import run_in_group as run_program

CHAIN = "NUCLIACTL_COMMAND_CHAIN"
SECONDS = 30.0
_EARLY = 30


class Command(Provider):
    """Runs an argv list (never a shell) and keeps what it printed until that expires.

    The program prints the secret on one line, or JSON `{"token": …, "expires_at": epoch seconds}`.
    It has SECONDS in all and inherits the environment, with a PATH of absolute entries; its stderr is
    shown when it fails. On a terminal it can ask a person, and has four times as long. A chain of
    profiles whose commands ask for each other is refused.
    """

    slow = True

    def __init__(self, argv: tuple[str, ...], where: str, environ: Mapping[str, str]) -> None:
        self._argv, self.where, self._environ = argv, where, environ
        self._lock = Mutex()
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
        ended = self._ended(environ)
        if ended.problem:
            raise self._failed(f"{ended.problem}.")
        if ended.code != 0:
            said = printable(" ".join(ended.err.decode("utf-8", "replace").split()), 500)
            raise self._failed(f"ended with {ended.code}" + (f" and said: {said}" if said else "."))
        return self._parsed(ended.out)

    def _ended(self, environ: Mapping[str, str]) -> Ended:
        """Run the program beside its definition: a working directory may be anybody's."""
        path = program(self._argv[0], environ, f"{self.where}: its command")
        if path is None:
            raise self._failed("is not in any absolute entry of PATH (others are not searched).")
        folder = os.path.dirname(self.where)
        folder = folder if os.path.isabs(folder) and os.path.isdir(folder) else OUTSIDE
        given = (self._argv, path, folder, surroundings(environ, folder))
        try:
            return run_program(*given, SECONDS, abandoned)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "not a program"
            raise self._failed(f"cannot be run: {reason}.") from None

    def _failed(self, what: str) -> LoginNeeded:
        hint = "Run that command in a terminal to see why, or correct it in the profile."
        return LoginNeeded(f"{self.where}: {self._argv[0]} {what}", hint=hint)

    def _parsed(self, out: bytes) -> tuple[Secret, int | None]:
        if not out.strip():
            raise self._failed("printed nothing.")
        try:
            text = out.decode().removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError:
            text = ""
        if not text.strip() or not text.isprintable():
            raise self._failed("printed something that is no single line of text.")
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
            raise self._failed("printed an expires_at that is not a number of seconds.")
        if until is not None and until <= time.time():
            raise self._failed("printed a token that has expired.")
        return Secret(token), as_expiry(until)
