"""Completion in real shells, in real pseudo-terminals, from a thousand profiles."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest
from support import COMMAND, Home, Terminal, installed

pytestmark = pytest.mark.once

SHELLS = {
    "bash": (["--norc", "--noprofile", "-i"], 'eval "$(nucliactl completion bash)"'),
    "zsh": (["-f", "-i"], 'autoload -U compinit; compinit -u -D; eval "$(nucliactl completion zsh)"'),
    "zsh, before compinit": (
        ["-f", "-i"],
        'eval "$(nucliactl completion zsh)"; autoload -U compinit; compinit -u -D',
    ),
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
    program = installed(shell.split(",")[0])
    flags, setup = SHELLS[shell]
    thousand.environ |= {"PS1": "ready> ", "TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(thousand, *flags, program=program)
    terminal.type(
        setup + "; echo set-up-$((1+1))\n" if shell != "fish" else setup + "; echo set-up-(math 1 + 1)\n"
    )
    terminal.expect("set-up-2")
    store = thousand.store
    for number, flags in enumerate(([], ["-o", "json"], ["--config-dir", str(store), "--no-color"])):
        thousand.run("use", "p0001")
        terminal.seen = ""
        terminal.type(f"nucliactl {' '.join([*flags, 'use'])} pr\t")
        terminal.expect("production")
        terminal.type(
            f"\necho round-{number}-$?\n" if shell != "fish" else f"\necho round-{number}-$status\n"
        )
        terminal.expect(f"round-{number}-0")
        assert thousand.run("current").out == "production\n"
    terminal.type("exit\n")
    terminal.close()


def test_a_zsh_without_completion_is_left_alone(home: Home) -> None:
    zsh = installed("zsh")
    script = 'eval "$(nucliactl completion zsh)"; for hook in $precmd_functions; do $hook; done; print over'
    assert home.program(zsh, "-f", "-c", script) == (0, "over\n", "")


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
    for line, found in (
        ("check-s", "check-secrets"),
        ("auth set-", "set-user-token"),
    ):  # as they may be typed
        assert [answer.split("\t")[0] for answer in answers(home, f"nucliactl {line}")] == [found]
    assert answers(home, "nucliactl use b") == ["box"]
    home.define("other", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    assert answers(home, "nucliactl use ") == ["box\tmine", "other\tnucliadb http://localhost:1"]
    for line in (
        "auth switch b",
        "switch b",
        "--profile b",
        "profile show b",
        "auth token --profile b",
        "auth token b",
        "auth status b",
        "auth helper get b",
        "explain b",
        "logout b",
        "profile export b",
        "profile export --to-nuclia other b",
    ):
        assert [answer.split("\t")[0] for answer in answers(home, f"nucliactl {line}")] == ["box"], line
    kinds = [answer.split("\t")[0] for answer in answers(home, "nucliactl list --kind n")]
    assert sorted(kinds) == ["nua", "nucliadb"]
    assert answers(home, "nucliactl auth kb ") == []
    for line in ("accounts d", "zones d"):
        assert answers(home, f"nucliactl {line}")[0].startswith("default"), line
    assert answers(home, "nucliactl kbs --zo") == ["--zone"]
    (home.work / "acme.env").touch()
    assert answers(home, "nucliactl profile import ac") == ["acme.env"]


def words(found: list[str]) -> list[str]:
    return sorted(answer.split("\t")[0] for answer in found)


def test_keys_of_a_definition_and_their_values_are_completed(home: Home) -> None:
    home.define("box", 'kind = "kb"\nurl = "https://europe-1.nuclia.cloud/api/v1/kb/' + "5" * 32 + '"\n')
    home.define("me", 'kind = "user"\n')
    expected = {
        "profile set box desc": ["description="],
        "profile set box api": ["api_key_command=", "api_key_env=", "api_key_file="],
        "profile set box kind": [],
        "profile set box public=": ["public=false", "public=true"],
        "profile set box storage=k": ["storage=keyring"],
        "profile set box storage k": ["keyring"],
        "profile set box roles=READER,": ["roles=READER,MANAGER", "roles=READER,WRITER"],
        "profile set box session=": ["session=box", "session=me"],
        "profile set --profile box desc": ["description="],
        "profile set box title=x desc": ["description="],
        "profile set me publ": [],
        "profile set nobody publ": ["public="],
        "profile unset box desc": ["description"],
        "profile unset box title desc": ["description"],
        "profile set box url=": [],
    }
    for line, offered in expected.items():
        assert words(answers(home, f"nucliactl {line}")) == offered, line


def test_closed_values_are_completed(home: Home) -> None:
    acme = 'kind = "nucliadb"\nurl = "http://localhost:1"\naccount = "acme-inc"\n'
    home.define("box", acme)
    expected = {
        "list --account ": ["acme-inc"],
        "use --account a": ["acme-inc"],
        "list --kind ": ["agent", "kb", "nua", "nucliadb", "personal-token", "user"],
        "list --sort ": ["account", "expires", "kind", "name"],
        "list --sort=k": ["--sort=kind"],
        "completion ": ["bash", "fish", "install", "zsh"],
        "completion install ": ["bash", "fish", "zsh"],
    }
    for line, offered in expected.items():
        assert words(answers(home, f"nucliactl {line}")) == offered, line


def official(home: Home) -> None:
    box = "57c19b48-8dd8-4d02-8f22-5b1b0a3c1111"
    url = f"https://europe-1.nuclia.cloud/api/v1/kb/{box}"
    (home.path / ".nuclia").mkdir()
    row = {"id": box, "url": url, "token": "a.b.c"}
    (home.path / ".nuclia/config").write_text(json.dumps({"kbs_token": [row], "default": {"kbid": box}}))
    (home.path / ".nuclia/config").chmod(0o600)


def test_the_official_clients_defaults_are_completed_where_they_may_be_named(home: Home) -> None:
    official(home)
    for line in (
        "--profile ",
        "auth token nu",
        "explain nuclia:",
        "profile show n",
        "api --profile nuclia:k",
    ):
        assert words(answers(home, f"nucliactl {line}")) == ["nuclia:kb"], line
    for line in ("use n", "auth logout n", "profile delete n", "profile rename n", "--profile nua"):
        assert answers(home, f"nucliactl {line}") == [], line


@pytest.mark.parametrize("shell", SHELLS)
def test_a_colon_or_an_equals_sign_is_no_obstacle_in_a_shell(home: Home, shell: str) -> None:
    """bash takes both for ends of words."""
    program = installed(shell.split(",")[0])
    official(home)
    home.define("box", 'kind = "kb"\nurl = "https://europe-1.nuclia.cloud/api/v1/kb/' + "5" * 32 + '"\n')
    flags, setup = SHELLS[shell]
    home.environ |= {"PS1": "ready> ", "TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(home, *flags, program=program)
    sum_of = "(math 1 + 1)" if shell == "fish" else "$((1+1))"
    terminal.type(f"{setup}; echo set-up-{sum_of}\n")
    terminal.expect("set-up-2")
    for number, (typed, whole) in enumerate(
        {
            "--profile nuclia:k": "nuclia:kb",
            "--profile nuc": "nuclia:kb",
            "--profile=nuclia:k": "nuclia:kb",
            "profile set box storage=k": "storage=keyring",
        }.items()
    ):
        terminal.type(f"echo nucliactl {typed}".replace("echo ", "") + "\t")
        terminal.expect(whole.rpartition(":")[2][-2:])
        terminal.type("\x01echo typed: \n" + f"echo round-{number}-{sum_of}\n")
        terminal.expect(f"round-{number}-2")
        assert whole in terminal.seen.replace("\x1b[K", "").rpartition("typed: nucliactl")[2], terminal.seen
    terminal.type("exit\n")
    terminal.close()


def test_global_options_before_the_command_do_not_hide_it(home: Home, tmp_path: Path) -> None:
    box = 'kind = "nucliadb"\nurl = "http://localhost:1"\n'
    home.define("box", box)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "profiles").mkdir(parents=True)
    (elsewhere / "profiles/bay.toml").write_text(box)
    (elsewhere / "more").mkdir()
    (elsewhere / "more/bee.toml").write_text(box)
    expected = {
        "-o json use b": ["box"],
        "-ojson use b": ["box"],
        "--output=json use b": ["box"],
        "--no-project -v use b": ["box"],
        "--profile box profile show b": ["box"],
        "auth -o json token --profile b": ["box"],
        "--profile=b": ["--profile=box"],
        f"--config-dir {elsewhere} use b": ["bay"],
        f"--config-dir={elsewhere} profile show b": ["bay"],
        f"use --config-dir {elsewhere} b": ["bay"],
        f"--profiles-dir {elsewhere}/more use be": ["bee"],
        f"--config-dir {elsewhere}/m": [f"{elsewhere}/more/"],
        "-o ": ["json", "name", "table", "wide"],
        "list -o js": ["json"],
    }
    for line, names in expected.items():
        found = sorted(answer.split("\t")[0] for answer in answers(home, f"nucliactl {line}"))
        assert found == names, line


def test_a_file_whose_name_no_shell_can_be_handed_does_not_hide_the_others(home: Home) -> None:
    for name in (b"plain", b"f g", b"a\xff", b"b\nc", b"d\x0be", b"g\x1b[31m", "h\u202ei".encode()):
        os.mkdir(os.path.join(os.fsencode(home.work), name))
    assert answers(home, "nucliactl --config-dir ") == ["f g/", "plain/"]


def test_completion_says_and_writes_nothing_where_it_fails(home: Home) -> None:
    home.define("box", "no TOML at all [")
    before = home.files()
    for line in (
        "use b",
        "--config-dir relative use b",
        "--config-dir '' use ",
        "'unclosed",
        "use '",
        "--profiles-dir /nowhere use b",
    ):
        script = f"_ARGCOMPLETE=1 COMP_LINE={shlex.quote('nucliactl ' + line)} COMP_POINT=90 exec nucliactl 8>/dev/null 9>/dev/null"
        found = home.program("sh", "-c", script)
        assert (found.out, found.err) == ("", ""), line
    assert home.program("sh", "-c", "_ARGCOMPLETE=1 COMP_LINE=x COMP_POINT=x exec nucliactl 8>&1")[1:] == (
        "",
        "",
    )
    assert home.files() == before and list(home.work.iterdir()) == []


@pytest.mark.parametrize("words", ["use b", "switch b"])
def test_completion_stays_on_the_light_path(home: Home, words: str) -> None:
    home.define("box", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    line = f"nucliactl {words}"
    variables = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
    script = f"exec {sys.executable} -X importtime {COMMAND} 8>&1 9>/dev/null"
    result = home.program("sh", "-c", script, **variables)
    assert "box" in result.out
    names = {
        line.rsplit("|", 1)[-1].strip() for line in result.err.splitlines() if line.startswith("import time:")
    }
    light = words.startswith("use ")
    assert {"argcomplete.finders", "argparse"} & names == (
        set() if light else {"argcomplete.finders", "argparse"}
    )
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
