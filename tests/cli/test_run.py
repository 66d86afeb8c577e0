"""`run`: another program in our place, with one credential; `env`: the same as text."""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

import pytest
from support import COMMAND, Home, Terminal, installed, missing

from nucliactl.programs.variables import cleared

pytestmark = pytest.mark.once

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-0000-4000-8000-000000000000"
KB = f'kind = "kb"\nurl = "{URL}"\napi_key = "the-key-of-the-handbook"\n'
LOCAL = 'kind = "nucliadb"\nurl = "http://localhost:8080"\nkb = "57c19b48-0000-4000-8000-000000000000"\n'


@pytest.fixture
def two(home: Home) -> Home:
    home.define("handbook", KB)
    home.define("local", LOCAL)
    home.run("use", "handbook")
    return home


def shown(home: Home, *flags: str, **variables: str) -> dict[str, str]:
    """The environment of a program that `run` starts."""
    words = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")
    result = home.process(*flags, "run", "--", *words, **variables)
    assert result.code == 0, result.err
    found: dict[str, str] = result.json
    return found


def test_a_child_gets_the_chosen_credential_and_nothing_of_another(two: Home) -> None:
    old = dict.fromkeys(cleared(), "old") | {"NUCLIA_PROFILE": "local", "NUCLIA_KIND": "nua"}
    stays = {"NUCLIACTL_OUTPUT": "json", "NUCLIA_PROFILES_PATH": "/p", "OTHER": "x"}
    plain = shown(two, "--profile", "handbook")
    assert shown(two, "--profile", "handbook", **old, **stays) == plain | stays
    assert plain["NUCLIA_API_KEY"] == plain["NUCLIA_SERVICEACCOUNT"] == "the-key-of-the-handbook"
    assert plain["NUCLIA_KB_URL"] == URL and plain["NUCLIACTL_RUN"] == "handbook"
    assert plain["PATH"] == two.environ["PATH"]


def test_our_own_commands_find_it_there_without_a_word(two: Home) -> None:
    for profile, kind in (("handbook", "kb"), ("local", "nucliadb")):
        within = ("--profile", profile, "run", "--", COMMAND)
        found = two.process(*within, "current", "-o", "json")
        assert (found.json["name"], found.json["kind"], found.err) == ("env", kind, "")
        explained = two.process(*within, "explain", "-o", "json").json
        assert explained["exit_code"] == 0
        once = two.process("--profile", profile, "env", "-o", "json").json
        assert two.process(*within, "env", "-o", "json").json == once
        other = two.process(*within, "run", "--profile", "handbook", "--", COMMAND, "env", "-o", "json")
        assert other.json["NUCLIA_API_KEY"] == "the-key-of-the-handbook" and "NUCLIADB_URL" not in other.json


@pytest.mark.parametrize("dashes", [[], ["--"]])
def test_the_words_of_the_program_are_its_own(two: Home, dashes: list[str]) -> None:
    program = [sys.executable, "-c", "import sys; print(sys.argv[1:])"]
    words = ["-o", "json", "--profile", "nothing", "-v", "--help", "--", "--no-color", "", "a b"]
    result = two.process("run", "--profile", "local", *dashes, *program, *words)
    assert (result.code, result.out, result.err) == (0, f"{words}\n", "")
    assert two.process("exec", *dashes, *program, "x").out == "['x']\n"
    assert two.process("profile", "run", *dashes, *program, "x").out == "['x']\n"


def test_bytes_that_are_no_text_are_passed_on(two: Home) -> None:
    result = two.process("run", "--", "printf", os.fsdecode(b"\\146 %s"), os.fsdecode(b"\xc3\xbc"))
    assert result.out == "f \u00fc"
    program = "import os, sys; print(os.fsencode(sys.argv[1]))"
    assert two.process("run", "--", sys.executable, "-c", program, os.fsdecode(b"\xff")).out == "b'\\xff'\n"


@pytest.mark.parametrize("code", [0, 1, 3, 42, 127, 255])
def test_the_code_is_the_programs(two: Home, code: int) -> None:
    assert two.process("run", "--", "sh", "-c", f"exit {code}").code == code


