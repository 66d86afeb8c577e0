"""Definitions that are links into somebody's checkout, names that are none, paths nobody means."""

import os
import shutil
import stat
from pathlib import Path

import pytest
from support import COMMAND, Home

KEYLESS = '# theirs\nkind = "nucliadb"\nurl = "http://localhost:1"\n'


@pytest.fixture
def team(home: Home) -> Path:
    """A file of a checkout, which the profile `acme` of the store is a link to (by a second link)."""
    path = home.path / "team/acme.toml"
    path.parent.mkdir()
    path.write_text(KEYLESS)
    path.chmod(0o644)
    (home.path / "team/also.toml").symlink_to("acme.toml")
    (home.store / "profiles").mkdir(parents=True)
    (home.store / "profiles/acme.toml").symlink_to(home.path / "team/also.toml")
    home.run("use", "acme")
    return path


def untouched(team: Path) -> bool:
    return team.read_text() == KEYLESS and [p.name for p in sorted(team.parent.iterdir())] == [
        "acme.toml",
        "also.toml",
    ]


def test_delete_takes_the_link_and_says_that_the_file_stays(home: Home, team: Path) -> None:
    result = home.run("profile", "delete", "acme")
    assert result.code == 0 and str(team) in result.err
    assert untouched(team) and not os.path.lexists(home.store / "profiles/acme.toml")


def test_rename_gives_the_link_another_name(home: Home, team: Path) -> None:
    assert home.run("profile", "rename", "acme", "acme2").code == 0
    assert untouched(team) and home.run("current").out == "acme2\n"
    assert os.readlink(home.store / "profiles/acme2.toml") == str(team.parent / "also.toml")
    assert not os.path.lexists(home.store / "profiles/acme.toml")


def test_set_unset_and_edit_write_through_the_link_and_say_so(home: Home, team: Path) -> None:
    append = 'sh -c \'echo "# edited" >> "$0"\''
    for words, text in (
        (["profile", "set", "acme", "description=new"], 'description = "new"'),
        (["profile", "unset", "acme", "description"], "# theirs"),
        (["profile", "edit", "acme"], "# edited"),
    ):
        result = home.run(*words, EDITOR=append)
        assert result.code == 0 and str(team) in result.err, result
        assert text in team.read_text() and stat.S_IMODE(team.stat().st_mode) == 0o644
        assert (home.store / "profiles/acme.toml").is_symlink() and team.with_name("also.toml").is_symlink()


def test_a_copy_of_a_link_is_a_file_of_its_own(home: Home, team: Path) -> None:
    assert home.run("profile", "copy", "acme", "mine").code == 0
    assert home.run("profile", "set", "mine", "description=mine").code == 0
    assert untouched(team) and not (home.store / "profiles/mine.toml").is_symlink()


def test_a_rename_changes_no_file_outside_the_store_that_refers_to_it(home: Home, team: Path) -> None:
    home.define("base", 'kind = "nucliadb"\nurl = "http://localhost:2"\n')
    team.write_text(KEYLESS + 'extends = "base"\n')
    before = home.files()
    result = home.run("profile", "rename", "base", "basis")
    assert result.code == 1 and "nothing was renamed" in result.err and str(team) in result.err
    assert home.files() == before and team.read_text() == KEYLESS + 'extends = "base"\n'


def test_a_link_that_leads_nowhere_can_be_deleted_and_says_so_otherwise(home: Home, team: Path) -> None:
    team.unlink()
    result = home.run("profile", "rename", "acme", "acme2")
    assert result.code == 3 and str(team) in result.err
    assert home.run("profile", "copy", "acme", "acme2").code == 3
    assert home.run("profile", "delete", "acme").code == 0
    assert not os.path.lexists(home.store / "profiles/acme.toml")


def test_definitions_keep_their_mode_and_what_is_the_tools_becomes_private(home: Home) -> None:
    path = home.define("d", KEYLESS)
    path.chmod(0o664)
    home.run("use", "d")
    (home.store / "active.json").chmod(0o644)
    assert home.run("profile", "set", "d", "description=x").code == 0
    assert home.run("profile", "rename", "d", "e").code == 0
    assert stat.S_IMODE((home.store / "profiles/e.toml").stat().st_mode) == 0o664
    assert stat.S_IMODE((home.store / "active.json").stat().st_mode) == 0o600


def test_a_secret_written_into_a_definition_makes_it_private(home: Home) -> None:
    home.define("d", 'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/x"\n').chmod(0o644)
    append = 'sh -c \'echo "api_key = \\"k\\"" >> "$0"\''
    assert home.run("profile", "edit", "d", EDITOR=append).code == 0
    assert home.run("auth", "token", "--profile", "d").out == "k\n"


