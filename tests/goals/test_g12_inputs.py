"""G12: inputs nobody thought of, given to each of our readers: it may refuse them in our words, and nothing else."""

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest
from support import REPO, missing

pytestmark = [pytest.mark.once, pytest.mark.G12]
PYTHON = REPO / ".cache/fuzz/bin/python"
READERS = ("toml", "dotenv", "jwt", "url", "token", "callback")


def fuzz(reader: str, runs: int, folder: Path) -> int:
    """Return how many inputs a reader was given, all of which it bore."""
    if not (REPO / ".cache/fuzz/stamp").exists():
        missing("Atheris is not installed; run tests/provision.sh")
    words = [PYTHON, Path(__file__).with_name("fuzz.py"), reader, f"-atheris_runs={runs}", "-seed=12", folder]
    environ = {"PYTHONPATH": sysconfig.get_paths()["purelib"]}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, cwd=folder, check=False)
    ended = re.search(r"Done (\d+) (?:runs )?in", done.stderr)
    assert done.returncode == 0 and ended and "Uncaught" not in done.stderr + done.stdout, done.stderr[-3000:]
    return int(ended[1])


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("runs", [2_000, pytest.param(1_000_000, marks=pytest.mark.torture)])
def test_a_reader_bears_every_input(reader: str, runs: int, tmp_path: Path, record_property) -> None:
    given = fuzz(reader, runs, tmp_path)
    assert given >= runs
    record_property("measured", f"{reader} {given:,}")
