"""The contract of a provider, and the providers of the simple kinds of reference."""

import os
import stat
from collections.abc import Callable, Mapping
from typing import Protocol

from nucliactl.credentials.recognised import recognised
from nucliactl.disk.reading import read_file, read_pipe
from nucliactl.errors import Damaged, Incomplete, Malformed, Refused, Unreadable
from nucliactl.forks import Mutex
from nucliactl.model.endpoint import parse_url
from nucliactl.model.jwt import read_nua
from nucliactl.model.profile import Definition
from nucliactl.model.ways import WayName
from nucliactl.secret import Secret, header_value
from nucliactl.store.credentials import fitting_credential

LIMIT = 64 * 1024
PIPE_SECONDS = 10.0


class Provider(Protocol):
    """Hands out one secret. Thread-safe. `where` names its place for errors; `slow` says that `get`
    may take long, so that async callers wait for it in a thread; `renewable` that a 403 may mean a dead
    token."""

    where: str
    slow: bool
    renewable: bool

    def get(self) -> Secret:
        """Return the secret as it is now. Raises NucliactlError where there is none."""

    def rejected(self, secret: Secret, /) -> bool:
        """Be told that the server refused this very secret; say whether `get` may give another."""


class Static:
    """A secret that already lies open: an environment variable, an argument."""

    slow = renewable = False

    def __init__(self, secret: Secret, where: str) -> None:
        self._secret, self.where = secret, where

    def get(self) -> Secret:
        return self._secret

    def rejected(self, _secret: Secret) -> bool:
        return False


class Stored:
    """The store's credential of a profile, read anew when it is asked for."""

    slow = renewable = False

    def __init__(self, definition: Definition) -> None:
        self._definition, self.where = definition, definition.secret.where

    def get(self) -> Secret:
        return fitting_credential(self._definition).secret

    def rejected(self, secret: Secret) -> bool:
        return self.get() != secret


class File:
    """A secret in a file (`_FILE`, `X_file`). A rotated file is noticed without a restart.

    One trailing newline is dropped. A pipe is read once, because it can be read only once.
    """

    slow, renewable = True, False

    def __init__(self, path: str, where: str) -> None:
        self._path, self.where = path, where
        self._lock = Mutex()
        self._seen: tuple[int, ...] = ()
        self._secret: Secret | None = None

    def get(self) -> Secret:
        with self._lock:
            try:
                info = os.stat(self._path)
            except FileNotFoundError:
                raise Incomplete(
                    f"{self._path} ({self.where}) is not there.",
                    hint="Put the secret there, or correct the path.",
                ) from None
            except OSError as error:
                raise Unreadable(f"{self._path} ({self.where}) cannot be read: {error.strerror}.") from None
            pipe = stat.S_ISFIFO(info.st_mode)
            now = (info.st_dev, info.st_ino, info.st_mtime_ns, info.st_size)
            if self._secret is not None and (pipe or now == self._seen):
                return self._secret
            self._secret, self._seen = _opened(self._path, self.where, pipe), now
            return self._secret

    def rejected(self, secret: Secret) -> bool:
        return self.get() != secret


class Variable:
    """A secret in an environment variable that a definition names (`X_env`)."""

    slow = renewable = False

    def __init__(self, variable: str, environ: Mapping[str, str], where: str) -> None:
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

    def rejected(self, secret: Secret) -> bool:
        return self.get() != secret


class IssuerChecked:
    """A NUA key that is opened late: its issuer must be the one its definition states."""

    def __init__(self, inner: Provider, issuer: str) -> None:
        self._inner, self._issuer, self.where = inner, issuer, inner.where
        self.slow, self.renewable = inner.slow, inner.renewable

    def get(self) -> Secret:
        secret = self._inner.get()
        found = parse_url(read_nua(secret, self.where).issuer, f"The issuer in {self.where}").origin
        if found != parse_url(self._issuer, "issuer").origin:
            raise Refused(
                f"The NUA key from {self.where} was issued by {found}, but its profile states "
                f"{self._issuer}.",
                hint="Nothing was sent. Correct the issuer, or put the right key there.",
            )
        return secret

    def rejected(self, secret: Secret) -> bool:
        return self._inner.rejected(secret)


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


def _file(definition: Definition, _: Mapping[str, str]) -> Provider:
    path, where = os.path.expanduser(definition.secret.where), definition.source.location
    if not os.path.isabs(path):  # X_file is relative to the definition that names it
        path = os.path.join(os.path.dirname(definition.source.location), path)
    return File(path, where)


def _static(definition: Definition, _: Mapping[str, str]) -> Provider:
    assert definition.secret.value is not None
    return Static(definition.secret.value, definition.secret.where)


def _command(definition: Definition, environ: Mapping[str, str]) -> Provider:
    from nucliactl.credentials.command import Command

    return Command(definition.secret.argv, definition.source.location, environ)


def _variable(definition: Definition, environ: Mapping[str, str]) -> Provider:
    return Variable(definition.secret.where, environ, definition.source.location)


def _stored(definition: Definition, _: Mapping[str, str]) -> Provider:
    return Stored(definition)


_MAKERS: dict[WayName, Callable[[Definition, Mapping[str, str]], Provider]] = {
    "environment": _static,
    "inline": _static,
    "file": _file,
    "variable": _variable,
    "command": _command,
    "store": _stored,
}


def provider_for(definition: Definition, environ: Mapping[str, str]) -> Provider | None:
    """Return the provider of a definition just read, or None where it needs none. (Sessions, which are
    renewed over the network, are `service.connect`'s; what a profile refers to is `candidate`'s.)

    Opens nothing. Raises LoginNeeded for a definition outside the store that names no secret.
    """
    way = definition.secret.way
    if way == "none":
        return None
    if way not in _MAKERS:
        raise Incomplete(
            f"{definition.source.location} does not say where its secret is.",
            hint="Outside the store a definition names it: X_file, X_env or X itself.",
        )
    provider = recognised(_MAKERS[way](definition, environ), definition)
    issuer = definition.get("issuer")
    return IssuerChecked(provider, issuer) if issuer and way != "environment" else provider