@pytest.mark.parametrize("name", ["TERM", "INT", "HUP", "KILL", "PIPE", "SEGV"])
def test_a_signal_ends_it_as_it_would_have_ended_the_program(two: Home, name: str) -> None:
    number = getattr(signal, f"SIG{name}")
    assert two.process("run", "--", "sh", "-c", f"kill -{name} $$").code == -number
    wrapped = two.program("sh", "-c", f'{COMMAND} run -- sh -c "kill -{name} \\$\\$"; echo $?')
    assert wrapped.out == f"{128 + number}\n"


def test_the_program_is_this_process_and_outlives_nothing(two: Home) -> None:
    """What ends our process ends the program, and nobody can see its secret from outside."""
    import subprocess

    words = [COMMAND, "run", "--", "sh", "-c", "echo $$; exec sleep 600"]
    process = subprocess.Popen(words, env=two.environ, cwd=two.work, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert int(process.stdout.readline()) == process.pid
        for file in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                assert b"the-key-of-the-handbook" not in file.read_bytes()
            except OSError:
                continue
    finally:
        process.kill()
    assert process.wait(30) == -signal.SIGKILL


def test_signals_begin_as_they_were(two: Home) -> None:
    """Python's own SIGPIPE is not the program's; what the caller ignores stays ignored."""
    ignored = two.program("sh", "-c", f"trap '' TERM; exec {COMMAND} run -- grep SigIgn /proc/self/status")
    mask = int(ignored.out.split()[1], 16)
    assert mask >> (signal.SIGTERM - 1) & 1 and not mask >> (signal.SIGPIPE - 1) & 1
    plain = int(two.process("run", "--", "grep", "SigBlk", "/proc/self/status").out.split()[1], 16)
    assert plain == 0
    assert two.program("sh", "-c", f"{COMMAND} run -- yes | head -1").err == ""


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nosuch-program"], 127, "nosuch-program is nowhere on PATH"),
        (["./nothing"], 127, "./nothing is not there"),
        (["/"], 126, "/ is a directory"),
        (["./plain"], 126, "./plain"),
        (["./lost"], 127, "first line"),
        ([""], 127, "no name"),
    ],
)
def test_a_program_that_cannot_be_started_is_told(two: Home, words: list[str], code: int, said: str) -> None:
    (two.work / "plain").write_text("text")
    lost = two.work / "lost"
    lost.write_text("#!/no/such/interpreter\n")
    lost.chmod(0o755)
    result = two.process("run", "--", *words)
    assert result.code == code and said in result.err and len(result.err.splitlines()) == 2, result.err
    assert result.out == ""


def test_a_profile_in_the_programs_place_is_recognised(two: Home) -> None:
    result = two.process("run", "local")
    assert result.code == 127 and "nucliactl run --profile local -- CMD" in result.err


def test_an_unknown_option_names_the_dashes(two: Home) -> None:
    result = two.process("run", "--user", "1", "ls")
    assert result.code == 2 and "--user" in result.err and "nucliactl run -- CMD" in result.err


def test_a_script_without_a_first_line_and_a_path_as_typed(two: Home) -> None:
    script = two.work / "script"
    script.write_text("echo $0 $1 from $PWD\n")
    script.chmod(0o755)
    assert two.process("run", "./script", "a b").out == f"./script a b from {two.work}\n"
    assert two.process("run", "script", "x", PATH=f".:{two.environ['PATH']}").out.endswith(
        f"from {two.work}\n"
    )


def test_what_is_missing_is_told_as_everywhere(two: Home) -> None:
    assert two.process("run", "--profile", "nothing", "true").code == 3
    assert two.process("run", "true", NUCLIA_CONFIG_DIR=str(two.path / "empty")).code == 4
    json_error = two.process("-o", "json", "run", "--profile", "nothing", "true")
    assert json.loads(json_error.err)["exit_code"] == 3
    theirs = two.process("run", "--profile", "nothing", "ls", "-o", "json")
    assert theirs.err.startswith("nucliactl: ")


