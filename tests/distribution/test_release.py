"""`make release`, in a clone: nothing is built while something differs, and what is built is checked."""

import hashlib
import json
import os
import re
import sys
from pathlib import Path

import pytest
from support import REPO, Home, Result

pytestmark = pytest.mark.once

VERSION = "7.8.9"


def clone_of(home: Home) -> Path:
    """A clone of the last commit, with the tools that are set up here."""
    clone = home.work / "clone"
    home.environ |= {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@a.invalid"}
    home.environ |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@a.invalid"}
    assert home.program("git", "clone", "-q", str(REPO), str(clone)).code == 0
    for name in (".cache", ".venv"):
        (clone / name).symlink_to(REPO / name)
    (clone / ".git/info/exclude").write_text(".cache\n.venv\n")
    return clone


def release(home: Home, clone: Path, *flags: str) -> Result:
    return home.program(sys.executable, str(clone / "release/release.py"), *flags)


@pytest.mark.skipif(not (REPO / ".git").exists(), reason="a release is made of a git clone")
def test_a_release_is_built_of_what_agrees_and_of_nothing_else(home: Home) -> None:
    clone = clone_of(home)
    git = ("git", "-C", str(clone))
    (clone / "nucliactl/version.py").write_text(f'"""The version."""\n\n__version__ = "{VERSION}"\n')
    refused = release(home, clone)
    assert refused.code == 1 and not (clone / "dist").exists()
    assert "nucliactl/version.py" in refused.err and "REHEARSE=1" in refused.err
    changelog = clone / "CHANGELOG.md"
    heading = f"## Unreleased\n\n## {VERSION} - 2026-11-26\n"
    changelog.write_text(changelog.read_text().replace("## Unreleased\n", heading, 1))
    assert home.program(*git, "commit", "-qam", "Release").code == 0
    untagged = release(home, clone)
    assert untagged.code == 1 and untagged.err.count("\n") == 2, untagged.err
    assert f"git tag v{VERSION}" in untagged.err
    assert home.program(*git, "tag", f"v{VERSION}").code == 0
    (clone / "dist").mkdir()
    (clone / "dist/of-an-older-version.whl").touch()
    made = release(home, clone)
    assert made.code == 0, made.err
    assert "byte for byte the same" in made.out and "nothing was uploaded" in made.out
    names = [f"nucliactl-{VERSION}{end}" for end in ("-py3-none-any.whl", ".cdx.json", ".tar.gz")]
    dist = clone / "dist"
    assert sorted(os.listdir(dist)) == sorted([*names, "SHA256SUMS"])
    sums = dict(line.split()[::-1] for line in (dist / "SHA256SUMS").read_text().splitlines())
    assert sums == {name: hashlib.sha256((dist / name).read_bytes()).hexdigest() for name in names}
    bill = json.loads((dist / names[1]).read_text())
    subject = bill["metadata"]["component"]
    assert (subject["name"], subject["version"]) == ("nucliactl", VERSION)
    pinned = dict(re.findall(r"^(\S+)==(\S+)$", (REPO / "requirements-dev.txt").read_text(), re.MULTILINE))
    found = {part["name"].replace("_", "-"): part["version"] for part in bill["components"]}
    assert {"httpx", "dynaconf", "argcomplete", "tabulate"} <= set(found)
    assert found == {name: pinned[name] for name in found}
