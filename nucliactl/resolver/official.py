"""The official client's defaults (rank 6), in the order kb, nua, nucliadb, user."""

from collections.abc import Mapping
from typing import Final

from nucliactl.model.kinds import KindName
from nucliactl.model.profile import Source
from nucliactl.resolver.result import CHOSEN, INCOMPLETE, NOT_REACHED, OTHER_KIND, Choice, Judging, Query, Row
from nucliactl.sources.official import ORDER, Entry

RANK: Final = "6"


def one_default(defaults: Mapping[KindName, Entry], source: Source, query: Query) -> Judging:
    """Choose a default of `~/.nuclia/config`; one that is no whole credential is passed by."""
    whole = {kind: entry.definition for kind, entry in defaults.items() if entry.definition}
    winner = next((whole[kind] for kind in query.kinds or ORDER if kind in whole), None)
    for entry in defaults.values():
        name = f"nuclia:{entry.kind}"
        if query.kinds and entry.kind not in query.kinds:
            yield Row(RANK, source, name, OTHER_KIND)
        elif entry.problem is not None:
            yield Row(RANK, source, name, INCOMPLETE, entry.problem.message)
        else:
            yield Row(RANK, source, name, CHOSEN if entry.definition is winner else NOT_REACHED)
    return Choice(RANK, winner.name, source, winner) if winner else None
