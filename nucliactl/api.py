"""What a program uses: resolve a profile, get a client. Puts the rooms together."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from copy import copy
from functools import partial

from nucliactl import hints
from nucliactl.disk.modes import notice
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.layers import Value, effective
from nucliactl.layers import reset as reset_layers
from nucliactl.model.kinds import asked_kinds
from nucliactl.model.profile import Definition, Source
from nucliactl.records import log
from nucliactl.resolver.choose import resolve as resolve_sources
from nucliactl.resolver.result import Query
from nucliactl.secret import Untraced
from nucliactl.sources.in_memory import first_time, overriding, referring, snapshot
from nucliactl.sources.in_memory import reset as reset_in_memory
from nucliactl.sources.remembered import forget, remembered
from nucliactl.sources.sources import Flags, Sources, sources_of, working_directory
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import stored_credential
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Unpack

    import httpx

    from nucliactl.http.auth import CredentialAuth
    from nucliactl.http.client import Connection
    from nucliactl.http.options import AsyncClientOptions, ClientOptions
    from nucliactl.model.words import Kind as Kind  # noqa: PLC0414 (re-exported)


class Profile:
    """A resolved profile: plain data about where to go and where its secret is, never the secret.

    - `name`, `kind`; `source`: how it was chosen, `word: location`; `defined_in`: where its definition
      is, in the same form; `description`: what that says of itself.
    - `account`: the account's id. `zone`: a region's slug such as `europe-1`, or a private origin.
      `kb`: the id of the Knowledge Box, for other kinds of the default one. `domain`: that of the
      service, `progress.cloud` unless the definition says otherwise. None where nothing says them.
    - `origins`: where its credential may go, `https://host`, with `*` for one label of the host.
    - `timeout`: seconds that a call of nucliactl's own may take in all; for a client httpx's `timeout`,
      which counts for each step of a request.

    It can be copied and pickled, into another process too: the secret is found again where it is
    referred to. What was given to `nucliactl.sdk` exists in its process only, and no copy carries it.
    """

    def __init__(self, definition: Definition, source: Source, values: dict[str, Value]) -> None:
        self.name: str = definition.name
        self.kind: Kind = definition.kind
        self.source: str = str(source)
        self.defined_in: str = str(definition.source)
        self.origins: tuple[str, ...] = definition.origins
        plain = {key: held.value for key, held in values.items()}
        self.account: str | None = plain.get("account")
        self.zone: str | None = plain.get("zone")
        self.kb: str | None = plain.get("kb")
        self.domain: str | None = plain.get("domain")
        self.description: str | None = plain.get("description")
        self.timeout = float(plain.get("timeout") or 30)
        self._url: str | None = plain.get("url")
        self._definition = referring(definition)
        self._effective = values

    def __repr__(self) -> str:
        return f"<Profile {self.name!r} {self.kind} {self._definition.target} ({self.source})>"

    def _repr_html_(self) -> str:
        """What a notebook shows where a cell ends with the profile: what `repr` says, and more of it."""
        from nucliactl.html_table import html_table

        definition = self._definition
        return html_table(
            f"Profile {self.name}",
            {
                "kind": self.kind,
                "title": definition.get("title"),
                "description": self.description,
                "address": definition.target,
                "account": definition.account_slug or self.account,
                "zone": self.zone,
                "chosen by": self.source,
                "defined in": self.defined_in,
            },
        )

    @property
    def values(self) -> list[Value]:
        """The effective values, each with its `key`, `value` and `source`; a secret is not among them."""
        return [held._replace(value=copy(held.value)) for held in self._effective.values()]

    def _twin(self) -> Profile:
        """Return another object of the same profile: what a caller does to one is not the other's."""
        twin = object.__new__(Profile)
        twin.__dict__ = self.__dict__.copy()
        return twin

    @property
    def base_url(self) -> str:
        """What relative requests of its client start from, without a slash at the end.

        Where only the NUA key itself names its service, the key is opened for it, as a client does.
        Raises LoginNeeded, Refused or Malformed then.
        """
        return self._definition.base_url or self.connection().base_url

    @property
    def url(self) -> str:
        """The URL of the Knowledge Box, the NucliaDB or the agent's service; `base_url` for other kinds."""
        return self._url or self.base_url

    def auth(self) -> CredentialAuth:
        """Return an `httpx.Auth` for a client of your own.

        It guards the first hop; keep `follow_redirects` off, or use `nucliactl.client()`.
        """
        return self.connection().auth

    def connection(self) -> Connection:
        """Return what clients are made of: `origins`, `base_url`, `timeout` in seconds, `auth`.

        Opens a secret only if its endpoint is written in it, a NUA key's. Raises LoginNeeded, Refused or
        Malformed then.
        """
        from nucliactl.service.connect import connect

        with Untraced():
            return connect(self._definition, os.environ, self.timeout)

    def client(self, **options: Unpack[ClientOptions]) -> httpx.Client:
        """Return an `httpx.Client` that starts from `base_url`, with this profile's credential.

        Its requests raise Refused for another origin, before anything is sent, and LoginNeeded where
        there is no secret any more; what httpx raises stays httpx's. `options` are httpx's too.
        """
        from nucliactl.http.client import sync_client

        return sync_client(self._watched_connection(), **options)

    def async_client(self, **options: Unpack[AsyncClientOptions]) -> httpx.AsyncClient:
        """Return an `httpx.AsyncClient` under the rules of `client`."""
        from nucliactl.http.client import async_client

        return async_client(self._watched_connection(), **options)

    def _watched_connection(self) -> Connection:
        """Return the connection; log, once a process, that its credential has ended or soon will."""
        connection, definition = self.connection(), self._definition
        opened = None
        if definition.secret.open and connection.provider is not None:
            with contextlib.suppress(NucliactlError), Untraced():  # told at first use
                opened = connection.provider.get()
        end = near_end(definition, time.time(), opened)
        if end and first_time(f"end of {self.name} in {self.defined_in}"):
            log.warning("%s", end)
        return connection


