"""docs/how-to/ci.md: the jobs of GitHub and GitLab are read and their steps are run, with a real program to test."""

import re
import shutil
import sys
from typing import Any

import pytest
import yaml
from fenced import blocks
from support import PATIENCE, REPO, Home

pytestmark = pytest.mark.once
SEARCH = "import nucliactl\nwith nucliactl.client() as http:\n    http.get('counters').raise_for_status()\n"
INSTALL = "python -m pip install -r requirements.txt"


def job(beginning: str) -> Any:
    (text,) = [b.text for b in blocks("docs/how-to/ci.md") if b.text.startswith(f"# {beginning}")]
    return yaml.safe_load(text)


def github() -> tuple[dict[str, str], str, str]:
    """Return the variables of the step that uses the key, what installs, and what that step runs."""
    workflow = job(".github")
    assert workflow["permissions"] == {"contents": "read"}
    *before, last = workflow["jobs"]["search"]["steps"]
    assert [step.get("env") for step in before] == [None] * len(before)  # no other step sees the key
    assert last["env"]["NUCLIA_API_KEY"] == "${{ secrets.NUCLIA_API_KEY }}"
    return last["env"], before[-1]["run"], last["run"]


def gitlab() -> tuple[dict[str, str], str, str]:
    found = job(".gitlab")["search"]
    return found["variables"], "\n".join(found["before_script"]), "\n".join(found["script"])


@pytest.fixture
def runner(home: Home, sandbox: dict[str, str]) -> Home:
    (home.work / "search.py").write_text(SEARCH)
    python = home.work / "python"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    home.environ["PATH"] = f"{home.work}:{home.environ['PATH']}"
    return home


@pytest.mark.parametrize("service", [github, gitlab])
def test_a_job_runs_with_the_key_and_ends_with_4_without(
    runner: Home, sandbox: dict[str, str], service
) -> None:
    variables, install, script = service()
    assert install == INSTALL
    given = {**variables, "NUCLIA_KB_URL": sandbox["SANDBOX_KB_URL"]}
    assert runner.shell(script, **{**given, "NUCLIA_API_KEY": sandbox["SANDBOX_KB_KEY"]}).code == 0
    refused = runner.shell(script, **{**given, "NUCLIA_API_KEY": ""})
    assert refused.code == 4 and "set but empty" in refused.err


@pytest.mark.torture
def test_the_install_step_installs_from_a_commit(home: Home) -> None:
    (line,) = [b.text for b in blocks("docs/how-to/ci.md") if b.text.startswith("nucliactl @ git+https://")]
    assert re.fullmatch(r"nucliactl @ git\+https://\S+@[0-9a-f]{40}\n", line)
    if not (REPO / ".git").exists() or not shutil.which("git"):
        pytest.skip("this is no clone")
    commit = home.program("git", "-C", str(REPO), "rev-parse", "HEAD").out.strip()
    (home.work / "requirements.txt").write_text(f"git+file://{REPO}@{commit}#egg=nucliactl\n")
    assert home.program(sys.executable, "-m", "venv", str(home.work / "venv")).code == 0
    path = f"{home.work}/venv/bin:{home.environ['PATH']}"
    done = home.program("sh", "-euc", f"{INSTALL}\nnucliactl version", seconds=3 * PATIENCE, PATH=path)
    assert done.code == 0 and done.out, done.err
