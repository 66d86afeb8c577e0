"""The simple providers, and `provider_for`, which makes that of any way."""

from __future__ import annotations

import stat

from nucliactl.credentials.checked import Checked
from nucliactl.credentials.contract import Provider
from nucliactl.credentials.reference import Reference
from nucliactl.credentials.renewal import Renewal
from nucliactl.disk import witness
from nucliactl.disk.paths import beside
from nucliactl.disk.reading import read_file, read_pipe
from nucliactl.disk.sight import Memory
from nucliactl.errors import Damaged, Incomplete, Malformed, Unreadable
from nucliactl.model.profile import Definition
from nucliactl.mutex import Mutex
from nucliactl.secret import Secret, header_value
from nucliactl.store.credentials import fitting
from nucliactl.store.keeping import keep_of
from nucliactl.store.sessions import session_owner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nucliactl.model.words import WayName
    from nucliactl.store.credentials import Credential

    Environ = Mapping[str, str]
    Make = Callable[[Definition, Environ, Renewal | None], Provider]

LIMIT = 64 * 1024
PIPE_SECONDS = 10.0


class Static(Provider):
    """A secret that already lies open: an environment variable, an argument."""

    def __init__(self, secret: Secret, where: str) -> None:
        self._secret, self.where = secret, where

    def get(self) -> Secret:
        return self._secret


class Stored(Provider):
    """The store's credential of a profile, as it is when it is asked for."""

    def __init__(self, definition: Definition) -> None:
        self._definition, self._keep = definition, keep_of(definition)
        self.where, self.slow = self._keep.where, self._keep.guarded
        self._known: tuple[Credential | None, Credential] | None = None  # as it was read, and as it serves

    @property
    def held(self) -> Credential | None:
        return self._known[1] if self._known else None

    def get(self) -> Secret:
        read, known = self._keep.recent(), self._known
        if known is None or read is not known[0]:
            known = self._known = read, fitting(self._definition, read)
        return known[1].secret

    def rejected(self, secret: Secret) -> bool:
        return fitting(self._definition, self._keep.read()).secret != secret


class File(Provider):
    """A secret in a file (`_FILE`, `X_file`). A rotated file is noticed without a restart.

    One trailing newline is dropped. A pipe is read once, because it can be read only once.
    """

    slow = True

    def __init__(self, path: str, where: str) -> None:
        self._path, self.where = path, where
        self._lock = Mutex()
        self._memory = Memory()
        self._piped: Secret | None = None

    def get(self) -> Secret:
        with self._lock:
            return self._memory.answer(self._now)

    def _now(self) -> Secret:
        try:
            pipe = stat.S_ISFIFO(witness.status(self._path).mode)
        except FileNotFoundError:
            raise Incomplete(
                f"{self._path} ({self.where}) does not exist.",
                hint="Put the secret there, or correct the path.",
            ) from None
        except OSError as error:
            raise Unreadable(f"{self._path} ({self.where}) cannot be read: {error.strerror}.") from None
        if pipe and self._piped is not None:
            return self._piped
        secret = _opened(self._path, self.where, pipe)
        self._piped = secret if pipe else None
        return secret


class Variable(Provider):
    """A secret in an environment variable that a definition names (`X_env`)."""

    def __init__(self, variable: str, environ: Environ, where: str) -> None:
        self._variable, self._environ, self.where = variable, environ, where

    def get(self) -> Secret:
        value = self._environ.get(self._variable)
        if not value:
            state = "set but empty" if value == "" else "not set"
            raise Incomplete(
                f"{self.where} names the variable {self._variable}, which is {state}.",
                hint=f"export {self._variable}=…",
            )
        return Secret(value)


def _opened(path: str, where: str, pipe: bool) -> Secret:
    if pipe:
        text = _text(read_pipe(path, PIPE_SECONDS, limit=LIMIT))
    else:
        try:
            contents = read_file(path, limit=LIMIT)
        except Damaged as error:
            raise Damaged(error.message, hint=f"Correct the path in {where}.") from None
        text = _text(contents.data) if contents else ""
    if text is None:
        raise Malformed(f"{path} ({where}) is not text.")
    if not text:
        raise Incomplete(f"{path} ({where}) is empty.", hint="Write the secret into it.")
    secret = Secret(text)
    header_value(secret, f"{path} ({where})")
    return secret


def _text(data: bytes) -> str | None:
    if data.endswith(b"\n"):
        data = data[:-2] if data.endswith(b"\r\n") else data[:-1]
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _static(definition: Definition, *_: object) -> Provider:
    assert definition.secret.value is not None
    return Static(definition.secret.value, definition.secret.where)


def _file(definition: Definition, *_: object) -> Provider:
    place = definition.source.location
    return File(beside(place, definition.secret.where), place)


def _variable(definition: Definition, environ: Environ, _: object) -> Provider:
    return Variable(definition.secret.where, environ, definition.source.location)


def _command(definition: Definition, environ: Environ, _: object) -> Provider:
    from nucliactl.credentials.command import Command

    return Command(definition.secret.argv, definition.source.location, environ)


def _stored(definition: Definition, _: object, renewal: Renewal | None) -> Provider:
    owner = session_owner(definition)
    if owner is None:
        return Stored(definition)
    from nucliactl.credentials.session import Session

    assert renewal is not None  # only who can renew a session asks for one
    return Session(owner, definition, renewal)


MAKERS: dict[WayName, Make] = {
    "inline": _static,
    "environment": _static,
    "file": _file,
    "variable": _variable,
    "command": _command,
    "store": _stored,
    "keyring": _stored,
    "session": _stored,
}


def provider_for(
    definition: Definition, environ: Environ, renewal: Renewal | None = None, *, again: bool = True
) -> Provider | None:
    """Return the provider of a definition's secret, None where it needs none. Opens nothing.

    What a definition refers to is found by reading its source `again` at each use; without that it is taken
    as it was read, which is for a command that has just read it. `renewal` is needed for sessions only.
    Raises LoginNeeded for a definition outside the store that names no secret, or what a wrong `session`
    raises.
    """

    def made(read: Definition) -> Provider | None:
        way = read.secret.way
        if way == "none":
            return None
        if way not in MAKERS:
            raise Incomplete(
                f"{read.source.location} does not say where its secret is.",
                hint="Outside the store a definition names it: X_file, X_env or X itself.",
            )
        provider = MAKERS[way](read, environ, renewal)
        return provider if provider.renewable else Checked(provider, read)

    if not again or definition.secret.way == "none" or definition.secret.value is not None:
        return made(definition)
    return Reference(definition, environ, made)