@pytest.mark.parametrize("name", ["Prod.toml", "my profile.toml", "env.toml", "prod.TOML", ".toml.toml"])
def test_a_file_whose_name_is_no_profile_name_is_named_with_the_reason(home: Home, name: str) -> None:
    path = home.define("d", KEYLESS).with_name(name)
    path.write_text(KEYLESS)
    hidden = name.startswith(".")
    for words in (["list"], ["list", "-o", "json"], ["explain"], ["explain", "-o", "json"]):
        result = home.run(*words)
        assert result.code == 0 and (f"{path} is no profile" in result.err) != hidden, result
    assert home.run("list", "-o", "name").out == "d\n"


@pytest.mark.parametrize("end", ["\r", " ", "\t", "\n"])
def test_a_path_that_ends_as_nobody_means_it_is_told(home: Home, end: str) -> None:
    place = f"{home.path}/elsewhere{end}"
    login = ["auth", "nucliadb", "http://localhost:1", "--no-validate"]
    for variable in ("NUCLIA_CONFIG_DIR", "NUCLIA_PROFILES_PATH"):
        result = home.run(*login, **{variable: place})
        assert result.code == 2 and variable in result.err, result
    assert home.run(*login, "--config-dir", place).code == 2
    del home.environ["NUCLIA_CONFIG_DIR"]
    for variable in ("HOME", "XDG_CONFIG_HOME"):
        result = home.run(*login, **{variable: place})
        assert result.code == 2 and variable in result.err, result
        assert home.run("current", **{variable: place}).code == 2
        env = {"NUCLIADB_URL": "http://localhost:1", variable: place}
        assert home.run("current", **env).out == "env\n"
    assert sorted(p.name for p in home.path.iterdir()) == ["work"]


def test_what_is_not_used_is_not_judged(home: Home) -> None:
    env = {"NUCLIA_KB_URL": "https://a.dp.progress.cloud/api/v1/kb/x", "NUCLIA_API_KEY": "k"}
    home.define("d", KEYLESS)
    settings = home.store / "config.toml"
    for text, code in (("", 0), ("# nothing\n", 0), ("allowed_origins = []\n", 0), ('output = "json"\n', 6)):
        settings.write_text(text)
        settings.chmod(0o666)
        assert home.run("current", **env).code == code, text
    settings.unlink()
    active = home.store / "active.json"
    active.write_text("{")
    active.chmod(0o666)
    assert home.run("auth", "token", **env).out == "k\n"


@pytest.mark.parametrize("place", ["loop", "x" * 300])
def test_a_home_at_which_nobody_can_look_stops_only_what_would_ask_the_store(home: Home, place: str) -> None:
    (home.path / "loop").symlink_to("loop")
    del home.environ["NUCLIA_CONFIG_DIR"]
    home.environ["HOME"] = str(home.path / place)
    env = {"NUCLIA_KB_URL": "https://a.dp.progress.cloud/api/v1/kb/s/x", "NUCLIA_API_KEY": "k"}
    assert home.run("auth", "token", **env).out == "k\n"
    result = home.run("current")
    assert result.code == 4 and f"{home.path / place}/.config/nucliactl cannot be reached" in result.err


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_logging_out_of_all_reads_a_definition_as_often_whatever_their_number(home: Home) -> None:
    seen = []
    for number in (3, 9):
        for n in range(number):
            home.define(f"p{n}", KEYLESS)
            path = home.store / f"credentials/p{n}.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text("{}")
        trace = home.path / "trace"
        words = ["strace", "-f", "-e", "trace=openat", "-o", str(trace), COMMAND, "auth", "logout", "--all"]
        assert home.program(*words).code == 0
        seen.append(trace.read_text().count("/profiles/p1.toml"))
    assert seen[0] == seen[1] > 0


def test_nobody_elses_profile_takes_the_place_of_a_link_that_leads_nowhere(home: Home) -> None:
    path = home.define("d", KEYLESS)
    others = home.path / "others"
    others.mkdir()
    path.rename(others / "d.toml")
    path.symlink_to(home.path / "gone.toml")
    env = {"NUCLIA_PROFILES_PATH": str(others)}
    result = home.run("--profile", "d", "auth", "token", **env)
    assert result.code == 3 and f"{path} leads nowhere" in result.err, result
    result = home.run("list", "-o", "name", **env)
    assert (result.code, result.out) == (0, "") and f"{path} is a link that leads nowhere" in result.err, (
        result
    )
