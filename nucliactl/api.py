"""What a program uses: resolve a profile, get a client. Puts the rooms together."""

import contextlib
import os
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from nucliactl.disk.modes import notice
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.layers import Effective, Value, effective
from nucliactl.layers import reset as reset_layers
from nucliactl.model.kinds import asked_kinds
from nucliactl.model.profile import Definition, Source
from nucliactl.records import log
from nucliactl.resolver.order import resolve as resolve_sources
from nucliactl.resolver.result import Query
from nucliactl.secret import Untraced
from nucliactl.sources.in_memory import first_time, overriding, referring, snapshot
from nucliactl.sources.in_memory import reset as reset_in_memory
from nucliactl.sources.sources import Flags, Sources, sources_of, working_directory
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import check_stored

if TYPE_CHECKING:
    import httpx

    from nucliactl.http.auth import CredentialAuth
    from nucliactl.http.client import Connection


KindArgument = str | tuple[str, ...] | list[str] | None


class Profile:
    """A resolved profile: plain data about where to go and where its secret is, never the secret.

    `name`, `kind`, `source` (how it was chosen, `word: location`), `defined_in` (where its
    definition is). `url` is the full URL of a KB or NucliaDB; `base_url` what relative requests of
    its client start from (None for a NUA key in a file that was not opened yet). `values` are the
    effective values with their sources.

    It can be copied and pickled, into another process too: the secret is found again where it is
    referred to. What was given to `nucliactl.sdk` exists in its process only, and no copy carries it.
    """

    def __init__(self, definition: Definition, source: Source, values: Effective) -> None:
        self.name = definition.name
        self.kind = definition.kind
        self.source = str(source)
        self.defined_in = str(definition.source)
        self.origins = definition.origins
        self.base_url = definition.base_url
        self._definition = referring(definition)
        self._effective = values

    def __repr__(self) -> str:
        return f"<Profile {self.name!r} {self.kind} {self._definition.target} ({self.source})>"

    @property
    def values(self) -> list[Value]:
        return list(self._effective.values.values())

    @property
    def url(self) -> str | None:
        """The full URL of the KB or NucliaDB; the base URL for other kinds."""
        found: str | None = self._effective.get("url")
        return found or self.base_url

    @property
    def account(self) -> str | None:
        found: str | None = self._effective.get("account")
        return found

    @property
    def zone(self) -> str | None:
        found: str | None = self._effective.get("zone")
        return found

    @property
    def kb(self) -> str | None:
        found: str | None = self._effective.get("kb")
        return found

    @property
    def domain(self) -> str | None:
        found: str | None = self._effective.get("domain")
        return found

    @property
    def description(self) -> str | None:
        found: str | None = self._effective.get("description")
        return found

    @property
    def timeout(self) -> float:
        """Seconds one call may take in all."""
        return float(self._effective.get("timeout") or 30)

    def auth(self) -> "CredentialAuth":
        """Return an `httpx.Auth` for a client of your own.

        It guards the first hop; keep `follow_redirects` off, or use `nucliactl.client()`.
        """
        return self.connection().auth

    def connection(self) -> "Connection":
        """Return what clients are made of. Opens a secret only if its endpoint is written in it."""
        from nucliactl.service.connect import connect

        with Untraced():
            return connect(self._definition, os.environ, self.timeout)

    def client(self, **options: Any) -> "httpx.Client":
        """Return an `httpx.Client` with base URL, auth and origin hook; `options` are httpx's."""
        from nucliactl.http.client import sync_client

        return sync_client(self._said_end(), **options)

    def async_client(self, **options: Any) -> "httpx.AsyncClient":
        """Return an `httpx.AsyncClient` under the same rules."""
        from nucliactl.http.client import async_client

        return async_client(self._said_end(), **options)

    def _said_end(self) -> "Connection":
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


def profile_in(sources: Sources, query: Query) -> Profile:
    """Resolve in given sources. Raises what the resolver decides; logs its notices."""
    found = resolve_sources(sources, query)
    choice = found.require()
    assert choice.definition is not None
    for text in found.notices:
        log.warning("%s", text)
    check_stored(choice.definition)
    return Profile(choice.definition, choice.source, effective(choice.definition, sources))


def resolve(name: str | None = None, *, kind: KindArgument = None, env_file: str | None = None) -> Profile:
    """Return the active profile, or the named one.

    `kind` is one of the kinds or several in order of preference. `env_file` is a `.env` to take the
    credential from, and from nowhere else. Reads local files and environment variables only;
    writes nothing. Raises LoginNeeded (nothing configured, half a credential, no
    stored credential), UnknownProfile, Ambiguous, Refused, Damaged or Malformed.
    """
    with Untraced():
        query = Query(asked_kinds(kind))
        flags = Flags(profile=name, env_file=env_file, asked_by="resolve()")
        return profile_in(here(flags), query)


def here(flags: Flags = Flags()) -> Sources:
    """Return the sources of this process at this moment."""
    text = notice()
    if text and first_time(text):
        log.warning("%s", text)
    return sources_of(os.environ, flags, working_directory(), snapshot())


def override(profile: "str | Profile") -> AbstractContextManager[None]:
    """Let a profile win within a `with` block, in this thread or task: for tests.

    `profile` is a name, several of different kinds (`"test-kb,test-nua"`), or a resolved `Profile`.
    A name given to `resolve()` itself still wins; asking for a kind that the override has not is
    UnknownProfile, never a fall-through to a real profile. `nucliactl.testing.override` does the same
    for the whole process, as code with threads of its own needs it.
    """
    return overriding(overridden(profile))


def overridden(profile: "str | Profile") -> str | Definition:
    """Return what an override by a profile or its name stands for; raise Malformed for anything else."""
    if not isinstance(profile, Profile | str):
        raise Malformed("override() needs a profile or its name.", hint="An unset variable, perhaps?")
    return profile._definition if isinstance(profile, Profile) else profile


def reset() -> None:
    """Forget what this process chose (`override`, the logins of `nucliactl.sdk`) and dynaconf's
    template. For tests; stored profiles are untouched."""
    reset_in_memory()
    reset_layers()


def client(
    name: "str | Profile | None" = None, *, kind: KindArgument = None, **options: Any
) -> "httpx.Client":
    """Return a ready `httpx.Client` for the active or named profile; `options` are httpx's."""
    found = name if isinstance(name, Profile) else resolve(name, kind=kind)
    return found.client(**options)


def async_client(
    name: "str | Profile | None" = None, *, kind: KindArgument = None, **options: Any
) -> "httpx.AsyncClient":
    """Return a ready `httpx.AsyncClient` for the active or named profile."""
    found = name if isinstance(name, Profile) else resolve(name, kind=kind)
    return found.async_client(**options)
