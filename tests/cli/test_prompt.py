"""The prompt functions, in real shells in real pseudo-terminals: no process while nothing changes, and each
change seen at the next prompt."""

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fenced import blocks
from support import Home, Terminal, installed, missing

from nucliactl.model.fields import secret_variables, variables_read
from nucliactl.model.tool_variables import TOOL_VARIABLES
from nucliactl.shells.known import SHELLS
from nucliactl.shells.prompt import function_for

pytestmark = pytest.mark.once

FLAGS = {"bash": ["--norc", "--noprofile", "-i"], "zsh": ["-f", "-i"], "fish": ["--no-config", "-i"]}
SET_UP = {shell: f'eval "$(nucliactl prompt --shell {shell})"' for shell in ("bash", "zsh")} | {
    "fish": "nucliactl prompt --shell fish | source"
}
SHOW = {
    "bash": "PS1='<${nucliactl_ps1}>'",
    "zsh": "setopt prompt_subst; PROMPT='<${nucliactl_ps1}>'",
    "fish": 'function fish_prompt; echo -n "<$nucliactl_ps1>"; end',
}
LOCAL = 'kind = "nucliadb"\nurl = "http://localhost:1"\n'
BOX = "57c19b48-8dd8-4d02-8f22-5b1b0a3c1111"
URL = f"https://europe-1.nuclia.cloud/api/v1/kb/{BOX}"
TOKEN = "eyJhbGciOiJIUzI1NiJ9." + "secretsecret" * 8 + ".signature"


class Shell(Terminal):
    """A shell at its prompt. `rounds` counts what it was asked."""

    def __init__(self, home: Home, shell: str, *around: str) -> None:
        home.environ |= {"TERM": "dumb", "HISTFILE": "/dev/null"}
        words = [*around, installed(shell), *FLAGS[shell]]
        super().__init__(home, *words[1:], program=str(shutil.which(words[0])), columns=200)
        self.shell, self.rounds = shell, 0

    def do(self, *lines: str) -> str:
        """Type lines, and return what the prompt's variable holds at the next prompt."""
        self.rounds += 1
        for line in (*lines, ""):
            self.type(line + "\n")
        self.type(f'echo "[r""ound-{self.rounds}:$nucliactl_ps1]"\n')
        self.expect(f"[round-{self.rounds}:")
        while "]" not in self.seen.rpartition(f"[round-{self.rounds}:")[2]:
            self.expect("]")
            self.seen += os.read(self.fd, 1).decode()
        return self.seen.rpartition(f"[round-{self.rounds}:")[2].partition("]")[0]

    def export(self, name: str, value: str) -> str:
        line = f"set -gx {name} '{value}'" if self.shell == "fish" else f"export {name}='{value}'"
        return self.do(line)

    def unset(self, name: str) -> str:
        return self.do(f"set -e {name}" if self.shell == "fish" else f"unset {name}")

    def leave(self) -> None:
        self.type("exit\n")
        self.close()


@pytest.fixture
def people(home: Home) -> Iterator[Home]:
    """A home with profiles a, b and c; b is current."""
    for name in "abc":
        home.define(name, LOCAL)
    for name in "ab":
        assert home.run("use", name).code == 0
    yield home


def official(home: Home) -> Path:
    file = home.path / ".nuclia/config"
    file.parent.mkdir(exist_ok=True)
    row = {"id": BOX, "url": URL, "token": TOKEN}
    file.write_text(json.dumps({"kbs_token": [row], "default": {"kbid": BOX}}))
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("shell", SHELLS)
def test_what_the_page_says_shows_the_name_and_nothing_without_one(people: Home, shell: str) -> None:
    pages = ("docs/how-to/shell.md", "docs/how-to/six-customers.md")
    block, *same = [one for page in pages for one in blocks(page) if one.language == shell]
    assert all(one.text == block.text for one in same)
    terminal = Shell(people, shell)
    assert terminal.do(*block.text.splitlines()) == "b"
    for change, shown in (
        (["use", "c"], "(c) "),
        (["use", "a"], "(a) "),
        (["use", "--unset"], ""),
    ):
        people.run(*change)
        terminal.do("cd", f"cd {people.work}")
        terminal.seen = ""
        terminal.do("")
        end = {"bash": r"~/work #", "zsh": r"~/work [%#]", "fish": r"~/work>"}[shell]
        assert re.search(rf"(?m)(^|[\r\x07mKJ]){re.escape(shown)}{end}", terminal.seen), terminal.seen
    terminal.leave()


