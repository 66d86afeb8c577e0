"""Switching: `use NAME` and `use -`."""

from nucliactl import hints
from nucliactl.disk.atomic import write_file
from nucliactl.errors import UnknownProfile
from nucliactl.model.profile import Definition
from nucliactl.resolver.named import unknown_profile
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Sources
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
        definition = directory.load(name) if directory else None
        if definition is None:
            raise unknown_profile(name, "to switch to", sources)
        write_file(store.active, active_bytes(store, active.switched(name, definition.kind)))
    return definition


def unset(sources: Sources, name: str) -> None:
    """Make a profile no longer the current one, nor the last of its kind; the profile stays."""
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        if active.forgotten(name) != active:
            write_file(store.active, active_bytes(store, active.forgotten(name)))
