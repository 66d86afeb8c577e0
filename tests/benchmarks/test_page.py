"""The table that `make bench` writes into the documentation."""

import shutil
from pathlib import Path

import page
import pytest
from budget import BARE
from interleaved import Spread
from results import Results
from support import REPO
from targets import TARGETS

pytestmark = pytest.mark.once


def results() -> Results:
    found = {target.measure: Spread(1.0, 2.0, 3.0) for target in TARGETS}
    found |= {
        (BARE, 5, "M instructions"): Spread(37.0, 37.0, 37.0),
        ("docker", 5, "x"): Spread(1.0, 1.5, 2.0),
    }
    return Results(
        "2026-11-26",
        "2 cores",
        3,
        {"Python": "3.11"},
        {"gh": "not installed"},
        Spread(9, 10, 11),
        found,
        {"current": ["json"]},
    )


def test_the_table_has_every_target_with_what_was_measured_and_says_what_is_missed_or_absent() -> None:
    found = results()
    lines = page.targets(found).splitlines()[2:]
    assert len(lines) == len(TARGETS)
    assert [("met" in line) for line in lines] == [target.most >= 2 for target in TARGETS]
    assert "| current | 1 | - |" in page.loads(found)
    assert "Not measured: gh (not installed)." in page.run(found)
    assert "| docker | 1.50 (1.00-2.00) |" in page.everything(found)


def test_the_committed_page_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "performance.md"
    shutil.copy(REPO / "docs/explanation/performance.md", path)
    committed = path.read_text()
    assert committed.count(" | met | ") + committed.count(" | **missed** | ") == len(TARGETS)
    page.update(path, results())
    page.update(path, results())
    changed = path.read_text()
    assert changed.count("Against the targets") == 1 and "2 cores" in changed