@pytest.mark.parametrize("shell", SHELLS)
def test_a_hundred_unchanged_prompts_start_no_process(people: Home, shell: str, tmp_path: Path) -> None:
    if shutil.which("strace") is None:
        missing("strace is not installed")
    project = people.work / "project"
    (project / ".git").mkdir(parents=True)
    (project / ".env").write_text(f'NUCLIA_ZONE="europe-1"\nOTHER=1\nNUCLIA_API_KEY={TOKEN}\n')
    (project / ".nuclia-profile").write_text("a\n")
    (people.store / "config.toml").write_text("timeout = 10\n")
    official(people)
    people.environ |= {"NUCLIA_PROFILE": "c", "NUCLIA_USER_TOKEN": TOKEN}
    log, starts = tmp_path / "log", "clone,clone3,fork,vfork,execve"
    terminal = Shell(people, shell, "strace", "-f", "-q", "-o", str(log), "-e", f"trace={starts}")
    terminal.do(f"cd {project}")
    assert terminal.do(SET_UP[shell], SHOW[shell], "/bin/true begin") == "c"
    for _ in range(4):
        assert terminal.do(*[""] * 25) == "c"
    terminal.do("/bin/true end")
    terminal.leave()
    text = log.read_text()
    between = text[text.index('"begin"') : text.index('"end"')].splitlines()[1:-1]
    started = [
        line
        for line in between
        if re.search(r"\b(clone3?|v?fork|execve)\(", line) and "CLONE_THREAD" not in line
    ]
    assert len(started) == 1, started  # /bin/true end itself


def write(path: Path, text: str, like: os.stat_result | None = None) -> None:
    path.write_text(text)
    if like:
        os.utime(path, ns=(like.st_atime_ns, like.st_mtime_ns))


