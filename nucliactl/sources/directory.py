"""Profile directories: the store, NUCLIA_PROFILES_PATH, /etc and --profiles-dir."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from functools import partial

from nucliactl.disk import witness
from nucliactl.disk.reading import read_file
from nucliactl.errors import NucliactlError
from nucliactl.model.names import is_name
from nucliactl.model.trust import Trust
from nucliactl.store.folder import look_through, nameless_in, names_in
from nucliactl.store.layout import TOML, Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.reading import Read
    from nucliactl.model.profile import Definition
    from nucliactl.model.words import SourceKind

OTHERS = ("path", "system")
"""The words of directories that are asked after the store."""


class Directory(NamedTuple):
    """One profile directory. `source_kind` is the source's: flag, store, path or system."""

    source_kind: SourceKind
    path: str
    trust: Trust
    store: Store | None = None
    allow: Callable[[str], bool] | None = None
    read: Read = read_file

    def names(self) -> list[str]:
        return names_in(self.path, self.trust)

    def definition(self, name: str) -> str:
        return os.path.join(self.path, name + TOML)

    def has(self, name: str) -> bool:
        """Say whether a definition of that name is here, by one stat where it is. What cannot be looked
        at, or is a link that leads nowhere, counts as here: another directory's must not take its place."""
        if not is_name(name):
            return False
        try:
            witness.status(self.definition(name))
        except (FileNotFoundError, NotADirectoryError):
            return witness.is_link(self.definition(name))
        except OSError:
            return True
        return True

    def load(self, name: str) -> Definition | None:
        """Return the definition of that name, or None. Raises Damaged or Refused as its file does."""
        from nucliactl.model.definition import kept_nowhere
        from nucliactl.sources.limits import check_limits
        from nucliactl.store.definitions import read_definition

        path = self.definition(name)
        stored = partial(self.store.reference, name) if self.store else kept_nowhere
        found = read_definition(path, name, self.source_kind, stored, self.trust, self.read)
        if found is not None:
            check_limits(found, self.path, self.allow)
        return found


class Directories(NamedTuple):
    """Profile directories, nearest first. The nearest definition of a name wins whole."""

    items: tuple[Directory, ...]

    def find(self, name: str) -> Directory | None:
        return next((directory for directory in self.items if directory.has(name)), None)

    def has(self, name: str) -> bool:
        """Say whether the nearest definition of that name is more than a link that leads nowhere."""
        found = self.find(name)
        path = found.definition(name) if found else ""
        return bool(path) and (witness.exists(path) or not witness.is_link(path))

    def load(self, name: str) -> Definition | None:
        directory = self.find(name)
        return directory.load(name) if directory else None

    def names(self) -> list[str]:
        return sorted({name for directory in self.items for name in directory.names()})

    def there(self) -> tuple[list[str], list[NucliactlError]]:
        """Return the name of every definition, and what is odd: directories that cannot be listed, links that
        lead nowhere, what `nameless` tells. No definition is opened."""
        names: set[str] = set()
        dead: set[str] = set()
        problems: dict[str, NucliactlError] = {}
        nameless: list[NucliactlError] = []
        for directory in self.items:
            try:
                there = look_through(directory.path, directory.trust)
            except NucliactlError as error:
                problems[error.message] = error
                continue
            for name in there.dead - names:  # the nearest counts
                dead.add(name)
                problems[name] = _nowhere(directory.definition(name))
            names |= there.names
            nameless.extend(map(_no_profile, there.nameless))
        return sorted(names - dead), [*problems.values(), *nameless]

    def all(self) -> tuple[list[Definition], list[NucliactlError]]:
        """Return every readable definition by name, and why the others are not readable."""
        definitions: list[Definition] = []
        problems: dict[str, NucliactlError] = {}  # a directory that is refused is told once
        nearest: dict[str, Directory] = {}
        blind = False  # what stands in a directory that cannot be listed is asked for by name
        for directory in self.items:
            try:
                for name in directory.names():
                    nearest.setdefault(name, directory)
            except NucliactlError as error:
                problems[error.message] = error
                blind = True
        for name in sorted(nearest):
            try:
                found = self.load(name) if blind else nearest[name].load(name)
            except NucliactlError as error:
                problems[error.message] = error
            else:
                if found is not None:
                    definitions.append(found)
                elif holder := self.find(name):  # else removed in between
                    path = holder.definition(name)
                    problems[path] = _nowhere(path)
        return definitions, list(problems.values())

    def nameless(self) -> list[NucliactlError]:
        """Return what looks like a definition and is none, because no profile can be called so."""
        found: list[NucliactlError] = []
        for directory in self.items:
            with contextlib.suppress(NucliactlError):  # told by `all`
                found.extend(map(_no_profile, nameless_in(directory.path, directory.trust)))
        return found


def _no_profile(found: tuple[str, str]) -> NucliactlError:
    path, reason = found
    return NucliactlError(f"{path} is no profile: {reason}.")


def _nowhere(path: str) -> NucliactlError:
    return NucliactlError(f"{path} is a link that leads nowhere.")
