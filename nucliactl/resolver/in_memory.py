"""What this process chose through the SDK (rank 1b)."""

from typing import Final

from nucliactl.errors import UnknownProfile
from nucliactl.model.names import split_names
from nucliactl.model.profile import Definition, Source
from nucliactl.resolver.named import first_fitting, named
from nucliactl.resolver.result import CHOSEN, NOT_REACHED, OTHER_KIND, Choice, Judging, Outcome, Query, Row
from nucliactl.sources.sources import Sources

RANK: Final = "1b"
OVERRIDE = Source("sdk", "override()")


def overridden(override: str | Definition, sources: Sources, query: Query) -> Judging:
    """An override wins, or is an error where its kind does not fit: a test never falls through to a
    real profile."""
    if isinstance(override, str):
        names = split_names(override, OVERRIDE.location)
        return (yield from named(RANK, names, OVERRIDE, sources, query, strict=True))
    if query.kinds and override.kind not in query.kinds:
        yield Row(RANK, OVERRIDE, override.name, OTHER_KIND)
        raise UnknownProfile(
            f"override() names {override.name} ({override.kind}), but a profile of kind "
            f"{' or '.join(query.kinds)} is needed.",
            hint="Override with one of each kind that is asked for: override('test-kb,test-nua').",
        )
    yield Row(RANK, OVERRIDE, override.name, CHOSEN)
    return Choice(RANK, override.name, OVERRIDE, override)


def logged_in(chosen: tuple[Definition, ...], query: Query) -> Judging:
    """What the SDK logged in to is passed by where another kind is asked for."""
    winner = first_fitting(chosen, query)
    for definition in chosen:
        outcome: Outcome = CHOSEN if definition is winner else NOT_REACHED
        if query.kinds and definition.kind not in query.kinds:
            outcome = OTHER_KIND
        yield Row(RANK, definition.source, definition.name, outcome)
    return Choice(RANK, winner.name, winner.source, winner) if winner else None