@pytest.mark.parametrize("shell", SHELLS)
def test_every_change_is_seen_at_the_next_prompt(people: Home, shell: str) -> None:
    project, below = people.work / "project", people.work / "project/below"
    below.mkdir(parents=True)
    pin, dotenv = project / ".nuclia-profile", project / ".env"
    terminal = Shell(people, shell)
    assert terminal.do(SET_UP[shell]) == "b"

    def after(change: Callable[[], object]) -> str:
        change()
        return terminal.do()

    assert after(lambda: people.run("use", "a")) == "a"
    active = people.store / "active.json"
    before, text = active.stat(), active.read_text()
    assert after(lambda: write(active, text.replace('"current": "a"', '"current": "c"'), before)) == "c"
    assert after(lambda: people.run("use", "a")) == "a"

    assert terminal.do(f"cd {below}") == "a"
    pin.write_text("b\n")
    assert terminal.do() == "a"  # no root of a version control system: the walk does not leave the directory
    assert after((project / ".git").mkdir) == "b"
    assert after(lambda: write(pin, "c\n", pin.stat())) == "c"  # same size, same time
    assert after(lambda: write(pin, ":c\n")) == ""
    assert after(lambda: write(pin, "missing\n")) == ""
    assert after(lambda: people.define("missing", LOCAL)) == "missing"
    assert after((people.store / "profiles/missing.toml").unlink) == ""
    assert after(pin.unlink) == "a"
    assert after(lambda: pin.symlink_to("/etc/hostname")) == "!"  # a link that leaves the project
    pin.unlink()
    assert terminal.do() == "a"

    assert after(lambda: dotenv.write_text("NUCLIA_PROFILE=c\n")) == "c"
    assert after(lambda: write(dotenv, "NUCLIA_PROFILE=b\n", dotenv.stat())) == "b"
    assert after(lambda: dotenv.write_text(f"NUCLIA_KB_URL={URL}\nNUCLIA_API_KEY={TOKEN}\n")) == "dotenv"
    assert after(lambda: dotenv.write_text(f"NUCLIA_KB_URL={URL}\nNUCLIA_API_KEY=\n")) == ""
    assert after(lambda: dotenv.write_text(f"NUCLIA_KB_URL={URL}\nNUCLIA_API_KEY='{TOKEN}'\n")) == "dotenv"
    assert after(lambda: dotenv.write_text(f"NUCLIA_KB_URL={URL}\nNUCLIA_API_KEY='{TOKEN}\n")) == ""
    assert terminal.do("cd ..") == "" and terminal.do(f"cd {people.work}") == "a"
    dotenv.unlink()

    assert terminal.export("NUCLIA_PROFILE", "b") == "b"
    assert terminal.unset("NUCLIA_PROFILE") == "a"
    assert terminal.do("set -g NUCLIA_PROFILE c" if shell == "fish" else "NUCLIA_PROFILE=c") == "a"
    assert terminal.export("NUCLIA_PROFILE", "c") == "c"
    assert terminal.unset("NUCLIA_PROFILE") == "a"
    secret = people.path / "secret"
    assert terminal.export("NUCLIA_KB_URL", URL) == ""
    assert terminal.export("NUCLIA_API_KEY_FILE", str(secret)) == ""
    assert after(lambda: secret.write_text(TOKEN)) == "env"
    assert after(lambda: secret.write_text("")) == ""
    assert terminal.unset("NUCLIA_API_KEY_FILE") == ""
    assert terminal.export("NUCLIA_API_KEY", TOKEN) == "env"
    assert terminal.unset("NUCLIA_KB_URL") == ""
    assert terminal.unset("NUCLIA_API_KEY") == "a"

    other = people.path / "other"
    (other / "profiles").mkdir(parents=True)
    assert terminal.export("NUCLIA_CONFIG_DIR", str(other)) == ""
    assert after(lambda: official(people)) == "nuclia:kb"
    assert after((people.path / ".nuclia/config").unlink) == ""
    link = people.path / "link"
    link.symlink_to(other)
    assert terminal.export("NUCLIA_CONFIG_DIR", str(link)) == ""
    link.unlink()
    link.symlink_to(people.store)
    assert terminal.do() == "a"
    terminal.leave()


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_printed_is_shown_and_never_run(home: Home, shell: str) -> None:
    """A name is never of that sort; a file of that name may be, one day."""
    name = "a$(touch pwned)`touch pwned`%F{red}%n\\u\\$(touch pwned)!'\"{}"
    (home.path / "bin").mkdir()
    fake = home.path / "bin/nucliactl"
    fake.write_text(f"#!/bin/sh\ncat <<'END'\n\x1b[31m{name}\x07\nEND\n")
    fake.chmod(0o755)
    file = home.path / "prompt"
    file.write_text(function_for(shell))
    home.environ["PATH"] = f"{home.path}/bin:{home.environ['PATH']}"
    terminal = Shell(home, shell)
    assert terminal.do(f"source {file}", SHOW[shell]).startswith("[31ma$(touch pwned)")
    terminal.seen = ""
    terminal.do("", "")
    assert f"<[31m{name}>" in re.sub(r"\r *\r|\x1b\[[0-9?]*[a-zA-Z]|\x1b[=>(]B?", "", terminal.seen)
    terminal.leave()
    assert not (home.work / "pwned").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_no_secret_stays_in_a_variable_of_the_shell(people: Home, shell: str) -> None:
    (people.work / ".env").write_text(
        f'A="\nNUCLIA_KB_URL={URL}\nexport NUCLIA_API_KEY = "{TOKEN}"\nDB={TOKEN}\n'
    )
    official(people)
    (people.store / "active.json").unlink()
    people.environ["NUA_KEY"] = TOKEN
    terminal = Shell(people, shell)
    terminal.do(SET_UP[shell])
    terminal.unset("NUA_KEY")
    terminal.seen = ""
    terminal.do("set -L" if shell == "fish" else "set")
    terminal.leave()
    assert "__nucliactl_seen" in terminal.seen and URL in terminal.seen
    assert "secretsecret" not in terminal.seen


