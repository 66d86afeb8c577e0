"""Somebody who follows the README, docs/index.md or docs/tutorial.md alone, on a fresh clone, reaches a resolved
profile. The environment is the tutorial's own; the others install by the same command."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from fenced import blocks
from support import PATIENCE, REPO, Home

pytestmark = pytest.mark.once


def test_the_readme_alone_leads_to_a_resolved_profile(home: Home) -> None:
    text = (REPO / "README.md").read_text()
    tutorial, *_ = blocks("docs/tutorial.md")
    install = "python -m pip install ."
    assert f"`{install}`" in text and f"{install}\n" in tutorial.text
    assert f"{install}\n" in [block.text for block in blocks("docs/index.md")]
    play = re.search(r"^```sh\n(nucliactl sandbox -- sh -c '\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert play, "the README no longer says how to play"
    clone = home.work / "clone"
    if (REPO / ".git").exists():
        assert home.program("git", "clone", "-q", str(REPO), str(clone)).code == 0
    else:
        shutil.copytree(REPO, clone, ignore=shutil.ignore_patterns(".*"))
    python3 = home.path / "bin/python3"  # the one that runs these tests
    python3.parent.mkdir()
    python3.symlink_to(Path(sys.executable).resolve())
    fresh = Home(home.path / "person")
    path = f"{python3.parent}:/usr/local/bin:/usr/bin:/bin"
    fresh.environ = {"HOME": str(fresh.path), "PATH": path, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    done = fresh.program("sh", "-euc", f"cd {clone}\n{tutorial.text}", seconds=3 * PATIENCE)
    assert done.code == 0 and (fresh.path / "tutorial").is_dir(), done.err
    fresh.environ["PATH"] = f"{fresh.path}/nucliactl-tutorial/bin:{path}"
    result = fresh.program("sh", "-euc", play[1])
    assert result.code == 0 and "handbook" in result.out, result.out + result.err