def test_another_dotenv_is_a_source_of_its_own(two: Home) -> None:
    """Also the one that `env` has written, as the project's own too."""
    (two.work / "x.env").write_text(two.run("env", "--format", "dotenv").out)
    found = shown(two, "--env-file", "x.env", NUCLIA_API_KEY_FILE="/x", NUCLIA_PROFILE="local")
    assert found["NUCLIA_KB_URL"] == URL and "NUCLIA_API_KEY_FILE" not in found
    (two.work / "x.env").rename(two.work / ".env")
    (two.work / ".env").chmod(0o600)
    assert two.run("use", "local").code == 0
    assert two.run("current", "-o", "json").json["kind"] == "kb"


def test_run_and_env_import_nothing_heavy(two: Home) -> None:
    heavy = {"httpx", "tabulate", "tomlkit", "anyio"}
    for words in (("env",), ("run", "--", "true")):
        result = two.program(sys.executable, "-X", "importtime", COMMAND, *words)
        names = {line.rsplit("|", 1)[-1].strip() for line in result.err.splitlines()}
        assert "nucliactl.programs.variables" in names and not names & heavy


# ---- sessions -----------------------------------------------------------------------------------


@pytest.fixture
def sam(person: Home, callback_ports: None) -> Home:
    person.environ["BROWSER"] = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    result = person.process("auth", "login", "--name", "sam")
    assert result.code == 0, result.err
    return person


def test_a_session_hands_over_its_access_token_and_says_when_it_ends(sam: Home) -> None:
    found = sam.process("run", "--", "sh", "-c", "echo $NUCLIA_USER_TOKEN")
    stored = json.loads((sam.store / "credentials/sam.json").read_text())
    assert found.out.strip() == stored["access_token"] and "ends in 29 min" in found.err
    assert stored["refresh_token"] not in sam.process("run", "env").out
    assert sam.process("run", "--", COMMAND, "auth", "status").code == 0


def test_a_session_that_is_about_to_end_is_renewed_before(sam: Home) -> None:
    path = sam.store / "credentials/sam.json"
    before = json.loads(path.read_text())
    path.write_text(
        json.dumps({**before, "issued_at": int(time.time()) - 1795, "expires_at": int(time.time()) + 5})
    )
    found = sam.process("run", "--", "sh", "-c", "echo $NUCLIA_USER_TOKEN")
    after = json.loads(path.read_text())
    assert found.out.strip() == after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]


def test_a_box_on_a_session_is_refused_with_the_key_to_make(sam: Home) -> None:
    assert sam.process("auth", "kb", "handbook").code == 0
    spent = (sam.store / "credentials/sam.json").read_bytes()
    for words in (["run", "--", "true"], ["env"]):
        result = sam.process(*words)
        assert (result.code, result.out) == (2, "")
        assert "nucliactl auth create_api_key " in result.err
    assert (sam.store / "credentials/sam.json").read_bytes() == spent
    hint = next(line for line in result.err.splitlines() if "create_api_key" in line)
    words = hint.split("nucliactl ", 1)[1].split()
    assert sam.process(*words).code == 0
    assert sam.process("run", "--", "true").code == 0


# ---- terminals ----------------------------------------------------------------------------------


def test_ctrl_c_reaches_the_program_once(two: Home) -> None:
    program = (
        "import signal, sys, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.02)\n"
        "time.sleep(0.5)\n"
        "print('interrupts:', len(seen), flush=True)\n"
    )
    terminal = Terminal(two, "run", "--", sys.executable, "-c", program)
    terminal.expect("ready")
    terminal.type("\x03")
    terminal.expect("interrupts: 1")
    assert terminal.close() == 0


def test_a_program_of_the_whole_screen_has_the_terminal(two: Home) -> None:
    program = (
        "import curses\n"
        "def main(screen):\n"
        "    screen.addstr(0, 0, 'size %dx%d' % (curses.COLS, curses.LINES)); screen.refresh()\n"
        "    return screen.getkey()\n"
        "print('key', curses.wrapper(main))\n"
    )
    two.environ["TERM"] = "xterm"
    terminal = Terminal(two, "run", "--", sys.executable, "-c", program, columns=77)
    terminal.expect("size 77x24")
    terminal.type("q")
    terminal.expect("key q")
    assert terminal.close() == 0


