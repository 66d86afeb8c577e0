"""A definition of a profile directory, read and held to what the directory is trusted with."""

from __future__ import annotations

from nucliactl.lean import partial
from nucliactl.model.definition import kept_nowhere
from nucliactl.sources.limits import check_limits
from nucliactl.store.definitions import kept_in, read_definition

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.profile import Definition
    from nucliactl.sources.directory import Directory


def load(directory: Directory, name: str) -> Definition | None:
    """Return the definition of that name, or None. Raises Damaged or Refused as its file does."""
    store = directory.store
    stored = partial(kept_in, store, name) if store else kept_nowhere
    path = directory.definition(name)
    found = read_definition(path, name, directory.source_kind, stored, directory.trust, directory.read)
    if found is not None:
        check_limits(found, directory.path, directory.allow)
    return found
