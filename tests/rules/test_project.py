"""The project directory (rank 4), its limits, and --env-file."""

import os
from pathlib import Path

import pytest
from support import Home, Recorder

KB = "https://z.dp.progress.cloud/api/v1/kb/{0}"
DEFINITION = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\n'
NUA = 'kind = "nua"\nissuer = "https://z.dp.progress.cloud/"\nnua_key_env = "K"\n'


@pytest.fixture
def repo(home: Home) -> Home:
    """A person in a sub-directory of a checked-out repository, with two stored profiles."""
    for name in ("acme", "globex"):
        home.define(name, DEFINITION.format(name))
    home.define("acme-nua", NUA)
    home.run("use", "globex")
    (home.path / "repo/.git").mkdir(parents=True)
    home.work = home.path / "repo/deep/down"
    home.work.mkdir(parents=True)
    return home


def write(home: Home, name: str, text: str, where: str = "repo") -> Path:
    path = home.path / where / name
    path.write_text(text)
    return path


def current(home: Home, *words: str, **variables: str) -> str:
    return home.run("current", *words, **variables).out.strip()


def test_a_pin_chooses_for_every_directory_below_it_and_is_announced(repo: Home) -> None:
    path = write(repo, ".nuclia-profile", "# ours\nacme\n")
    result = repo.run("current", "-o", "json")
    assert result.json == {"name": "acme", "kind": "kb", "source": f"pin: {path}"}
    assert result.err.count("\n") == 1 and f"using profile acme, chosen by {path}" in result.err
    repo.work = repo.path
    assert current(repo) == "globex"


def test_the_walk_stops_at_the_vcs_root_and_without_one_looks_only_here(repo: Home) -> None:
    write(repo, ".nuclia-profile", "acme", where="")
    assert current(repo) == "globex"
    repo.work = repo.path
    assert current(repo) == "acme"
    (repo.path / "plain/below").mkdir(parents=True)
    write(repo, ".nuclia-profile", "acme", where="plain")
    repo.work = repo.path / "plain/below"
    assert current(repo) == "globex"


def test_the_nearest_directory_that_says_something_wins_whole(repo: Home) -> None:
    write(repo, ".nuclia-profile", "acme")
    write(repo, ".env", "UNRELATED=1\n", where="repo/deep")
    assert current(repo) == "acme"
    write(repo, ".env", f"NUCLIA_KB_URL={KB.format('near')}\nNUCLIA_API_KEY=k\n", where="repo/deep")
    assert current(repo) == "dotenv"


def test_in_one_directory_the_name_beats_the_credential_beats_the_pin(repo: Home) -> None:
    write(repo, ".nuclia-profile", "globex")
    credential = f"NUCLIA_KB_URL={KB.format('d')}\nNUCLIA_API_KEY=dotenv-key\n"
    path = write(repo, ".env", credential)
    assert current(repo) == "dotenv"
    assert repo.run("auth", "token").out == "dotenv-key\n"
    write(repo, ".env", credential + "export NUCLIA_PROFILE='acme'\n")
    result = repo.run("current", "-o", "json")
    assert result.json["name"] == "acme" and result.json["source"] == f"dotenv: {path}:3"
    assert current(repo, "--profile", "dotenv") == "dotenv"


def test_higher_ranks_beat_a_project(repo: Home) -> None:
    write(repo, ".nuclia-profile", "acme")
    assert current(repo, NUCLIA_PROFILE="globex") == "globex"
    assert current(repo, NUCLIA_USER_TOKEN="t") == "env"
    assert current(repo, "--no-project") == "globex"
    assert current(repo, NUCLIACTL_PROJECT="0") == "globex"
    assert "still wins with acme" in repo.run("use", "globex").err


def test_a_pin_of_another_kind_is_skipped_and_a_missing_one_is_an_error(repo: Home) -> None:
    write(repo, ".nuclia-profile", "acme")
    code = "import nucliactl; print(nucliactl.resolve(kind='nua').name)"
    assert repo.python(code).out == "acme-nua\n"
    write(repo, ".nuclia-profile", "acme,acme-nua")
    assert repo.python(code).out == "acme-nua\n"
    write(repo, ".nuclia-profile", "nope")
    assert repo.run("current").code == 3
    write(repo, ".nuclia-profile", "a\nb\n")
    assert repo.run("current").code == 7


def test_values_of_a_dotenv_are_kept_as_written_with_their_lines(repo: Home) -> None:
    text = f"# c\n\nNUCLIA_KB_URL={KB.format('d')}\nNUCLIA_API_KEY='${{HOME}}#1e5'\nHTTPS_PROXY=http://evil.example\n"
    path = write(repo, ".env", text)
    assert repo.run("auth", "token").out == "${HOME}#1e5\n"
    values = {v["key"]: v["source"] for v in repo.run("explain", "-o", "json").json["values"]}
    assert values["url"] == f"dotenv: {path}:3" and values["api_key"] == f"dotenv: {path}:4"
    code = "import os, nucliactl; before = dict(os.environ); nucliactl.resolve(); print(before == dict(os.environ))"
    assert repo.python(code).out == "True\n"