def test_an_editor_of_the_whole_screen_saves(two: Home) -> None:
    vi = shutil.which("vi")
    if vi is None:
        missing("vi is not installed")
    two.environ["TERM"] = "xterm"
    terminal = Terminal(two, "run", "--", vi, "file.txt")
    terminal.expect("file.txt")
    terminal.type("ihello\x1b:wq\r")
    assert terminal.close() == 0 and (two.work / "file.txt").read_text() == "hello\n"


def test_job_control_stops_and_goes_on(two: Home) -> None:
    two.environ |= {"PS1": "$ ", "HISTFILE": "/dev/null"}
    terminal = Terminal(two, "--norc", "-i", program=shutil.which("bash") or "bash")
    terminal.type(f"{COMMAND} run -- sh -c 'echo going-$((1+1)); read x; echo got-$x'\n")
    terminal.expect("going-2")
    terminal.type("\x1a")
    terminal.expect("Stopped")
    terminal.type("fg\n")
    terminal.type("word\n")
    terminal.expect("got-word")
    terminal.type("exit 0\n")
    assert terminal.close() == 0


SHELLS = {
    "bash": "export PS1='mine> '\n",
    "zsh": "PS1='mine> '\n",
    "fish": "function fish_prompt; printf 'mine> '; end\n",
    "dash": "",
}


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_shows_whose_credential_it_has(two: Home, name: str) -> None:
    path = installed(name)
    (two.path / ".bashrc").write_text(SHELLS["bash"])
    (two.path / ".zshrc").write_text(SHELLS["zsh"])
    fish = two.path / ".config/fish/config.fish"
    fish.parent.mkdir(parents=True)
    fish.write_text(SHELLS["fish"])
    two.environ |= {"SHELL": path, "TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(two, "run", "--profile", "local", columns=100)
    terminal.expect("a shell with local (nucliadb, http://localhost:8080); exit leaves it")
    terminal.expect("(local)")
    terminal.type("echo $NUCLIACTL_RUN-$NUCLIADB_URL\n")
    terminal.expect("local-http://localhost:8080")
    terminal.type("exit 3\n")
    assert terminal.close() == 3


def test_a_shell_without_a_terminal_reads_its_input(two: Home) -> None:
    assert two.process("run", stdin="echo $NUCLIA_KBID; exit 4\n", SHELL="/bin/sh").code == 4
    assert two.process("run", "--", stdin="echo $NUCLIACTL_RUN\n").out == "handbook\n"
    assert two.process("run", stdin="", SHELL="./sh").code == 6
    assert two.process("run", stdin="", SHELL="/no/shell").code == 127
    assert two.process("run", stdin="exit 5", SHELL="sh").code == 5
    planted = two.work / "mysh"
    planted.write_text("#!/bin/sh\nexit 9\n")
    planted.chmod(0o755)
    assert two.process("run", stdin="", SHELL="mysh", PATH=f".:{two.environ['PATH']}").code == 127


def test_a_shell_within_a_shell_shows_its_own(two: Home) -> None:
    script = f"{COMMAND} run --profile local < inner\n"
    (two.work / "inner").write_text('echo "<$PS1>"\n')
    found = two.process("run", stdin=script, SHELL="/bin/sh", PS1="mine> ")
    assert found.out.splitlines() == ["<(local) mine> >"], found.err


# ---- env ----------------------------------------------------------------------------------------


def test_env_speaks_posix_by_itself_and_json_when_asked(two: Home) -> None:
    assert two.run("env").out == two.run("env", "--format", "posix", "-o", "json").out
    assert two.run("env").out.startswith("unset ")
    assert two.run("env", "-o", "json").json == two.run("env", "--format", "json").json
    assert two.run("env", NUCLIACTL_OUTPUT="json").out == two.run("env").out
    assert two.run("profile", "env").out == two.run("env").out
    assert two.run("env", "--format", "csh").code == 2


def test_a_steps_variables_reach_the_steps_after_it(two: Home) -> None:
    file = two.path / "github-env"
    file.write_text("BEFORE=1")
    result = two.run("env", "--format", "github", GITHUB_ENV=str(file))
    assert (result.code, result.out) == (0, "::add-mask::the-key-of-the-handbook\n")
    text = file.read_text()
    assert text.startswith("BEFORE=1\nNUCLIA_PROFILE<<") and text.count("the-key-of-the-handbook") == 2
    assert two.run("env", "--format", "github", "--profile", "local", GITHUB_ENV=str(file)).out == ""
    printed = two.run("env", "--format", "github", GITHUB_ENV="").out
    assert "\nNUCLIA_KB_URL<<" in printed and printed.startswith("::add-mask::")


@pytest.mark.parametrize("path", ["/dev/full", "/no/such/place", "/"])
def test_a_file_of_the_runner_that_cannot_be_written_is_told(two: Home, path: str) -> None:
    result = two.run("env", "--format", "github", GITHUB_ENV=path)
    assert result.code == 1 and "GITHUB_ENV" in result.err and "unset GITHUB_ENV" in result.err
    assert "the-key-of-the-handbook" not in result.err


def test_what_does_not_fit_is_not_left_half_written(two: Home) -> None:
    file = two.path / "github-env"
    file.write_text("BEFORE=1\n")
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    words = (sys.executable, "-c", code, COMMAND, "env", "--format", "github")
    result = two.program(*words, GITHUB_ENV=str(file))
    assert result.code == 1 and "File too large" in result.err
    assert file.read_text() == "BEFORE=1\n"


def test_a_full_disk_is_told(two: Home) -> None:
    result = two.program("sh", "-c", f"{COMMAND} env > /dev/full")
    assert result.code == 1 and "Standard output cannot be written" in result.err


def test_a_shell_that_evaluates_it_has_the_credential_and_no_other(two: Home) -> None:
    script = (
        "export NUCLIA_API_KEY_FILE=/x NUCLIA_PROFILE=local NUA_API_KEY=old;"
        f'eval "$({COMMAND} env --profile handbook)"; {COMMAND} current -o json; echo ${{NUA_API_KEY-gone}}'
    )
    for shell in ("bash", "dash", "zsh"):
        if shutil.which(shell):
            result = two.program(shell, "-c", script)
            assert result.err == "" and result.out.endswith("gone\n"), result
            assert json.loads(result.out.removesuffix("gone\n"))["kind"] == "kb"


def test_a_persons_own_fish_variables_are_covered_and_not_erased(two: Home) -> None:
    fish = shutil.which("fish")
    if fish is None:
        missing("fish is not installed")
    two.program(fish, "-c", "set -Ux NUA_KEY mine")
    script = (
        f"{COMMAND} env --profile handbook --format fish | source; {COMMAND} current; env | grep ^NUA_KEY"
    )
    result = two.program(fish, "-c", script)
    assert result.out.splitlines() == ["env", "NUA_KEY="], result
    assert two.program(fish, "-c", "echo $NUA_KEY").out == "mine\n"


def test_completion_offers_formats_profiles_and_programs(two: Home) -> None:
    def offered(line: str) -> list[str]:
        variables = {"_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line))}
        code = "import os, sys\nos.dup2(1, 8)\nfrom nucliactl.cli.main import main\nmain([])\n"
        result = two.program(sys.executable, "-c", code, _ARGCOMPLETE_IFS="\n", **variables)
        return [word.split("\x0b")[0].strip() for word in result.out.splitlines()]

    assert offered("nucliactl env --format po") == ["posix", "powershell"]
    assert offered("nucliactl run --profile ha") == ["handbook"]
    assert "python3" in offered("nucliactl run -- python")
    (two.work / "some-file").write_text("")
    assert "some-file" in offered("nucliactl run cat some")
