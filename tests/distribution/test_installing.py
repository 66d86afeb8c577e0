"""The built package where a person installs it: by pip, `uv tool` and pipx, on every Python of this machine."""

import re
import shutil
import sys
from importlib.metadata import metadata
from pathlib import Path

import pytest
from distribution.pythons import pythons
from fenced import blocks
from support import BIN, REPO, Home

pytestmark = pytest.mark.once

UV = str(BIN / "uv")


def first_block() -> str:
    play = re.search(r"^```sh\n(.*?)^```$", (REPO / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    assert play and "nucliactl sandbox" in play[1]
    return play[1]


def works(person: Home, command: Path) -> None:
    person.environ["PATH"] = f"{command.parent}:/usr/local/bin:/usr/bin:/bin"
    result = person.program("sh", "-euc", first_block())
    assert result.code == 0 and "handbook" in result.out, result.out + result.err


@pytest.mark.parametrize("python", pythons())
def test_a_fresh_environment_with_only_the_wheel_runs_the_readmes_first_block(
    offline: Home, wheel: Path, python: str
) -> None:
    fresh = offline.path / "fresh"
    assert offline.program(python, "-m", "venv", "--without-pip", str(fresh)).code == 0
    done = offline.program(UV, "pip", "install", "-q", "--python", str(fresh / "bin/python"), str(wheel))
    assert done.code == 0, done.err
    works(offline, fresh / "bin/nucliactl")


def test_uv_installs_it_as_a_tool(offline: Home, wheel: Path) -> None:
    install = blocks("docs/how-to/install.md")[0].text.replace("'.[", f"'{wheel}[")
    offline.environ |= {"PATH": f"{BIN}:{offline.environ['PATH']}", "UV_PYTHON": sys.executable}
    done = offline.program("sh", "-euc", install)
    assert done.code == 0 and "redis" in done.err and str(wheel) in install, done.err
    works(offline, offline.path / ".local/bin/nucliactl")


def test_pipx_installs_it(offline: Home, wheel: Path, tools: Path) -> None:
    offline.environ |= {"PATH": f"{BIN}:{offline.environ['PATH']}", "PIPX_DEFAULT_BACKEND": "uv"}
    done = offline.program(str(tools / "pipx"), "install", "--python", sys.executable, str(wheel))
    assert done.code == 0 and "nucliactl" in done.out, done.err
    works(offline, offline.path / ".local/bin/nucliactl")


def test_the_metadata_is_complete_and_invents_nothing() -> None:
    found = metadata("nucliactl")
    assert found["Maintainer"] == "The nucliactl authors" and found["License-Expression"] == "Apache-2.0"
    assert "credentials" in found["Keywords"].split(",")
    classifiers = found.get_all("Classifier") or []
    assert [f"Programming Language :: Python :: 3.{minor}" in classifiers for minor in (11, 12, 13, 14)] == [
        True
    ] * 4
    assert set(found.get_all("Provides-Extra") or []) == {"all", "keyring", "redis"}
    needed = found.get_all("Requires-Dist") or []
    in_all = {text.split(">")[0].split("<")[0] for text in needed if text.endswith("extra == 'all'")}
    assert in_all == {"keyring", "redis"}
    assert not found.get_all("Project-URL") and "@" not in found.get("Maintainer-email", "")


def test_the_addresses_are_made_of_one(offline: Home, tools: Path) -> None:
    for name in ("nucliactl", "release", "LICENSE", "README.md", "pyproject.toml"):
        (shutil.copytree if (REPO / name).is_dir() else shutil.copy)(REPO / name, offline.work / name)
    project, address = offline.work / "pyproject.toml", "https://git.example.com/team/nucliactl"
    project.write_text(project.read_text().replace('repository = ""', f'repository = "{address}"'))
    done = offline.program(str(tools / "hatchling"), "metadata", "urls")
    assert done.code == 0 and done.out.count(address) == 5, done.out + done.err
