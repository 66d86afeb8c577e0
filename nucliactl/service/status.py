"""Whether stored credentials work: each profile asked at once, each with its own deadline."""

from collections.abc import Sequence
from functools import partial
from typing import Literal, NamedTuple

from nucliactl.credentials.contract import Provider
from nucliactl.errors import (
    Incomplete,
    LoginNeeded,
    NotThere,
    NucliactlError,
    Rejected,
    SessionEnded,
    Unreachable,
)
from nucliactl.http.flow import Flow, Work, together
from nucliactl.layers import seconds_of
from nucliactl.model.ending import Life
from nucliactl.model.profile import Definition
from nucliactl.model.ways import WAYS
from nucliactl.model.words import KindName, WayName
from nucliactl.secret import Secret
from nucliactl.service.check import Identity, check
from nucliactl.service.connect import connection_of
from nucliactl.service.providers import provider_of
from nucliactl.service.rejection import after_rejection
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import life_of, remedy
from nucliactl.store.sessions import stored_credential

_ONE_AFTER_THE_OTHER: tuple[WayName, ...] = ("command", "keyring")
"""Secrets that are not opened side by side: a program may ask at the terminal, a keyring in a window."""
State = Literal["valid", "expired", "rejected", "login needed", "unreachable", "unchecked"]


class Status(NamedTuple):
    """One profile's state, with the reason in `detail`. `code` is the exit code
    it stands for. `found` is what the service said of a valid one."""

    name: str
    kind: KindName
    state: State
    target: str
    life: Life
    detail: str
    hint: str | None
    code: int
    found: Identity = Identity()


class _Opened(Provider):
    """A provider whose secret has been opened: that one is handed out until the service refuses it."""

    def __init__(self, inner: Provider) -> None:
        self._inner, self.where = inner, inner.where
        self.slow, self.renewable = inner.slow, inner.renewable
        self.secret: Secret | None = inner.get()
        self.life = life_of(inner.held, self.secret)

    def get(self) -> Secret:
        return self.secret or self._inner.get()

    def rejected(self, secret: Secret) -> bool:
        self.secret = None
        return self._inner.rejected(secret)


def statuses(
    definitions: Sequence[Definition], sources: Sources, now: float, *, whose: bool = False
) -> Flow[list[Status]]:
    """Ask the service about each definition, and `whose` the API key of a KB is. Raises nothing: every
    failure is a state."""
    asked = []
    for definition in definitions:
        alone = definition.secret.way in _ONE_AFTER_THE_OTHER
        opened: _Opened | NucliactlError | None = None
        if alone:
            try:
                opened = yield Work(partial(_opened, definition, sources))
            except NucliactlError as error:
                opened = error
        asked.append(_asked(definition, sources, now, whose, opened))
    return (yield from together(*asked))


def _opened(definition: Definition, sources: Sources) -> _Opened | None:
    """Open a secret; None where none is needed. Raises why it cannot be opened."""
    provider = _provider(definition, sources)
    return _Opened(provider) if provider else None


def _provider(definition: Definition, sources: Sources) -> Provider | None:
    environ = sources.environment.variables
    return provider_of(definition, environ, partial(seconds_of, definition, sources), again=False)


def _asked(
    definition: Definition,
    sources: Sources,
    now: float,
    whose: bool,
    opened: _Opened | NucliactlError | None,
) -> Flow[Status]:
    name, kind, target = definition.name, definition.kind, definition.target
    secret, life = None, Life()
    try:
        if isinstance(opened, NucliactlError):
            raise opened
        if opened is None and (provider := _provider(definition, sources)):
            opening = partial(_Opened, provider)
            opened = (yield Work(opening)) if provider.slow else opening()
        if opened is not None:
            secret, life = opened.secret, opened.life
        found = yield from check(connection_of(definition, sources, opened), whose=whose)
    except NucliactlError as error:
        state, hint = _state(error, life.is_over(now)), error.hint
        if isinstance(error, Rejected):
            hint = after_rejection(definition, secret, error.message)
        return Status(name, kind, state, target, life, error.message, hint, error.exit_code)
    return Status(name, kind, "valid", target, life, found.title or "", None, 0, found)


def _state(error: NucliactlError, over: bool) -> State:
    if isinstance(error, Unreachable):
        return "unreachable"
    if isinstance(error, SessionEnded) or (over and isinstance(error, Rejected | NotThere)):
        return "expired"
    if isinstance(error, Rejected | NotThere):
        return "rejected"
    # Half a credential is completed elsewhere: no login helps.
    needed = isinstance(error, LoginNeeded) and not isinstance(error, Incomplete)
    return "login needed" if needed else "unchecked"


def ending(
    definitions: Sequence[Definition], sources: Sources, now: float, seconds: int
) -> tuple[list[Status], list[NucliactlError]]:
    """Return those whose credential has ended or will within so many seconds, as far as is known here: it
    asks no service, runs no program and opens no keyring. What renews itself never ends. The second part
    tells what cannot be read."""
    found, problems = list[Status](), list[NucliactlError]()
    for one in definitions:
        try:
            life = _known_life(one, sources)
        except NucliactlError as error:
            if not (isinstance(error, LoginNeeded) and WAYS[one.secret.way].opens == "stored"):
                problems.append(error)
            continue
        if life.is_over(now + seconds):
            state: State = "expired" if life.is_over(now) else "unchecked"
            found.append(Status(one.name, one.kind, state, one.target, life, "", remedy(one), 4))
    return sorted(found, key=lambda status: status.life.ends or 0), problems


def ended_by(
    deletion: Flow[None], definitions: Sequence[Definition], sources: Sources, now: float
) -> Flow[list[Definition]]:
    """Delete something at the service and return the definitions whose credentials are rejected after it and
    were not before. Asks about none whose secret another program has."""
    quiet = [one for one in definitions if not WAYS[one.secret.way].runs]
    before = yield from statuses(quiet, sources, now)
    yield from deletion
    valid = [one for one, status in zip(quiet, before, strict=True) if status.state == "valid"]
    after = yield from statuses(valid, sources, now)
    return [one for one, status in zip(valid, after, strict=True) if status.state in ("rejected", "expired")]


def _known_life(definition: Definition, sources: Sources) -> Life:
    """Return how long a credential lives. Raises what opening it would raise."""
    held = stored_credential(definition, sources.files.read)
    if held is not None or not (definition.secret.open or definition.secret.way in ("file", "variable")):
        return life_of(held, None)
    provider = provider_of(definition, sources.environment.variables, lambda: seconds_of(definition, sources))
    return life_of(None, provider.get() if provider else None)


def exit_code_of_all(found: Sequence[Status]) -> int:
    """4 if any is rejected, expired or needs a login, else 5 if any is unreachable; unchecked never fails."""
    states = {status.state for status in found}
    return 4 if states & {"rejected", "expired", "login needed"} else 5 if "unreachable" in states else 0