def test_an_unclosed_quote_is_an_error_with_its_line(repo: Home) -> None:
    path = write(repo, ".env", f'NUCLIA_KB_URL={KB.format("d")}\nNUCLIA_API_KEY="canary\nX=1\n')
    result = repo.run("current")
    assert result.code == 7 and f"{path}, line 2" in result.err and "canary" not in result.err
    assert repo.run("current", "--no-project").code == 0


def test_halves_in_two_sources_name_both_and_the_fix(repo: Home) -> None:
    path = write(repo, ".env", f"NUCLIA_KB_URL={KB.format('d')}\n")
    result = repo.run("current", NUCLIA_API_KEY="exported")
    assert result.code == 4 and "NUCLIA_API_KEY" in result.err and f"{path}:1" in result.err
    assert "export NUCLIA_KB_URL" in result.err
    write(repo, ".env", "NUCLIA_API_KEY=k\n")
    result = repo.run("current", NUCLIA_KB_URL=KB.format("d"))
    assert result.code == 4 and "halves of one credential" in result.err
    assert repo.run("current").code == 4  # half a credential in the .env alone


@pytest.mark.parametrize(
    ("exported", "written"),
    [
        ({"NUCLIA_ZONE": "europe-1"}, {"NUCLIA_KBID": "d", "NUCLIA_API_KEY": "k"}),
        ({"NUCLIA_API_KEY": "k", "NUCLIA_ZONE": "europe-1"}, {"NUCLIA_KBID": "d"}),
        (
            {"NUCLIA_API_KEY": "k", "NUCLIA_KBID": "d"},
            {"NUCLIA_API_URL": "https://europe-1.dp.progress.cloud"},
        ),
        ({"ARAG_API_KEY": "k"}, {"ARAG_KB_URL": KB.format("d")}),
        ({"ARAG_KB_URL": KB.format("d")}, {"ARAG_API_KEY": "k"}),
    ],
)
def test_halves_are_recognised_however_they_are_cut(
    repo: Home, exported: dict[str, str], written: dict[str, str]
) -> None:
    """A part that is no half by itself (a zone, another program's name) is one beside the other."""
    path = write(repo, ".env", "".join(f"{k}={v}\n" for k, v in written.items()))
    result = repo.run("current", **exported)
    assert result.code == 4 and "halves of one credential" in result.err, result
    assert f"export {' and '.join(written)} too" in result.err.replace(f"{path}", "")