def test_what_the_user_has_in_bash_stays(people: Home) -> None:
    terminal = Shell(people, "bash")
    terminal.do(
        "PROMPT_COMMAND='echo own-$?'", "shopt -s nocasematch; set -u", SET_UP["bash"], SET_UP["bash"]
    )
    terminal.seen = ""
    terminal.do("(exit 7)")
    terminal.expect("own-7")
    assert terminal.do('echo "$PROMPT_COMMAND" $-').count("b") == 1
    assert terminal.seen.count("__nucliactl_prompt;echo own-$?") == 1
    terminal.do("PROMPT_COMMAND=('echo first-$?' 'echo second-$?')", SET_UP["bash"], "(exit 8)")
    terminal.expect("first-8")
    terminal.expect("second-8")
    terminal.leave()


@pytest.mark.parametrize(
    ("shell", "strict"),
    [
        ("bash", "set -eEu; trap 'echo trap''ped' ERR"),
        ("zsh", "setopt err_exit no_unset ksh_arrays ignore_braces; TRAPZERR() print trap''ped"),
        ("fish", "set -e HOME"),
    ],
)
def test_a_strict_shell_stays_open_and_its_traps_are_not_called(
    people: Home, shell: str, strict: str
) -> None:
    people.environ["NUCLIA_CONFIG_DIR"] = str(people.store)
    terminal = Shell(people, shell)
    assert terminal.do(strict, SET_UP[shell], "! true", "! true") == "b"
    people.run("use", "--unset")
    terminal.do("cd /")
    assert not any(word in terminal.seen for word in ("rror", "nvalid", "trapped"))
    terminal.leave()


@pytest.mark.parametrize("shell", SHELLS)
def test_without_the_command_the_prompt_is_empty_and_silent(people: Home, shell: str) -> None:
    file = people.path / "prompt"
    file.write_text(function_for(shell))
    people.environ["PATH"] = "/usr/bin:/bin"
    if shutil.which("nucliactl", path="/usr/bin:/bin"):
        pytest.skip("there is one for everybody")
    terminal = Shell(people, shell)
    assert terminal.do(f"source {file}") == ""
    assert "not found" not in terminal.seen and "nknown command" not in terminal.seen
    terminal.leave()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_variable_that_is_read_is_looked_at(shell: str) -> None:
    text = function_for(shell)
    ours = {name for name, _ in TOOL_VARIABLES if "COLOR" not in name} | variables_read()
    prefixes = ("NUCLIA", "NUA_", "ARAG_", "BASE_NUCLIA_DOMAIN", "HOME", "XDG_CONFIG_HOME")
    assert all(prefix in text for prefix in prefixes)
    assert {name for name in ours if not name.startswith(prefixes)} == set()
    hidden = ("KEY", "TOKEN", "SERVICEACCOUNT", "PASSWORD")
    assert all(word in text for word in hidden)
    assert {name for name in secret_variables() if not any(word in name for word in hidden)} == set()


def test_the_command_prints_it(home: Home) -> None:
    for shell in SHELLS:
        assert home.run("prompt", "--shell", shell) == (0, function_for(shell), "")
    assert home.run("prompt", "--shell", "tcsh").code == 2
