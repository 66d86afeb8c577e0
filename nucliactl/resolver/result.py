"""The words of an answer: rows of candidates, the choice, the query."""

from typing import NamedTuple

from nucliactl.errors import Ambiguous, LoginNeeded, NucliactlError, UnknownProfile
from nucliactl.model.profile import Definition, Source

CHOSEN, NOT_REACHED, ABSENT = "chosen", "not reached", "absent"
OTHER_KIND, INCOMPLETE, AMBIGUOUS, REFUSED = "other kind", "incomplete", "ambiguous", "refused"


class Row(NamedTuple):
    """One candidate and what became of it. `reason` is for people."""

    rank: str
    source: Source
    profile: str | None
    outcome: str
    reason: str = ""


class Choice(NamedTuple):
    """The winner. `source` says how it was chosen; `definition` is None only where nobody asked
    for it (no kind wanted, one name): `Resolution.definition()` then loads it."""

    rank: str
    name: str
    source: Source
    definition: Definition | None


class Query(NamedTuple):
    """What is wanted: `kinds` in order of preference (none: any), and whether the definition has
    to be read even if the choice does not need it."""

    kinds: tuple[str, ...] = ()
    definition: bool = True


class Resolution(NamedTuple):
    """The answer: a choice or an error, never both; every row; and what people should be told."""

    choice: Choice | None
    error: NucliactlError | None
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()

    def require(self) -> Choice:
        if self.choice is None:
            assert self.error is not None
            raise self.error
        return self.choice


class Stop(Exception):
    """A rank decided: a choice or an error."""

    def __init__(self, choice: Choice | None, error: NucliactlError | None = None) -> None:
        super().__init__()
        self.choice, self.error = choice, error


def outcome_of(error: NucliactlError) -> str:
    """Return the word for a candidate that ended in an error."""
    if isinstance(error, LoginNeeded):
        return INCOMPLETE
    if isinstance(error, Ambiguous):
        return AMBIGUOUS
    return ABSENT if isinstance(error, UnknownProfile) else REFUSED
