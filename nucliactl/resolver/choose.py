"""Which profile is active: the one place that judges what the ranks put forward, one after the other.

Nothing here reads a secret, the clock or the network, or prints.
"""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Incomplete, NothingConfigured, NucliactlError
from nucliactl.model.names import may_be_key
from nucliactl.model.source import Source
from nucliactl.resolver.notices import notices, other_half, with_unread
from nucliactl.resolver.ranks import RANKS
from nucliactl.resolver.result import Choice, Contender, Query, Resolution, Row, outcome_of
from nucliactl.sources.environment.candidates import empty_variables
from nucliactl.sources.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from nucliactl.resolver.result import Judging, RankLabel


def resolve(sources: Sources, query: Query = Query(), *, every_rank: bool = False) -> Resolution:
    """Return the first candidate that fits the query, in the order of RANKS; an error on the way ends it.

    With `every_rank`, the ranks behind the winner are listed too, as not reached. Errors of
    candidates are in the result, not raised.
    """
    rows: list[Row] = []
    decided: Choice | NucliactlError | None = None
    for rank in RANKS:
        if decided is None:
            decided = _judge(rank, sources, query, rows)
        elif every_rank:
            rows.extend(_unreached(rank, sources))
    if isinstance(decided, Choice):
        return Resolution(decided, None, tuple(rows), notices(sources, decided))
    error = decided or with_unread(sources, _nothing(query, sources))
    if isinstance(error, Incomplete):
        error = with_unread(sources, other_half(sources, error))
    return Resolution(None, error, tuple(rows))


def _judge(
    rank: RankLabel, sources: Sources, query: Query, rows: list[Row]
) -> Choice | NucliactlError | None:
    """Judge what a rank puts forward until something is decided; None where nothing is."""
    contender = None
    try:
        for contender in RANKS[rank](sources):
            decided = _collected(contender.judge(query), rows)
            if decided is not None:
                return decided
    except NucliactlError as error:
        source, profile = next(_stated(contender), (Source("-", "-"), None))
        rows.append(Row(rank, source, profile, outcome_of(error), error.message))
        return error
    return None


def _collected(judging: Judging, rows: list[Row]) -> Choice | NucliactlError | None:
    while True:
        try:
            rows.append(next(judging))
        except StopIteration as end:
            decided: Choice | NucliactlError | None = end.value
            return decided


def _unreached(rank: RankLabel, sources: Sources) -> Iterator[Row]:
    try:
        stated = [one for contender in RANKS[rank](sources) for one in _stated(contender)]
    except NucliactlError:
        return
    for source, profile in stated:
        if profile is not None or len(stated) == 1:
            yield Row(rank, source, profile, "not reached" if profile else "absent")


def _stated(contender: Contender | None) -> Iterator[tuple[Source, str | None]]:
    for source, profile in contender.stated if contender else ():  # what is no name may be a key
        yield source, "****" if profile and may_be_key(profile.partition(",")[0]) else profile


_ON_GITHUB = """Give the step its secret (in a workflow of a fork there is none):
env:
  NUCLIA_KB_URL: ${{ vars.NUCLIA_KB_URL }}
  NUCLIA_API_KEY: ${{ secrets.NUCLIA_API_KEY }}"""


def _nothing(query: Query, sources: Sources) -> NothingConfigured:
    message = "There is no active profile" + (f" of kind {' or '.join(query.kinds)}" if query.kinds else "")
    if empty := empty_variables(sources.environment):
        verb, what_for = ("is", "it a value") if len(empty) == 1 else ("are", "them values")
        message += f"; {' and '.join(empty)} {verb} set but empty"
        hint = f"A CI run of a fork has no secrets. Give {what_for}, or: unset {' '.join(empty)}\n"
        hint += f"and log in: {hints.BOX}"
    elif sources.environment.variables.get("GITHUB_ACTIONS") == "true":
        hint = _ON_GITHUB
    elif query.kinds and "kb" not in query.kinds:
        from nucliactl.model.kinds import KINDS

        logins = " or ".join(dict.fromkeys(KINDS[kind].login for kind in query.kinds))
        hint = f"Log in: {logins}, or switch: {hints.USE}"
    else:
        hint = f"Log in: {hints.BOX}, or switch: {hints.USE}, or set NUCLIA_KB_URL and NUCLIA_API_KEY"
    return NothingConfigured(f"{message}.", hint=hint)
