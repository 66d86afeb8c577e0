"""The official client's defaults (rank 6), in the order kb, nua, nucliadb, user."""

from collections.abc import Iterator
from typing import Final

from nucliactl.model.profile import Source
from nucliactl.resolver.result import (
    ABSENT,
    CHOSEN,
    INCOMPLETE,
    NOT_REACHED,
    OTHER_KIND,
    Choice,
    Query,
    Row,
    Stop,
)
from nucliactl.sources.official import ORDER
from nucliactl.sources.sources import Sources

RANK: Final = "6"


def official(sources: Sources, query: Query) -> Iterator[Row]:
    """Choose a default of `~/.nuclia/config`; one that is no whole credential is passed by."""
    defaults = {entry.kind: entry for entry in sources.official() if entry.default}
    source = Source("official", sources.official_path or "-")
    if not defaults:
        yield Row(RANK, source, None, ABSENT)
        return
    winner = None
    for kind in query.kinds or ORDER:
        entry = defaults.get(kind)
        if winner is None and entry is not None and entry.definition is not None:
            winner = entry
    for entry in defaults.values():
        name = f"nuclia:{entry.kind}"
        if query.kinds and entry.kind not in query.kinds:
            yield Row(RANK, source, name, OTHER_KIND)
        elif entry.problem is not None:
            yield Row(RANK, source, name, INCOMPLETE, entry.problem.message)
        else:
            yield Row(RANK, source, name, CHOSEN if entry is winner else NOT_REACHED)
    if winner is not None and winner.definition is not None:
        raise Stop(Choice(RANK, winner.definition.name, source, winner.definition))


def official_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    source = Source("official", sources.official_path or "-")
    found = [entry for entry in sources.official() if entry.default]
    for entry in found:
        yield source, f"nuclia:{entry.kind}"
    if not found:
        yield source, None
