"""The list that a person picks from: ours, and fzf, in a real terminal."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from jobs import Job
from support import BIN, COMMAND, Home, Terminal, installed, until

pytestmark = pytest.mark.once

CLOUD = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-0000-4000-8000-000000000001"


def profiles(home: Home) -> None:
    for name, title in (("acme-wiki", "The wiki"), ("acme-zoo", "Animals"), ("other", "Zürich 東京")):
        home.define(name, f'kind = "kb"\nurl = "{CLOUD}"\ntitle = "{title}"\naccount_slug = "acme"\n')
    home.environ["TERM"] = "xterm-256color"


def without_fzf(home: Home) -> None:
    home.environ["PATH"] = str(BIN)


def test_the_list_is_walked_filtered_and_left(home: Home) -> None:
    profiles(home)
    without_fzf(home)
    for keys, code, chosen in (
        ("zoo\r", 0, "acme-zoo"),
        ("\x1b[B\x1b[B\r", 0, "other"),
        ("tokyo\x15ürich\r", 0, "other"),
        ("acme\x1b[A\x1b[B\r", 0, "acme-zoo"),
        ("nothing like it\r\x03", 130, "acme-zoo"),
        ("\x1b", 130, "acme-zoo"),
        ("\x04", 130, "acme-zoo"),
    ):
        terminal = Terminal(home, "use", columns=80)
        terminal.expect("3/3")
        terminal.expect("Zürich 東京")
        terminal.type(keys)
        assert terminal.close() == code, terminal.seen
        assert home.run("current").out == f"{chosen}\n"


def test_a_project_and_the_working_directory_have_no_say_in_fzf(home: Home) -> None:
    profiles(home)
    mark = home.path / "ran"
    for folder in (home.work, home.work / "bin"):
        folder.mkdir(exist_ok=True)
        (folder / "fzf").write_text(f"#!/bin/sh\ntouch {mark}\n")
        (folder / "fzf").chmod(0o755)
    (home.work / ".env").write_text(
        f"PATH={home.work}/bin\nNUCLIA_PROFILE=acme-zoo\nFZF_DEFAULT_OPTS=--bind=x\n"
    )
    home.environ["PATH"] = f".:bin:{BIN}"
    terminal = Terminal(home, "use", columns=80)
    terminal.expect("3/3")
    terminal.type("\x1b")
    assert terminal.close() == 130 and not mark.exists()


def test_an_fzf_that_fails_leaves_the_list(home: Home) -> None:
    profiles(home)
    folder = home.path / "bin"
    folder.mkdir()
    (folder / "fzf").write_text("#!/bin/sh\nexit 2\n")
    (folder / "fzf").chmod(0o755)
    home.environ["PATH"] = f"{folder}:{BIN}:/usr/bin:/bin"
    terminal = Terminal(home, "use", columns=80)
    terminal.expect("failed with 2; here is a list without it")
    terminal.expect("3/3")
    terminal.type("zoo\r")
    assert terminal.close() == 0 and home.run("current").out == "acme-zoo\n"


def test_fzf_is_left_alone_where_people_want_that(home: Home) -> None:
    profiles(home)
    mark = home.path / "ran"
    folder = home.path / "bin"
    folder.mkdir()
    (folder / "fzf").write_text(f"#!/bin/sh\ntouch {mark}\nexit 2\n")
    (folder / "fzf").chmod(0o755)
    home.environ |= {"PATH": f"{folder}:{BIN}:/usr/bin:/bin", "NUCLIACTL_IGNORE_FZF": "yes"}
    terminal = Terminal(home, "use", columns=80)
    terminal.expect("3/3")
    terminal.type("zoo\r")
    assert terminal.close() == 0 and home.run("current").out == "acme-zoo\n" and not mark.exists()
    for value, code in (("maybe", 2), ("0", 130)):
        home.environ["NUCLIACTL_IGNORE_FZF"] = value
        terminal = Terminal(home, "use", columns=80)
        if code == 130:
            terminal.expect("3/3")
            terminal.type("\x1b")
        assert terminal.close() == code, terminal.seen
    assert mark.exists()


def test_a_box_is_picked_from_the_same_list(person: Home, sandbox: dict[str, str]) -> None:
    without_fzf(person)
    person.environ["TERM"] = "xterm"
    person.run("auth", "set_user_token", "-", "--name", "me", stdin=sandbox["SANDBOX_USER_TOKEN"])
    terminal = Terminal(person, "auth", "kb", columns=80)
    terminal.expect("Knowledge Box>")
    terminal.expect("handbook")
    terminal.type("handb\r")
    assert terminal.close() == 0 and "saved as handbook" in terminal.seen


def test_with_nobody_signed_in_a_box_is_asked_for_by_its_url(home: Home) -> None:
    terminal = Terminal(home, "auth", "kb", columns=100)
    terminal.expect("With its URL and an API key: nucliactl auth kb URL -")
    assert terminal.close() == 4, terminal.seen


def test_what_comes_from_outside_does_not_control_the_list(home: Home) -> None:
    without_fzf(home)
    home.environ["TERM"] = "xterm"
    home.define("one", f'kind = "kb"\nurl = "{CLOUD}"\ntitle = "\\u001b]0;mine\\u0007"\n')
    terminal = Terminal(home, "use", columns=80)
    terminal.expect("1/1")
    terminal.type("\r")
    assert terminal.close() == 0 and "\x1b]" not in terminal.seen


def test_fzf_lists_with_its_own_settings(home: Home) -> None:
    profiles(home)
    installed("fzf")
    home.environ["FZF_DEFAULT_OPTS"] = "--filter=zoo --print-query --print0"
    terminal = Terminal(home, "use", columns=80)
    assert terminal.close() == 0, terminal.seen
    assert home.run("current").out == "acme-zoo\n"


class Screen:
    """A shell in tmux: what stands on the screen, and keys that are typed."""

    def __init__(self, socket: str) -> None:
        self._words = (installed("tmux"), "-S", socket, "-f", "/dev/null")

    def tmux(self, *words: str) -> str:
        return subprocess.run([*self._words, *words], capture_output=True, text=True, check=True).stdout

    def shows(self, text: str) -> str:
        until(lambda: text in self.tmux("capture-pane", "-p"))
        return self.tmux("capture-pane", "-p")

    def type(self, *keys: str) -> None:
        self.tmux("send-keys", *keys)


@contextmanager
def screen(home: Home) -> Iterator[Screen]:
    with tempfile.TemporaryDirectory(prefix="tmux-") as folder:
        found = Screen(f"{folder}/s")
        shell = ["env", "-i", *(f"{name}={value}" for name, value in home.environ.items() if name != "TERM")]
        shell += ["TERM=screen", "PS1=$ ", installed("bash"), "--norc", "--noprofile"]
        found.tmux("new-session", "-d", "-x", "80", "-y", "24", "-c", str(home.work), *shell)
        try:
            found.shows("$")
            yield found
        finally:
            found.tmux("kill-server")


@pytest.mark.parametrize("picker", ["fzf", "list"])
def test_three_letters_and_enter_switch_and_the_screen_is_as_before(home: Home, picker: str) -> None:
    profiles(home)
    home.environ["PATH"] = (
        f"{BIN}:{installed('fzf').rpartition('/')[0]}:/usr/bin:/bin" if picker == "fzf" else str(BIN)
    )
    with screen(home) as shown:
        shown.type("echo before", "Enter", "nucliactl use", "Enter")
        first = shown.shows("3/3")
        rows = [line.split() for line in first.splitlines() if "acme" in line]
        assert ["acme-zoo", "kb", "Animals", "acme"] in [row[-4:] for row in rows], first
        shown.type("zoo")
        shown.shows("1/3")
        shown.type("Enter")
        after = shown.shows("now using acme-zoo")
        assert "3/3" not in after and "before" in after and "The wiki" not in after
        shown.type("clear; nucliactl profile delete acme-zoo", "Enter")
        shown.shows("Delete acme-zoo (kb, ")
        shown.type("y", "Enter")
        shown.shows("deleted acme-zoo")
    assert sorted(home.run("list", "-o", "name").out.split()) == ["acme-wiki", "other"]


def test_the_list_follows_the_size_of_the_terminal(home: Home) -> None:
    without_fzf(home)
    for number in range(40):
        home.define(f"box-{number:02}", f'kind = "kb"\nurl = "{CLOUD}"\n')
    with screen(home) as shown:
        shown.type(f"{COMMAND} use", "Enter")
        assert shown.shows("box-14").count("box-") == 15
        shown.tmux("resize-window", "-x", "40", "-y", "8")
        until(lambda: 0 < shown.tmux("capture-pane", "-p").count("box-") < 8)
        shown.type(*["Down"] * 30)
        shown.shows(">    box-30")
        shown.tmux("resize-window", "-x", "80", "-y", "24")
        until(lambda: shown.tmux("capture-pane", "-p").count("box-") == 15)
        shown.type("Enter")
        shown.shows("now using box-30")


@pytest.mark.parametrize(
    ("picker", "number"),
    [("fzf", "TERM"), ("fzf", "QUIT"), ("list", "TERM"), ("list", "QUIT"), ("list", "INT")],
)
def test_the_terminal_comes_back_whatever_ends_the_list(home: Home, picker: str, number: str) -> None:
    profiles(home)
    if picker == "fzf":
        installed("fzf")
    else:
        without_fzf(home)
    job = Job(home, "use")
    job.expect("3/3")
    until(job.is_silent)
    subprocess.run(["kill", f"-{number}", str(job.job)], check=True)
    ended = {"TERM": -15, "HUP": -1, "QUIT": -3, "INT": 130}[number]
    job.expect(f"ended {ended} echo returned")
    assert job.close() == 0 and "Traceback" not in job.seen
    assert job.seen.count("\x1b[?1049h") == job.seen.count("\x1b[?1049l")
    assert job.seen.count("\x1b[?2004h") <= job.seen.count("\x1b[?2004l")


def test_ten_thousand_are_listed_while_they_are_read(home: Home) -> None:
    without_fzf(home)
    home.environ["TERM"] = "xterm"
    home.define("box-0000", f'kind = "kb"\nurl = "{CLOUD}"\n')
    folder = home.store / "profiles"
    for number in range(1, 10_000):
        (folder / f"box-{number:04}.toml").hardlink_to(folder / "box-0000.toml")
    terminal = Terminal(home, "use", columns=80)
    terminal.expect("box-0000")
    assert "0/10000" not in terminal.seen
    terminal.type("9998")
    terminal.expect("box-9998")
    terminal.type("\r")
    assert terminal.close() == 0 and home.run("current").out == "box-9998\n"
