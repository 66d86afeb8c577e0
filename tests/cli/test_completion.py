"""Completion in real shells, in real pseudo-terminals, from a thousand profiles."""

import os
import shutil
import sys

import pytest
from support import COMMAND, Home, Terminal

pytestmark = pytest.mark.once

SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(nucliactl completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(nucliactl completion zsh)"'),
    "fish": (["--no-config", "-i"], "nucliactl completion fish | source"),
}


@pytest.fixture
def thousand(home: Home) -> Home:
    for number in range(999):
        home.define(f"p{number:04}", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.define("production", 'kind = "nucliadb"\nurl = "http://localhost:1"\ndescription = "the real one"\n')
    return home


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_a_profile_name(thousand: Home, shell: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    flags, setup = SHELLS[shell]
    thousand.environ |= {"PS1": "ready> ", "TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(thousand, *flags, program=program)
    terminal.type(
        setup + "; echo set-up-$((1+1))\n" if shell != "fish" else setup + "; echo set-up-(math 1 + 1)\n"
    )
    terminal.expect("set-up-2")
    terminal.type("nucliactl use pr\t")
    terminal.expect("production")
    terminal.type("\n")
    terminal.expect("now using production")
    terminal.type("exit\n")
    terminal.close()
    assert thousand.run("current").out == "production\n"


def answers(home: Home, line: str, shell: str = "fish") -> list[str]:
    variables = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SHELL": shell,
        "_ARGCOMPLETE_DFS": "\t",
    }
    variables |= {"COMP_LINE": line, "COMP_POINT": str(len(line.encode()))}
    result = home.program("sh", "-c", "exec nucliactl 8>&1 9>/dev/null", **variables)
    return [answer.strip() for answer in result.out.split("\n")] if result.out else []


def test_commands_flags_and_names_are_completed(home: Home) -> None:
    home.define("box", 'kind = "nucliadb"\nurl = "http://localhost:1"\ndescription = "mine"\n')
    commands = [answer.split("\t")[0] for answer in answers(home, "nucliactl ")]
    assert {"auth", "list", "use", "explain", "profile"} <= set(commands) and "--profile" not in commands
    assert "set_user_token" in [answer.split("\t")[0] for answer in answers(home, "nucliactl auth s")]
    assert answers(home, "nucliactl use b") == ["box"]
    home.define("other", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    assert answers(home, "nucliactl use ") == ["box\tmine", "other\tnucliadb http://localhost:1"]
    for line in (
        "auth switch b",
        "switch b",
        "--profile b",
        "profile show b",
        "auth token --profile b",
        "logout b",
    ):
        assert [answer.split("\t")[0] for answer in answers(home, f"nucliactl {line}")] == ["box"], line
    kinds = [answer.split("\t")[0] for answer in answers(home, "nucliactl list --kind n")]
    assert sorted(kinds) == ["nua", "nucliadb"]
    assert answers(home, "nucliactl auth kb ") == []


def test_completion_stays_on_the_light_path(home: Home) -> None:
    home.define("box", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    variables = {"_ARGCOMPLETE": "1", "COMP_LINE": "nucliactl use b", "COMP_POINT": "15"}
    script = f"exec {sys.executable} -X importtime {COMMAND} 8>&1 9>/dev/null"
    result = home.program("sh", "-c", script, **variables)
    assert "box" in result.out
    names = {
        line.rsplit("|", 1)[-1].strip() for line in result.err.splitlines() if line.startswith("import time:")
    }
    assert "argcomplete.finders" in names
    assert (
        names & {"dynaconf", "httpx", "tabulate", "ssl", "asyncio", "keyring", "importlib.metadata"} == set()
    )


def test_a_prompt_shows_the_name_and_never_fails(home: Home) -> None:
    assert home.run("prompt") == (0, "", "")
    home.define("box", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.run("use", "box")
    assert home.run("prompt") == (0, "box\n", "")
    assert home.run("prompt", NUCLIA_PROFILE="missing") == (0, "", "")
    assert home.run("prompt", NUCLIA_API_KEY="half") == (0, "", "")
    os.chmod(home.store / "active.json", 0o666)
    assert home.run("prompt").code == 0
