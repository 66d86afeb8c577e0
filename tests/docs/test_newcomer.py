"""Somebody who follows the README alone, on a fresh clone in a fresh environment, reaches a resolved profile."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from support import PATIENCE, REPO, Home

pytestmark = pytest.mark.once


def test_the_readme_alone_leads_to_a_resolved_profile(home: Home) -> None:
    text = (REPO / "README.md").read_text()
    install = re.search(r"`(python -m pip install \.)`", text)
    play = re.search(r"^```sh\n(nucliactl sandbox -- sh -c '\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert install and play, "the README no longer says how to install and play"
    clone = home.work / "clone"
    if (REPO / ".git").exists():
        assert home.program("git", "clone", "-q", str(REPO), str(clone)).code == 0
    else:
        shutil.copytree(REPO, clone, ignore=shutil.ignore_patterns(".*"))
    assert home.program(sys.executable, "-m", "venv", str(home.path / "venv")).code == 0
    base = {"HOME": str(home.path), "PATH": f"{home.path}/venv/bin:/usr/local/bin:/usr/bin:/bin"}
    fresh = Home(Path(home.path / "person"))
    fresh.environ = {**base, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = fresh.program("sh", "-euc", f"cd {clone} && {install[1]} -q", seconds=3 * PATIENCE)
    assert done.code == 0, done.err
    result = fresh.program("sh", "-euc", play[1])
    assert result.code == 0 and "handbook" in result.out, result.out + result.err
