"""What a check is, and what it says."""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple

from nucliactl.doctor.world import World

Level = Literal["problem", "note", "skipped", "ok"]
LEVELS: tuple[Level, ...] = ("problem", "note", "skipped", "ok")
"""The worst first. `problem`: something does not work, is not safe, or soon will not work. `note`: worth
knowing, and nobody has to do anything. `skipped`: it could not be looked at."""


class Fix(NamedTuple):
    """What mends a problem, and takes nothing away that somebody could want again. `does` says it in words;
    `run` does it, under the store's lock, and raises OSError where it cannot."""

    does: str
    run: Callable[[], object]


class Finding(NamedTuple):
    """One thing that a check found; `check` is filled in by whoever runs it. `hint` is what to do: a command
    that works as it is typed, or words."""

    level: Level
    sentence: str
    hint: str | None = None
    fix: Fix | None = None
    check: str = ""


def problem(sentence: str, hint: str | None = None, fix: Fix | None = None) -> Finding:
    return Finding("problem", sentence, hint, fix)


def note(sentence: str, hint: str | None = None) -> Finding:
    return Finding("note", sentence, hint)


def well(sentence: str) -> Finding:
    return Finding("ok", sentence)


class Mended(NamedTuple):
    """What was done about a problem, in words; `error`: why it could not be done, None where it was."""

    check: str
    does: str
    error: str | None = None


class Check(NamedTuple):
    """One check: its name, what it says where it finds nothing, and what looks. `find` only reads; an error
    that it raises is a problem, and Unchecked says why it could not look."""

    name: str
    good: str
    find: Callable[[World], Iterable[Finding]]
