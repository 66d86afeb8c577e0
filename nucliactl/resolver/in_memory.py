"""What this process chose through the SDK (rank 1b)."""

from collections.abc import Iterator
from typing import Final

from nucliactl.errors import UnknownProfile
from nucliactl.model.names import split_names
from nucliactl.model.profile import Definition, Source
from nucliactl.resolver.named import named
from nucliactl.resolver.result import (
    ABSENT,
    CHOSEN,
    NOT_REACHED,
    OTHER_KIND,
    Choice,
    Outcome,
    Query,
    Row,
    Stop,
)
from nucliactl.sources.sources import Sources

RANK: Final = "1b"
_OVERRIDE = Source("sdk", "override()")


def process(sources: Sources, query: Query) -> Iterator[Row]:
    """An override wins, or is an error where its kind does not fit: a test never falls through to a
    real profile. What the SDK logged in to is passed by where another kind is asked for."""
    override, chosen = sources.in_memory.override, sources.in_memory.chosen
    if isinstance(override, str):
        yield from named(RANK, split_names(override, "override()"), _OVERRIDE, sources, query, strict=True)
    elif override is not None:
        yield from _defined(override, query)
    winner = _first(chosen, query)
    for definition in chosen:
        outcome: Outcome = CHOSEN if definition is winner else NOT_REACHED
        if query.kinds and definition.kind not in query.kinds:
            outcome = OTHER_KIND
        yield Row(RANK, definition.source, definition.name, outcome)
    if winner is not None:
        raise Stop(Choice(RANK, winner.name, winner.source, winner))
    if override is None and not chosen:
        yield Row(RANK, Source("sdk", "-"), None, ABSENT)


def _defined(definition: Definition, query: Query) -> Iterator[Row]:
    if query.kinds and definition.kind not in query.kinds:
        yield Row(RANK, _OVERRIDE, definition.name, OTHER_KIND)
        raise UnknownProfile(
            f"override() names {definition.name} ({definition.kind}), but a profile of kind "
            f"{' or '.join(query.kinds)} is needed.",
            hint="Override with one of each kind that is asked for: override('test-kb,test-nua').",
        )
    yield Row(RANK, _OVERRIDE, definition.name, CHOSEN)
    raise Stop(Choice(RANK, definition.name, _OVERRIDE, definition))


def _first(chosen: tuple[Definition, ...], query: Query) -> Definition | None:
    """The latest of the kind asked for first; without a kind, the latest."""
    for kind in query.kinds or tuple(d.kind for d in chosen[:1]):
        for definition in chosen:
            if definition.kind == kind:
                return definition
    return None


def process_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    override, chosen = sources.in_memory.override, sources.in_memory.chosen
    if override is not None:
        yield _OVERRIDE, override if isinstance(override, str) else override.name
    for definition in chosen:
        yield definition.source, definition.name
    if override is None and not chosen:
        yield Source("sdk", "-"), None
