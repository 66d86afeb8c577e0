"""The words of an answer: rows of candidates, the choice, the query."""

from __future__ import annotations

from nucliactl.errors import Ambiguous, LoginNeeded, NucliactlError, UnknownProfile
from nucliactl.model.source import Source
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Literal

    from nucliactl.model.profile import Definition
    from nucliactl.model.words import KindName

    RankLabel = Literal["1", "1b", "2", "3", "4", "5", "6"]
    Outcome = Literal["chosen", "not reached", "absent", "other kind", "incomplete", "ambiguous", "refused"]


class Row(NamedTuple):
    """One candidate and what became of it. `reason` is for people."""

    rank: RankLabel
    source: Source
    profile: str | None
    outcome: Outcome
    reason: str = ""


class Choice(NamedTuple):
    """The winner. `source` says how it was chosen; `definition` is None only where nobody asked
    for it (no kind wanted, one name): `Resolution.definition()` then loads it. `names`: the
    selection that it is from; () where there is none."""

    rank: RankLabel
    name: str
    source: Source
    definition: Definition | None
    names: tuple[str, ...] = ()

    @property
    def selection(self) -> tuple[str, ...]:
        """The name of every profile that is active by this choice."""
        return self.names or (self.name,)


class Query(NamedTuple):
    """What is wanted: `kinds` in order of preference (none: any), and whether the definition has
    to be read even if the choice does not need it."""

    kinds: tuple[KindName, ...] = ()
    definition: bool = True

    def outcome(self, kind: KindName, chosen: bool) -> Outcome:
        """Return the word for a whole candidate of a kind: `chosen` where it is the one."""
        if self.kinds and kind not in self.kinds:
            return "other kind"
        return "chosen" if chosen else "not reached"


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


if TYPE_CHECKING:
    Judging = Generator[Row, None, Choice | NucliactlError | None]
    """How a candidate is judged: it yields rows and returns the choice, an error that the rows tell, or None
    where the next candidate is asked. An error that is raised has no row yet."""


class Contender(NamedTuple):
    """What a rank puts forward, not judged. `stated`: what stands where (profiles, or None)."""

    stated: tuple[tuple[Source, str | None], ...]
    judge: Callable[[Query], Judging]


def outcome_of(error: NucliactlError) -> Outcome:
    """Return the word for a candidate that ended in an error."""
    if isinstance(error, LoginNeeded):
        return "incomplete"
    if isinstance(error, Ambiguous):
        return "ambiguous"
    return "absent" if isinstance(error, UnknownProfile) else "refused"
