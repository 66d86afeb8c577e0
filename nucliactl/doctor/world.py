"""What the checks look at."""

import os
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from nucliactl.errors import NucliactlError
from nucliactl.listing import all_definitions
from nucliactl.model.profile import Definition
from nucliactl.resolver.choose import resolve
from nucliactl.sources.sources import Flags, Sources, sources_of
from nucliactl.store.layout import Store


class Unchecked(Exception):
    """A check has nothing to look at; its text says why."""


class World:
    """Variables, flags, and the files as they are when a check first asks for them. `formats`: the output
    formats there are. `now`: epoch seconds. `offline`: the service is not asked. `heard`: what each origin
    answered that was asked."""

    def __init__(
        self,
        environ: Mapping[str, str],
        flags: Flags,
        cwd: str | None,
        formats: tuple[str, ...],
        now: float,
        *,
        offline: bool,
    ) -> None:
        self.environ, self.flags, self.cwd, self.formats = environ, flags, cwd, formats
        self.now, self.offline = now, offline
        self.heard: dict[str, Any] = {}

    def again(self) -> "World":
        """Return the same world with its files as they are now. What the service said stays."""
        world = World(self.environ, self.flags, self.cwd, self.formats, self.now, offline=self.offline)
        world.heard = self.heard
        return world

    @cached_property
    def _sources(self) -> Sources | NucliactlError:
        try:
            return sources_of(self.environ, self.flags, self.cwd)
        except NucliactlError as error:
            return error

    @property
    def fault(self) -> NucliactlError | None:
        """Why it is not clear where profiles are, or why the store cannot be asked; None where it can."""
        return self._sources if isinstance(self._sources, NucliactlError) else self._sources.no_store

    @property
    def sources(self) -> Sources:
        """What a resolver may ask. Raises Unchecked where nobody can tell."""
        if isinstance(self._sources, NucliactlError):
            raise Unchecked("it is not clear where profiles are")
        return self._sources

    @property
    def store(self) -> Store:
        """The store. Raises Unchecked where there is none."""
        store = self.sources.store
        if store is None or not os.path.isdir(store.root):
            raise Unchecked("there is no store")
        return store

    @property
    def closed(self) -> bool:
        """Whether the store is there, and this process cannot look into it."""
        store = self.sources.store
        return (
            store is not None and os.path.isdir(store.root) and not os.access(store.root, os.R_OK | os.X_OK)
        )

    def check_open(self) -> None:
        """Raise Unchecked where the store is closed."""
        if self.closed:
            raise Unchecked("the store is closed")

    @property
    def active(self) -> Definition | None:
        """What a command would use, None where nothing is active or nobody can tell."""
        choice = resolve(self.sources).choice
        return choice.definition if choice else None

    @cached_property
    def loaded(self) -> list[tuple[str, Definition | NucliactlError]]:
        """Every profile of a directory: its name, and its definition or why there is none."""
        directories, names = self.sources.directories, set[str]()
        for directory in directories.items:
            try:
                names.update(directory.names())
            except NucliactlError:  # `directories` says it
                continue
        found = list[tuple[str, Definition | NucliactlError]]()
        for name in sorted(names):
            try:
                definition = directories.load(name)
            except NucliactlError as error:
                found.append((name, error))
            else:
                found += [(name, definition)] if definition is not None else []
        return found

    @cached_property
    def everything(self) -> list[Definition]:
        """What every source defines: variables and the official client's file too."""
        return all_definitions(self.sources)[0]

    @property
    def definitions(self) -> list[Definition]:
        """Those of directories that can be read."""
        return [found for _, found in self.loaded if isinstance(found, Definition)]


def listed(folder: str) -> list[str]:
    """Return the names in a directory, sorted; none where it is closed or not there."""
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
