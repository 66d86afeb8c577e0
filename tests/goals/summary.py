"""What a run says of the goals: a line for each, and with WRITE_GOALS=1 its row in the documentation.

A test belongs to a goal by its mark (`G1` to `G13`) and says by the property `measured` what it has counted.
"""

import datetime
import os
import platform
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

REPO = Path(__file__).parents[2]
PAGE = REPO / "docs/explanation/reliability.md"
GOAL = re.compile(r"G\d+")


class Outcome(NamedTuple):
    """What the tests of a goal came to."""

    passed: int
    others: int
    measured: tuple[str, ...]

    @property
    def word(self) -> str:
        return "ok" if self.passed and not self.others else "FAILED" if self.others else "skipped"

    @property
    def said(self) -> str:
        tests = f"{self.passed} test{'s' * (self.passed != 1)}"
        return f"{tests}: {'; '.join(self.measured)}" if self.measured else tests


def goals_of(one: pytest.Item | pytest.TestReport) -> set[str]:
    """Return the goals that a test belongs to."""
    return {word for word in one.keywords if GOAL.fullmatch(word)}


def outcomes(passed: Iterable[pytest.TestReport], failed: Iterable[pytest.TestReport]) -> dict[str, Outcome]:
    """Return the goals that these tests belong to, in their order."""
    found: dict[str, Outcome] = {}
    for report, bad in [(one, False) for one in passed] + [(one, True) for one in failed]:
        said = tuple(str(value) for name, value in report.user_properties if name == "measured")
        for goal in goals_of(report):
            one = found.get(goal, Outcome(0, 0, ()))
            found[goal] = Outcome(one.passed + (not bad), one.others + bad, one.measured + said)
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


def write(found: dict[str, Outcome]) -> None:
    """Put what was measured into the page: its third and fourth column."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=REPO, capture_output=True, text=True, check=True
    ).stdout.strip()
    where = f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d}, {commit}, {os.cpu_count()} cores, Python {platform.python_version()}"
    text = PAGE.read_text()
    for goal, one in found.items():
        if one.word == "ok":
            row = re.compile(rf"^(\| {goal} \| [^|\n]* \|)[^|\n]*\|[^|\n]*\|", re.MULTILINE)
            text = row.sub(lambda m, one=one: f"{m[1]} {one.said} | {where} |", text)
    PAGE.write_text(text)


def lines(reporter: pytest.TerminalReporter) -> list[str]:
    """Return a line for each goal whose tests were run."""
    passed = [one for one in reporter.getreports("passed") if one.when == "call"]
    found = outcomes(passed, [*reporter.getreports("failed"), *reporter.getreports("error")])
    if os.environ.get("WRITE_GOALS"):
        write(found)
    return [f"{goal:<4}{one.word:<8}{one.said}" for goal, one in found.items()]
