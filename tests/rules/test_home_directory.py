"""One home directory for all that asks for it: what HOME says, and else the system. `~` in a file is that one."""

import os
import pwd
from pathlib import Path

import pytest
from support import Home

from nucliactl.disk.paths import expanded, official_path, store_place
from nucliactl.shells.install import completion_path
from nucliactl.shells.known import SHELLS

KB = 'kind = "kb"\nurl = "http://127.0.0.1:9/api/v1/kb/57c19b48-0000-4000-8000-000000000001"\n'
SYSTEMS = pwd.getpwuid(os.getuid()).pw_dir


@pytest.mark.parametrize(
    ("variables", "home"),
    [({"HOME": "/of/mine"}, "/of/mine"), ({"HOME": ""}, SYSTEMS), ({"HOME": "here"}, SYSTEMS), ({}, SYSTEMS)],
)
def test_everything_lies_below_the_same_one(variables: dict[str, str], home: str) -> None:
    places = [store_place(variables), official_path(variables), expanded("~/key", variables)]
    places += [completion_path(shell, variables) for shell in SHELLS]
    assert all(place and place.startswith(f"{home.rstrip('/')}/") for place in places), places
    assert expanded("~", variables) == home


def test_another_users_is_the_systems_and_a_plain_path_stays() -> None:
    assert expanded("~root/x", {}) == f"{pwd.getpwuid(0).pw_dir}/x" and expanded("a/~", {}) == "a/~"
    assert expanded("~nobody-of-that-name/x", {}) == "~nobody-of-that-name/x"


def test_a_definition_names_a_file_of_the_home_directory(home: Home) -> None:
    (home.path / "key").write_text("of-the-home\n")
    home.define("p", KB + 'api_key_file = "~/key"\n')
    assert home.run("auth", "token", "p").out == "of-the-home\n"
    assert "is not there" not in home.run("doctor").out
    assert f'api_key_file = "{home.path}/key"' in home.run("profile", "export", "p").out
    (home.path / "key").unlink()
    assert "elsewhere, and ~/key is not there" in home.run("doctor").out


@pytest.mark.parametrize("path", ["~/key", "~root/key", "~/other/../key", "../key"])
def test_a_given_directory_names_no_file_elsewhere(home: Home, path: str, tmp_path: Path) -> None:
    """What reads the file and what confines it mean the same one."""
    (home.path / "key").write_text("not for it\n")
    folder = home.path / "given"
    folder.mkdir()
    (folder / "p.toml").write_text(KB + f'api_key_file = "{path}"\n')
    result = home.run("--profiles-dir", str(folder), "auth", "token", "p")
    assert result.code == 6 and result.out == "" and f"must lie below {folder}" in result.err, result
