"""The budget of instructions holds: what a light command does not need turns the gate red."""

import shutil
import sys
from pathlib import Path

import budget
import instructions
import ours
import pytest
from budget import BARE, Budget
from subject import Subject
from support import REPO, Home, missing

import nucliactl

pytestmark = pytest.mark.once

BUDGET = Budget("3.11", 0.05, 0.25, {BARE: 40.0, "current": 100.0, "version": 80.0})


@pytest.mark.parametrize(
    ("python", "bare", "current", "over"),
    [
        ("3.11", 40, 104, []),
        ("3.11", 40, 106, ["current"]),
        ("3.11", 40, 50, []),
        ("3.11", 48, 120, []),  # a build on which everything takes more
        ("3.11", 32, 100, ["current"]),
        ("3.12", 40, 120, []),  # another Python: the ratio only, with more room
        ("3.12", 40, 126, ["current"]),
        ("3.12", 20, 100, ["current"]),
    ],
)
def test_counts_are_judged_by_their_ratio_to_the_bare_interpreter(
    python: str, bare: float, current: float, over: list[str]
) -> None:
    counted = {BARE: bare, "current": current, "version": bare * 2}
    verdict = budget.judge(counted, python, BUDGET)
    assert verdict.over == over
    assert ("3.12" in verdict.lines[0]) == (python == "3.12")
    assert any("current" in line and "OVER" in line for line in verdict.lines) == bool(over)


@pytest.mark.parametrize("other", [{}, {"current": 90.0, "version": 80.0, "list": 1.0}])
def test_a_command_without_a_budget_and_a_budget_without_a_command_are_errors(
    other: dict[str, float],
) -> None:
    verdict = budget.judge({BARE: 40.0, **other}, "3.11", BUDGET)
    assert verdict.over == (["list"] if other else ["current", "version"])


def test_what_is_written_is_read_again_with_its_reserve(tmp_path: Path) -> None:
    path = tmp_path / "budget.toml"
    shutil.copy(budget.FILE, path)
    budget.write({BARE: 40.0, "use NAME": 100.0}, "3.13", path)
    found = budget.read(path)
    assert found == budget.read()._replace(python="3.13", millions={BARE: 40.0, "use NAME": 103.0})


def test_the_budget_names_every_command_that_is_counted() -> None:
    assert set(budget.read().millions) == {BARE, *instructions.COUNTED}


def counted(home: Home, package: Path) -> float:
    """Count `current` of the package in a folder."""
    text = f"import sys; sys.path.insert(0, {str(package)!r}); from nucliactl.cli.main import main; main(['current'])"
    subject = Subject("current", 5, (sys.executable, "-I", "-c", text), {})
    return instructions.count(subject, home.environ)


def test_dataclasses_on_the_light_path_turn_it_red(home: Home, tmp_path: Path) -> None:
    if shutil.which("valgrind") is None:
        missing("valgrind is not installed")
    ours.make_store(tmp_path, 5).rename(home.store)
    copy = tmp_path / "changed/nucliactl"
    shutil.copytree(Path(nucliactl.__file__).parent, copy)
    honest = counted(home, copy.parent)
    command = copy / "cli/commands/current.py"
    command.write_text(command.read_text() + "\nimport dataclasses\n")
    home.program(sys.executable, "-I", "-m", "compileall", "-q", str(command))
    laden = counted(home, copy.parent)
    allowed = Budget("3.11", 0.05, 0.25, {BARE: 40.0, "current": honest * budget.RESERVE})
    assert budget.judge({BARE: 40.0, "current": honest}, "3.11", allowed).over == []
    assert budget.judge({BARE: 40.0, "current": laden}, "3.11", allowed).over == ["current"]


def test_the_check_says_that_valgrind_is_missing_and_fails_where_it_is_required(home: Home) -> None:
    words = (sys.executable, str(REPO / "benchmarks/instructions.py"))
    skipped = home.program(*words, PATH="/nowhere")
    assert (skipped.code, "valgrind is not installed" in skipped.err) == (0, True)
    assert home.program(*words, PATH="/nowhere", REAL_SERVERS="required").code == 1
