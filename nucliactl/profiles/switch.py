"""Switching: `use NAME`, `use A,B`, `use -`, `use --account`, `use --unset`."""

from nucliactl import hints
from nucliactl.disk.atomic import write_file
from nucliactl.errors import UnknownProfile
from nucliactl.model.names import names_in
from nucliactl.profiles.selection import Selection, selection_of
from nucliactl.resolver.named import gone_from
from nucliactl.sources.sources import Sources
from nucliactl.store.active import Active, active_bytes, read_active
from nucliactl.store.layout import Store

PREVIOUS = "-"


def switch(sources: Sources, text: str) -> Selection:
    """Make the profiles that a text names current, the first before the others; `-` means the previous
    selection.

    Raises UnknownProfile, Ambiguous, NotWritable, or what reading a definition raises.
    """
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        if text == PREVIOUS:
            if active.previous is None:
                raise UnknownProfile("There is no previous profile.", hint=f"Switch by name: {hints.USE}")
            text = active.previous
            if gone := gone_from(names_in(text), "the previous profile", sources):
                raise gone
        selection = selection_of(sources, text, "to switch to")
        _keep(store, active, active.switched(selection.text, selection.kinds))
    return selection


def switch_to(sources: Sources, selection: Selection) -> None:
    """Make a selection current that is checked already. Raises NotWritable."""
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        _keep(store, active, active.switched(selection.text, selection.kinds))


def clear(sources: Sources) -> str | None:
    """Leave nothing switched to, of no kind; return the selection that was. The profiles stay."""
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        _keep(store, active, active.cleared())
    return active.current


def unset(sources: Sources, name: str) -> None:
    """Make a profile no longer current, nor the last of its kind; the profile stays."""
    store = sources.writable()
    with store.writing():
        active = read_active(store)
        _keep(store, active, active.renamed(name, None))


def _keep(store: Store, before: Active, after: Active) -> None:
    if after != before:
        write_file(store.active, active_bytes(store, after))
