"""Profile directories: the store, NUCLIA_PROFILES_PATH, /etc and --profiles-dir."""

from __future__ import annotations

import os

from nucliactl.disk import witness
from nucliactl.disk.reading import read_file
from nucliactl.errors import NucliactlError
from nucliactl.model.names import is_name
from nucliactl.model.trust import Trust
from nucliactl.store.folder import look_through, names_in
from nucliactl.store.layout import TOML, Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeVar

    from nucliactl.disk.reading import Read
    from nucliactl.model.profile import Definition
    from nucliactl.model.words import SourceKind

    Row = TypeVar("Row")

OTHERS = ("path", "system")
"""The words of directories that are asked after the store."""
_TOGETHER = 50
"""Definitions that are read one after another, before they are understood."""


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
        return f"{self.path.rstrip(os.sep)}{os.sep}{name}{TOML}"

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
        from nucliactl.sources.loading import load

        return load(self, name)


class Seen(NamedTuple):
    """What profile directories have in them: the directory of the nearest definition of each name; those
    names whose nearest is a link that leads nowhere; why some directories cannot be listed; and what looks
    like a definition and is none, because no profile can be called so."""

    nearest: dict[str, Directory]
    dead: set[str]
    unlisted: list[NucliactlError]
    nameless: list[NucliactlError]


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
        lead nowhere, what is `nameless`. No definition is opened."""
        seen = self.look_through()
        dead = (_nowhere(seen.nearest[name].definition(name)) for name in sorted(seen.dead))
        return sorted(seen.nearest.keys() - seen.dead), [*seen.unlisted, *dead, *seen.nameless]

    def look_through(self) -> Seen:
        """List each directory once; no definition is opened."""
        nearest: dict[str, Directory] = {}
        dead: set[str] = set()
        unlisted: list[NucliactlError] = []
        nameless: list[NucliactlError] = []
        for directory in self.items:
            try:
                there = look_through(directory.path, directory.trust)
            except NucliactlError as error:
                unlisted.append(error)
                continue
            names = there.names.difference(nearest)  # the nearest counts
            dead |= there.dead & names
            nearest.update(dict.fromkeys(names, directory))
            nameless.extend(map(_no_profile, there.nameless))
        return Seen(nearest, dead, unlisted, nameless)

    def each(
        self,
        seen: Seen,
        problems: list[NucliactlError],
        quick: Callable[[list[str]], Mapping[str, Row]] | None = None,
    ) -> Iterator[Definition | Row]:
        """Yield every readable definition by name, or what `quick` makes of names of the store; say in
        `problems` why the others are not readable."""
        from nucliactl.sources.loading import load

        problems.extend(seen.unlisted)
        told: set[str] = set()  # a directory that is refused is told once
        names = sorted(seen.nearest)
        rows: Mapping[str, Row] = {}
        for place, name in enumerate(names):
            if quick is not None and not place % _TOGETHER and not seen.unlisted:
                some = names[place : place + _TOGETHER]
                rows = quick([one for one in some if seen.nearest[one].store is not None])
            if name in rows:
                yield rows[name]
                continue
            try:  # what stands in a directory that cannot be listed is asked for by name
                directory = self.find(name) if seen.unlisted else seen.nearest[name]
                found = load(directory, name) if directory else None
            except NucliactlError as error:
                if error.message not in told:
                    problems.append(error)
                told.add(error.message)
            else:
                if found is not None:
                    yield found
                elif holder := self.find(name):  # else removed in between
                    problems.append(_nowhere(holder.definition(name)))

    def all(self) -> tuple[list[Definition], list[NucliactlError]]:
        """Return every readable definition by name, and why the others are not readable."""
        problems: list[NucliactlError] = []
        return list(self.each(self.look_through(), problems)), problems


def _no_profile(found: tuple[str, str]) -> NucliactlError:
    path, reason = found
    return NucliactlError(f"{path} is no profile: {reason}.")


def _nowhere(path: str) -> NucliactlError:
    return NucliactlError(f"{path} is a link that leads nowhere.")
