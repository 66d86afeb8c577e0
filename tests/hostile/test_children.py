"""Programs we start: found in absolute PATH entries only, begun outside of the project, told nothing by its `.env`."""

import sys
from pathlib import Path

import pytest
from support import Home

KB = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/x"\n'
VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
ON_PATH = [":{}", ".:{}", "bin:{}", "{}:", "./bin:{}"]


@pytest.fixture
def pwned(home: Home) -> Path:
    """What a program of the working directory would write; `helper` lies there and in its `bin`."""
    path = home.path / "pwned"
    (home.work / "bin").mkdir()
    for where in (home.work, home.work / "bin"):
        (where / "helper").write_text(f"#!/bin/sh\necho ran >> {path}\necho TOKEN\n")
        (where / "helper").chmod(0o755)
    return path


def put(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.mark.parametrize("entries", ON_PATH)
def test_a_bare_name_is_not_found_beside_the_person(home: Home, pwned: Path, entries: str) -> None:
    home.define("p", KB + 'api_key_command = ["helper"]\n')
    home.define("q", KB + 'api_key_command = ["sh", "-c", "helper || echo fallback"]\n')
    searched = entries.format(home.environ["PATH"])
    result = home.run("auth", "token", "--profile", "p", PATH=searched)
    assert (result.code, result.out) == (4, "") and "absolute entry of PATH" in result.err
    assert home.run("auth", "token", "--profile", "q", PATH=searched).out == "fallback\n"
    assert home.run("profile", "edit", "p", PATH=searched, EDITOR="helper").code == 1
    assert not pwned.exists()


def test_a_path_relative_to_the_directory_is_refused(home: Home, pwned: Path) -> None:
    for name in ("./helper", "bin/helper", "../work/helper", "~/helper"):
        home.define("p", KB + f'api_key_command = ["{name}"]\n')
        result = home.run("auth", "token", "--profile", "p")
        assert (result.code, result.out) == (6, "") and name in result.err and "p.toml" in result.err
        for variable in ("EDITOR", "VISUAL"):
            edited = home.run("profile", "edit", "p", **{variable: f"{name} --wait"})
            assert edited.code == 6 and variable in edited.err
        signed_in = home.run("auth", "login", "--timeout", "1", BROWSER=f"firefox-not-there:{name} %s")
        assert signed_in.code == 6 and "BROWSER" in signed_in.err
    assert not pwned.exists()


def test_what_a_program_starts_is_not_found_beside_the_person_either(home: Home) -> None:
    home.define("p", KB + 'api_key_command = ["sh", "-c", "echo $PATH"]\n')
    found = home.environ["PATH"]
    assert home.run("auth", "token", "--profile", "p", PATH=f".::bin:{found}:").out == f"{found}\n"


def test_an_absolute_name_and_the_argument_list_reach_the_program_as_written(home: Home) -> None:
    tool = home.path / "a tool"
    put(tool, '#!/bin/sh\nprintf "%s|" "$@"\n')
    home.define("p", KB + f'api_key_command = ["{tool}", "./x", "$HOME", "a b"]\n')
    assert home.run("auth", "token", "--profile", "p").out == "./x|$HOME|a b|\n"


def test_a_program_begins_beside_its_definition(home: Home) -> None:
    home.define("p", KB + 'api_key_command = ["sh", "-c", "printf @; /bin/pwd"]\n')
    assert home.run("auth", "token", "--profile", "p").out == f"@{home.store}/profiles\n"
    (home.work / "json.py").write_text("raise SystemExit('hostile')\n")
    home.define(
        "p", KB + f'api_key_command = ["{sys.executable}", "-c", "import json; print(json.dumps(1))"]\n'
    )
    assert home.run("auth", "token", "--profile", "p").out == "1\n"


def test_no_value_of_a_projects_env_reaches_a_program(home: Home, pwned: Path) -> None:
    (home.work / ".env").write_text(
        f"NUCLIA_PROFILE=p\nPATH={home.work}\nEDITOR={home.work}/helper\nVISUAL={home.work}/helper\n"
        f"BASH_ENV={home.work}/helper\nENV={home.work}/helper\nCANARY=leaked\n"
    )
    home.define("p", KB + 'api_key_command = ["sh", "-c", "echo \\"[$CANARY$BASH_ENV]\\""]\n')
    assert home.run("auth", "token").out == "[]\n"
    tool = home.path / "editor"
    put(tool, f'#!/bin/sh\necho "[$CANARY]" > {home.path}/told\n')
    assert home.run("profile", "edit", "p", EDITOR=str(tool)).code == 0
    assert (home.path / "told").read_text() == "[]\n" and not pwned.exists()


def test_our_own_module_run_by_python_takes_nothing_of_the_directory(home: Home, pwned: Path) -> None:
    for name in ("argparse", "tomlkit", "webbrowser", "shutil", "subprocess", "argcomplete"):
        (home.work / f"{name}.py").write_text(f"open({str(pwned)!r}, 'w')\n")
    home.define("p", KB + 'api_key_command = ["echo", "TOKEN"]\n')
    result = home.program(sys.executable, "-m", "nucliactl", "auth", "token", "--profile", "p")
    assert result.out == "TOKEN\n" and not pwned.exists()


@pytest.mark.usefixtures("callback_ports")
def test_a_sign_in_runs_nothing_of_the_directory(person: Home, tmp_path: Path) -> None:
    ran = tmp_path / "pwned"
    for name in ("webbrowser", "shlex", "shutil", "subprocess", "threading", "getopt", "fnmatch"):
        (person.work / f"{name}.py").write_text(f"open({str(ran)!r}, 'a').write('{name} ')\n")
    for name in ("evil", "xdg-open", "sh", "www-browser"):
        put(person.work / name, f"#!/bin/sh\necho {name} >> {ran}\n")
    searched = f".:{person.environ['PATH']}:"
    # What BROWSER names first is tried first: by the time the visitor has signed in, it would have run.
    result = person.run("auth", "login", PATH=searched, BROWSER=f"evil %s:{VISITOR}", PYTHONPATH="")
    assert result.code == 0, result
    assert not ran.exists(), ran.read_text()


def test_paths_are_completed_without_starting_a_shell(home: Home) -> None:
    ran = home.path / "pwned"
    for name in ("bash", "sh"):
        put(home.work / name, f"#!/bin/sh\necho ran >> {ran}\n")
    (home.work / "$(touch pwned)").mkdir()
    (home.work / "settings.env").write_text("")
    for flag, there in (("--env-file", True), ("--profiles-dir", False)):
        line = f"nucliactl {flag} "
        told = home.path / "told"
        home.run(
            _ARGCOMPLETE="1", COMP_LINE=line, COMP_POINT=str(len(line)), COMP_TYPE="9",
            _ARGCOMPLETE_STDOUT_FILENAME=str(told), PATH=f".:{home.environ['PATH']}",
        )  # fmt: skip
        assert ("settings.env" in told.read_text()) is there and "pwned" in told.read_text()
    assert not ran.exists() and not (home.work / "pwned").exists()