HOSTILE = {
    "a whole credential for another host": "NUCLIA_KB_URL=https://evil.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n",
    "a look-alike host": "NUCLIA_KB_URL=https://nuclia.cloud.evil.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n",
    "a domain for a token": "NUCLIA_USER_TOKEN=t\nNUCLIA_DOMAIN=evil.example\n",
    "a global URL for a token": "NUCLIA_PERSONAL_TOKEN=t\nNUCLIA_GLOBAL_URL=https://evil.example\n",
    "a zone URL for a token": "NUCLIA_PERSONAL_TOKEN=t\nNUCLIA_ZONE_URL=https://{zone}.evil.example\n",
    "a NucliaDB elsewhere": "NUCLIADB_URL=http://evil.example:8080\n",
    "a zone that leaves its label": "NUCLIA_ZONE=evil.example/x\nNUCLIA_KBID=x\nNUCLIA_API_KEY=k\n",
    "only a URL": "NUCLIA_KB_URL=https://evil.example/api/v1/kb/x\n",
    "only a base": "NUCLIA_BASE_URL=https://evil.example\n",
    "a file to read": "NUCLIA_KB_URL=https://z.nuclia.cloud/api/v1/kb/x\nNUCLIA_API_KEY_FILE=/etc/hostname\n",
    "a service account's token": "NUCLIA_USER_TOKEN_FILE=/etc/hostname\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_dotenv_repoints_nothing_and_reads_nothing(repo: Home, text: str) -> None:
    write(repo, ".env", text)
    before = repo.files()
    result = repo.run("auth", "token")
    assert result.code in (2, 4, 6) or result.out == "globex-key\n", result
    assert "evil" not in repo.run("auth", "token", "--profile", "acme").out
    assert repo.run("auth", "token", "--profile", "acme").out == "acme-key\n"
    assert repo.files() == before


def test_dotenv_selectors_of_the_tool_are_ignored(repo: Home) -> None:
    evil = repo.path / "evil"
    (evil / "profiles").mkdir(parents=True)
    (evil / "profiles/globex.toml").write_text(DEFINITION.format("evil"))
    (repo.path / "repo/profiles").symlink_to(evil / "profiles")
    lines = [f"NUCLIA_CONFIG_DIR={evil}", f"NUCLIA_PROFILES_PATH={evil}/profiles", "NUCLIACTL_TIMEOUT=1"]
    lines += [
        "SETTINGS_FILE_FOR_DYNACONF=x.toml",
        "DYNACONF_ZONE=evil",
        "PYTHONPATH=.",
        "NUCLIACTL_PROJECT=1",
    ]
    write(repo, ".env", "\n".join(lines) + "\n")
    for name in ("settings.toml", ".secrets.toml"):
        write(repo, name, 'zone = "evil"\n', where="repo/deep/down")
    write(repo, "dynaconf_hooks.py", "open('pwned', 'w')\n", where="repo/deep/down")
    assert repo.run("auth", "token").out == "globex-key\n"
    assert (
        repo.python("import nucliactl; p = nucliactl.resolve(); print(p.zone, p.timeout)").out == "z 30.0\n"
    )
    assert not (repo.work / "pwned").exists()


def test_an_origin_the_user_allows_is_accepted_from_a_dotenv(repo: Home, recorder: Recorder) -> None:
    write(repo, ".env", "NUCLIA_KB_URL=https://nuclia.acme.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n")
    assert repo.run("current").code == 6
    (repo.store / "config.toml").write_text('allowed_origins = ["https://nuclia.acme.example"]\n')
    assert current(repo) == "dotenv"
    write(repo, ".env", f"NUCLIA_KB_URL={recorder.origin}/api/v1/kb/x\nNUCLIA_API_KEY=k\n")
    assert current(repo) == "dotenv"  # this machine


@pytest.mark.parametrize("name", [".env", ".nuclia-profile"])
def test_pipes_and_directories_and_writable_files_do_not_hang_or_count(repo: Home, name: str) -> None:
    path = repo.path / "repo" / name
    os.mkfifo(path)
    result = repo.run("current")
    assert result.out == "globex\n" and "is skipped" in result.err
    path.unlink()
    path.mkdir()
    assert current(repo) == "globex"
    path.rmdir()
    path.write_text("NUCLIA_PROFILE=acme\n")
    path.chmod(0o666)
    assert repo.run("current").code == 6


def test_an_env_file_is_a_source_of_its_own(repo: Home) -> None:
    path = write(repo, "prod.env", f"NUCLIA_KB_URL={KB.format('p')}\nNUCLIA_API_KEY=prod-key\n", where="")
    flag = ("--env-file", str(path))
    assert repo.run("auth", "token", *flag, NUCLIA_PROFILE="acme", NUCLIA_USER_TOKEN="t").out == "prod-key\n"
    assert repo.run("current", "-o", "json", *flag).json == {
        "name": "env-file",
        "kind": "kb",
        "source": f"env-file: {path}:1,2",
    }
    code = f"import nucliactl; print(nucliactl.resolve(env_file={str(path)!r}).kb)"
    assert repo.python(code).out == "p\n"
    assert repo.run("current", "--profile", "acme", *flag).code == 2
    write(repo, "prod.env", "NUCLIA_PROFILE=acme\nNUCLIA_CONFIG_DIR=/nowhere\n", where="")
    assert current(repo, *flag) == "acme"
    write(repo, "prod.env", "NUCLIA_API_KEY=half\n", where="")
    assert repo.run("current", *flag, NUCLIA_KB_URL=KB.format("x")).code == 4
    write(repo, "prod.env", "X=1\n", where="")
    assert repo.run("current", *flag).code == 4
    assert repo.run("current", "--env-file", "nowhere").code == 2
    secret = write(repo, "secret", "mounted\n", where="")
    write(repo, "prod.env", f"NUCLIA_USER_TOKEN_FILE={secret}\n", where="")
    assert repo.run("auth", "token", *flag).out == "mounted\n"
    pipe = repo.path / "pipe"
    os.mkfifo(pipe)
    script = f"(echo NUCLIA_USER_TOKEN=piped > {pipe}) & exec nucliactl auth token --env-file {pipe}"
    assert repo.program("sh", "-c", script).out == "piped\n"


def test_a_project_without_our_words_costs_no_parser(repo: Home) -> None:
    import sys

    from support import COMMAND

    write(repo, ".env", "DATABASE_URL=postgres://x\nOTHER='unclosed\n")
    result = repo.program(sys.executable, "-X", "importtime", COMMAND, "current")
    assert result.out == "globex\n" and "dotenv.parser" not in result.err


def test_a_damaged_project_file_is_named_when_it_stands_in_the_way(repo: Home) -> None:
    write(repo, ".env", "NUCLIA_PROFILE='acme\n")
    repo.define("p", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    result = repo.run("use", "p")
    assert result.code == 0 and "here the project directory still stands in the way" in result.err


def test_a_secret_file_named_in_a_dotenv_is_not_offered_as_the_cure(repo: Home) -> None:
    write(
        repo,
        ".env",
        "NUCLIA_KB_URL=https://z.dp.progress.cloud/api/v1/kb/x\nNUCLIA_API_KEY_FILE=/etc/passwd\n",
    )
    result = repo.run("current")
    assert result.code == 4 and "NUCLIA_API_KEY_FILE is not honoured in a project's .env" in result.err
    assert "(or NUCLIA_API_KEY_FILE)" not in result.err
