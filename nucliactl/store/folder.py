"""A directory of definitions: which names it has, without opening one."""

from __future__ import annotations

import os

from nucliactl.disk.reading import unreadable
from nucliactl.model.names import is_name, name_from, why_no_name
from nucliactl.model.trust import Trust
from nucliactl.store.layout import TOML


def names_in(folder: str, trust: Trust | None = None) -> list[str]:
    """Return the names defined in a directory, sorted; [] if there is no such directory."""
    stems = [name[: -len(TOML)] for name in _files_in(folder, trust) if name.endswith(TOML)]
    return sorted(stem for stem in stems if is_name(stem))


def names_and_dead_links(folder: str, trust: Trust | None = None) -> tuple[set[str], set[str]]:
    """Return the names defined in a directory, and those of them that are links which lead nowhere."""
    names = set(names_in(folder, trust))
    if not names:
        return names, set()
    with os.scandir(folder) as entries:
        links = {entry.name[: -len(TOML)] for entry in entries if entry.is_symlink()}
    return names, {name for name in links & names if not os.path.exists(os.path.join(folder, name + TOML))}


def nameless_in(folder: str, trust: Trust | None = None) -> list[tuple[str, str]]:
    """Return the definition files of a directory that no profile can be called by, each with the
    reason; sorted. Hidden files are none of ours."""
    found = []
    for name in sorted(_files_in(folder, trust)):
        if name.endswith(TOML) and is_name(name[: -len(TOML)]):
            continue
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
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise unreadable(folder, error, trust) from None