class _Answer(NamedTuple):
    """A profile, and what people should be told of it."""

    profile: Profile
    notices: tuple[str, ...]


def _answer(
    name: str | None,
    kinds: tuple[Kind, ...],
    env_file: str | None,
    environ: Mapping[str, str],
    cwd: str | None,
) -> _Answer:
    sources = _sources(environ, cwd, Flags(name, env_file=env_file, asked_by="resolve()"))
    result = resolve_sources(sources, Query(kinds))
    choice = result.require()
    for text in result.notices:
        log.warning("%s", text)
    definition = choice.definition
    assert definition is not None
    stored_credential(definition, sources.files.read)  # raises where it cannot be used
    return _Answer(Profile(definition, choice.source, effective(definition, sources)), result.notices)


def _told_again(answer: _Answer) -> None:
    for text in answer.notices:
        log.warning("%s", text)


def resolve(
    name: str | None = None,
    *,
    kind: Kind | Sequence[Kind] | None = None,
    env_file: str | os.PathLike[str] | None = None,
) -> Profile:
    """Return the active profile, or the named one.

    `kind` is one of the kinds, or several in order of preference. `env_file` is a `.env` to take the
    credential from, and from nowhere else. Reads local files and environment variables only, and
    writes nothing. Raises LoginNeeded (nothing configured, half a credential, no stored credential),
    UnknownProfile, Ambiguous, Refused, Damaged, Unreadable, or Malformed.
    """
    with Untraced():
        _check_type("a profile's name", name, str)
        _check_type("env_file", env_file, str, os.PathLike)
        question = name, asked_kinds(kind), None if env_file is None else os.fspath(env_file)
        return remembered(question, partial(_answer, *question), _told_again).profile._twin()


def _check_type(what: str, value: object, *types: type) -> None:
    if value is not None and not isinstance(value, types):
        raise Malformed(
            f"resolve() takes {what} as text, not as {type(value).__name__}.",
            hint=f"Leave it out for the active profile, or take a name from: {hints.LIST}",
        )


def here() -> Sources:
    """Return the sources of this process at this moment."""
    return _sources(os.environ, working_directory(), Flags())


def _sources(environ: Mapping[str, str], cwd: str | None, flags: Flags) -> Sources:
    sources = sources_of(environ, flags, cwd, snapshot())
    text = notice(sources.files.look)
    if text and first_time(text):
        log.warning("%s", text)
    return sources


def override(profile: str | Profile) -> AbstractContextManager[None]:
    """Let a profile win within a `with` block, in this thread or task: for tests.

    `profile` is a name, several of different kinds (`"test-kb,test-nua"`), or a resolved `Profile`.
    A name given to `resolve()` itself still wins. Asking for a kind that the override does not have raises
    UnknownProfile; a real profile never answers instead. `nucliactl.testing.override` does the same
    for the whole process, as code with threads of its own needs it.
    """
    return overriding(overridden(profile))


def overridden(profile: str | Profile) -> str | Definition:
    """Return what an override by a profile or its name stands for; raise Malformed for anything else."""
    if not isinstance(profile, Profile | str):
        raise Malformed("override() needs a profile or its name.", hint="Is a variable unset?")
    return profile._definition if isinstance(profile, Profile) else profile


def reset() -> None:
    """Forget what this process chose (`override`, the logins of `nucliactl.sdk`) and dynaconf's
    template. For tests; stored profiles are untouched."""
    reset_in_memory()
    reset_layers()
    forget()


def client(
    name: str | Profile | None = None,
    *,
    kind: Kind | Sequence[Kind] | None = None,
    **options: Unpack[ClientOptions],
) -> httpx.Client:
    """Return an `httpx.Client` for a profile: the active one, the named one, or a resolved one.

    It sends the credential to the profile's own origins only, and renews it where that is possible.
    `options` are httpx's; its `timeout` is `profile.timeout` unless given. Raises what `resolve` and
    `Profile.connection` raise. Close it, or use it in a `with` block.
    """
    profile = name if isinstance(name, Profile) else resolve(name, kind=kind)
    return profile.client(**options)


def async_client(
    name: str | Profile | None = None,
    *,
    kind: Kind | Sequence[Kind] | None = None,
    **options: Unpack[AsyncClientOptions],
) -> httpx.AsyncClient:
    """Return an `httpx.AsyncClient`, for asyncio and trio, under the rules of `client`."""
    profile = name if isinstance(name, Profile) else resolve(name, kind=kind)
    return profile.async_client(**options)
