"""Switching: `use NAME`, `use -`, and `use NAME --here`, which writes a project's pin."""

import os

from nucliactl import hints
from nucliactl.disk.atomic import write_file
from nucliactl.errors import Ambiguous, Malformed, NotWritable, Refused, UnknownProfile
from nucliactl.model.kinds import KindName
from nucliactl.model.names import check_name, split_names
from nucliactl.model.profile import Definition
from nucliactl.resolver.named import defined
from nucliactl.sources.directory import Directories
from nucliactl.sources.pin import PIN, pinned
from nucliactl.sources.sources import Sources, working_directory
from nucliactl.store.active import active_bytes, read_active

PREVIOUS = "-"


def switch(sources: Sources, name: str) -> Definition:
    """Make a profile current and return its definition; `-` means the previous one.

    Raises UnknownProfile, NotWritable, or what reading the definition raises.
    """
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        if name == PREVIOUS:
            if active.previous is None:
                raise UnknownProfile("There is no previous profile.", hint=f"Switch by name: {hints.USE}")
            name = active.previous
        directory = sources.directories.find(name)
        lasting = Directories(tuple(d for d in sources.directories.items if d.source_kind != "flag"))
        if directory is not None and lasting.find(name) is None:
            raise UnknownProfile(
                f"{name!r} exists below --profiles-dir only, and would be gone without that flag.",
                hint=f"For one command: --profile {name}. Or put its directory on NUCLIA_PROFILES_PATH.",
            )
        definition = defined(name, "to switch to", sources)
        write_file(store.active, active_bytes(store, active.switched(name, definition.kind)))
    return definition


def unset(sources: Sources, name: str) -> None:
    """Make a profile no longer the current one, nor the last of its kind; the profile stays."""
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        if (after := active.renamed(name, None)) != active:
            write_file(store.active, active_bytes(store, after))


def pin(sources: Sources, names: str) -> str:
    """Write the pin of the working directory and return its path. Raises UnknownProfile or Ambiguous
    where the profiles are not there, or two are of one kind."""
    if names == PREVIOUS:
        raise Malformed("--here needs a name.", hint=hints.PIN)
    kinds: dict[KindName, str] = {}
    for name in split_names(names, "use"):
        definition = defined(check_name(name), "to pin", sources)
        if definition.kind in kinds:
            raise Ambiguous(
                f"{kinds[definition.kind]} and {name} are both of kind {definition.kind}.",
                hint="Pin one of each kind.",
            )
        kinds[definition.kind] = name
    folder = working_directory()
    if folder is None:
        raise NotWritable("The working directory is gone.", hint="Change to one that exists.")
    path = os.path.join(folder, PIN)
    if os.path.islink(path):
        raise Refused(f"{path} is a link; a project's pin is never written through one.", hint="Remove it.")
    if os.path.isdir(path):
        raise Malformed(f"{path} is a directory.", hint="Remove it; the name goes into a file of that name.")
    write_file(path, pinned(path, names), mode=0o644)
    return path
