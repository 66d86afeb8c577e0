"""A directory of definitions: which names it has, without opening one."""

from __future__ import annotations

import os

from nucliactl.disk import witness
from nucliactl.disk.reading import unreadable
from nucliactl.model.names import is_name, name_from, why_no_name
from nucliactl.model.trust import Trust
from nucliactl.store.layout import TOML
from nucliactl.tuples import NamedTuple


def names_in(folder: str, trust: Trust | None = None) -> list[str]:
    """Return the names defined in a directory, sorted; [] if there is no such directory."""
    stems = [name[: -len(TOML)] for name in _files_in(folder, trust) if name.endswith(TOML)]
    return sorted(stem for stem in stems if is_name(stem))


class Listing(NamedTuple):
    """A directory, looked through once: the names defined in it; those of them that are links which lead
    nowhere; and the definition files that no profile can be called by, each with the reason, sorted."""

    names: set[str]
    dead: set[str]
    nameless: list[tuple[str, str]]


def look_through(folder: str, trust: Trust | None = None) -> Listing:
    """Return what is in a directory, nothing if there is no such directory. No definition is opened."""
    names: set[str] = set()
    links: list[str] = []
    others: list[str] = []
    witness.listed(folder)
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                stem = name[: -len(TOML)]
                if not (name.endswith(TOML) and is_name(stem)):
                    others.append(name)
                    continue
                names.add(stem)
                if entry.is_symlink():
                    links.append(stem)
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise unreadable(folder, error, trust) from None
    dead = {name for name in links if not witness.exists(os.path.join(folder, name + TOML))}
    return Listing(names, dead, _nameless(folder, others))


def _nameless(folder: str, others: list[str]) -> list[tuple[str, str]]:
    """Return what has a definition's ending. Hidden files are none of ours."""
    found = []
    for name in sorted(others):
        stem, ending = os.path.splitext(name)
        if ending.lower() != TOML or name.startswith("."):
            continue
        better = name_from(stem, "profile") + TOML
        found.append(
            (os.path.join(folder, name), f"{why_no_name(stem) or f'it ends in {ending}'}; {better} is one")
        )
    return found


def _files_in(folder: str, trust: Trust | None) -> list[str]:
    try:
        return witness.names(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreadable(folder, error, trust) from None
