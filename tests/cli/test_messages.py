"""What people see: colours, narrow terminals, waiting, CI."""

import json

import pytest
from support import Home, Terminal, sandbox_with

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def laptop(home: Home) -> Home:
    name = "a-customer-with-a-rather-long-name"
    for one in (name, "b"):
        home.define(
            one,
            f'kind = "kb"\nurl = "{URL}"\napi_key = "k-{one}"\naccount = "the-account-of-that-customer"\n',
        )
    home.run("use", name)
    return home


def test_under_github_actions_the_lines_of_the_workflow_are_shown(home: Home) -> None:
    result = home.run("auth", "token", GITHUB_ACTIONS="true")
    assert result.code == 4 and "  NUCLIA_API_KEY: ${{ secrets.NUCLIA_API_KEY }}" in result.err
    error = json.loads(home.run("auth", "token", "-o", "json", GITHUB_ACTIONS="true").err)
    assert error["exit_code"] == 4 and "env:" in error["hint"]


def test_colours_are_for_terminals_and_for_who_forces_them(laptop: Home) -> None:
    assert "\x1b" not in laptop.run("list").out
    for variable in ("CLICOLOR_FORCE", "FORCE_COLOR"):
        assert "\x1b[1m" in laptop.run("list", **{variable: "1"}).out
        assert "\x1b" not in laptop.run("list", **{variable: "0"}).out
        for flags, variables in (([], {"NO_COLOR": "1"}), (["--no-color"], {})):
            assert "\x1b" not in laptop.run(*flags, "list", **{variable: "1"}, **variables).out
    for variables, plain in (({}, False), ({"CLICOLOR": "0"}, True), ({"CLICOLOR": "1"}, False)):
        laptop.environ |= {"TERM": "xterm"} | variables
        terminal = Terminal(laptop, "list")
        assert terminal.close() == 0 and ("\x1b" not in terminal.seen) is plain
    assert "\x1b[31m" in laptop.run("use", "nobody", CLICOLOR_FORCE="1").err
    assert "\x1b" not in laptop.run("use", "nobody").err
    assert json.loads(laptop.run("list", "-o", "json", CLICOLOR_FORCE="1").out)


@pytest.mark.parametrize("columns", [300, 80, 50])
def test_a_narrow_terminal_cuts_other_columns_and_never_a_name(laptop: Home, columns: int) -> None:
    laptop.environ["TERM"] = "xterm"
    terminal = Terminal(laptop, "list", columns=columns)
    assert terminal.close() == 0
    lines = [line for line in terminal.seen.replace("\r", "").split("\n") if line]
    assert all("a-customer-with-a-rather-long-name" in line for line in lines if "customer-with" in line)
    plain = [line.replace("\x1b[1m", "").replace("\x1b[0m", "").replace("\x1b[32m", "") for line in lines]
    assert max(len(line) for line in plain if not line.startswith("all have ")) <= columns
    assert "all have KIND kb, TARGET europe-1/11111111" in terminal.seen
    assert URL in laptop.run("list", "-o", "wide").out


def test_waiting_is_shown_on_a_terminal_only(home: Home) -> None:
    with sandbox_with("--slow", "europe-1=1.5") as found:
        url = (
            found["NUCLIA_ZONE_URL"].replace("{zone}", "europe-1")
            + "/api/v1/kb/"
            + found["SANDBOX_KB_URL"].rsplit("/", 1)[1]
        )
        home.environ.update(found, TERM="xterm")
        words = ("auth", "kb", url, "--token", found["SANDBOX_KB_KEY"])
        terminal = Terminal(home, *words)
        assert terminal.close() == 0
        assert "asking the service" in terminal.seen and "saved as handbook" in terminal.seen
        quiet = home.run("auth", "status")
        assert quiet.code == 0 and "asking" not in quiet.err
