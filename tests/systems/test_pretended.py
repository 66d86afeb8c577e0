"""Windows and macOS, without one: the package's modules see no module, function or flag that those lack.

What that does not show (a real console, NTFS, what a virus scanner holds open) is said in
docs/how-to/windows-and-proxies.md.
"""

import json
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from support import PATIENCE, Home, Result, Terminal, one_sign_in, until

import nucliactl

pytestmark = pytest.mark.once

PRETENDED = str(Path(__file__).parent / "pretended.py")
VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
STORES = {"windows": "Roaming/nucliactl", "macos": ".config/nucliactl"}
EVERY_MODULE = """
import importlib, pkgutil, sys, nucliactl
before = set(sys.modules)
names = [found.name for found in pkgutil.walk_packages(nucliactl.__path__, "nucliactl.")]
for name in names:
    if name != "nucliactl.__main__":
        importlib.import_module(name)
print(len(names))
"""
LOCKS = """
import sys
from nucliactl.disk.lock import is_held, locked
from nucliactl.errors import NucliactlError
path = sys.argv[1]
print(is_held(path))
with locked(path):
    print(is_held(path))
    try:
        with locked(path, deadline=0):
            print("twice")
    except NucliactlError as error:
        print(error.exit_code)
print(is_held(path))
"""
FILES = """
import os, sys, threading
from nucliactl.disk.atomic import remove_file, write_file
path = sys.argv[1]
write_file(path, b"one\\ntwo\\r\\n\\x1a")
reader = open(path, "rb")
threading.Timer(0.2, reader.close).start()
write_file(path, b"three\\n")
reader = open(path, "rb")
threading.Timer(0.2, reader.close).start()
print(remove_file(path), os.listdir(os.path.dirname(path)))
write_file(path, b"one\\ntwo\\r\\n\\x1a")
"""


class Pretended:
    """A person at another system, whose store is where that system has it."""

    def __init__(self, home: Home, system: str) -> None:
        self.home, self.system = home, system
        self.store = home.path / STORES[system]
        del home.environ["NUCLIA_CONFIG_DIR"]
        home.environ["APPDATA"] = str(home.path / "Roaming")

    def run(self, *words: str, stdin: str | None = None, **variables: str) -> Result:
        result = self.home.program(sys.executable, PRETENDED, self.system, *words, stdin=stdin, **variables)
        assert "Traceback" not in result.err, result.err
        return result


@pytest.fixture(params=["windows", "macos"])
def other(request: pytest.FixtureRequest, person: Home) -> Pretended:
    return Pretended(person, request.param)


@pytest.fixture
def windows(person: Home) -> Pretended:
    return Pretended(person, "windows")


def test_every_module_is_imported_without_those_that_the_system_lacks(other: Pretended) -> None:
    result = other.run("-c", EVERY_MODULE)
    assert result.code == 0 and int(result.out) > 200, result.err


def test_a_day_there(other: Pretended, sandbox: dict[str, str]) -> None:
    for name, number in (("first", ""), ("second", "2")):
        key = sandbox[f"SANDBOX_KB{number}_KEY"]
        saved = other.run("auth", "kb", sandbox[f"SANDBOX_KB{number}_URL"], "-", "--name", name, stdin=key)
        assert saved.code == 0, saved.err
    assert other.run("use", "first").code == 0
    assert other.run("current").out == "first\n"
    assert [row["name"] for row in other.run("list", "-o", "json").json] == ["first", "second"]
    assert other.run("profile", "set", "second", "description=two").code == 0
    assert other.run("profile", "rename", "second", "other").code == 0
    checked = other.run("auth", "status", "--all", "-o", "json")
    assert [row["state"] for row in checked.json] == ["valid", "valid"]
    files = {path.relative_to(other.store).as_posix() for path in other.store.rglob("*") if path.is_file()}
    kept = {name for name in files if not name.startswith("locks/")}
    assert kept == {
        "active.json", "credentials/first.json", "credentials/other.json", "profiles/first.toml", "profiles/other.toml"
    }  # fmt: skip
    assert b"\r" not in b"".join((other.store / name).read_bytes() for name in kept)
    assert other.run("doctor", "--offline").code == 0


def test_a_lock_is_held_by_one(other: Pretended) -> None:
    result = other.run("-c", LOCKS, str(other.home.work / "a.lock"))
    assert result.out.split() == ["False", "True", "1", "False"], result.err


def test_a_refresh_token_is_spent_once_by_two_processes(windows: Pretended) -> None:
    home = windows.home
    with one_sign_in():
        assert home.run("auth", "login", BROWSER=VISITOR, NUCLIA_CONFIG_DIR=str(windows.store)).code == 0
    path = windows.store / "credentials/sam.json"
    found = json.loads(path.read_text())
    path.write_text(json.dumps({**found, "expires_at": int(time.time()) - 1}))
    words = [sys.executable, PRETENDED, "windows", "auth", "status"]
    both = [subprocess.Popen(words, env=home.environ, cwd=home.work) for _ in range(2)]
    assert [process.wait(PATIENCE) for process in both] == [0, 0]
    assert json.loads(path.read_text())["refresh_token"] != found["refresh_token"]
    assert not path.with_suffix(".journal").exists()
    path.write_text(json.dumps({**json.loads(path.read_text()), "expires_at": int(time.time()) - 1}))
    assert windows.run("auth", "status").code == 0  # a token that is spent twice ends the session


def test_what_is_written_on_windows_is_what_was_meant_and_waits_for_readers(windows: Pretended) -> None:
    path = windows.home.work / "folder/file"
    result = windows.run("-c", FILES, str(path))
    assert result.code == 0 and result.out == "True []\n", result.err
    assert path.read_bytes() == b"one\ntwo\r\n\x1a" and [*path.parent.iterdir()] == [path]


def asked(home: Home, *console: str) -> Terminal:
    """Start what asks for a key, and wait until its terminal is as silent as a console between two keys."""
    terminal = Terminal(home, *console, program=sys.executable)
    terminal.expect("NUA key: ")
    until(lambda: not termios.tcgetattr(terminal.fd)[3] & termios.ECHO)
    return terminal


def test_a_secret_is_typed_at_a_console_and_not_shown(windows: Pretended, sandbox: dict[str, str]) -> None:
    console = (PRETENDED, "windows", "auth", "nua", "--name", "typed")
    typing = asked(windows.home, *console)
    key = sandbox["SANDBOX_NUA_KEY"]
    typing.type(f"\x00H{key[:9]}?\b{key[9:]}\r")  # an arrow, and one letter too many
    typing.expect("saved as typed")
    assert typing.close() == 0 and key[-9:] not in typing.seen
    leaving = asked(windows.home, *console)
    leaving.type("half\x03")
    assert leaving.close() == 130 and "half" not in leaving.seen


def test_programs_on_windows_are_started_beside_us(windows: Pretended, sandbox: dict[str, str]) -> None:
    profiles = windows.store / "profiles"
    profiles.mkdir(parents=True)
    head = f'kind = "kb"\nurl = "{sandbox["SANDBOX_KB_URL"]}"\n'
    (profiles / "good.toml").write_text(head + 'api_key_command = ["sh", "-c", "echo $SANDBOX_KB_KEY"]\n')
    (profiles / "bad.toml").write_text(head + 'api_key_command = ["sh", "-c", "echo locked >&2; exit 3"]\n')
    script = 'echo "$NUCLIA_KB_URL"; exit 7'
    ran = windows.run("run", "--profile", "good", "--", "sh", "-c", script)
    assert (ran.code, ran.out) == (7, sandbox["SANDBOX_KB_URL"] + "\n"), ran.err
    failed = windows.run("--profile", "bad", "auth", "token")
    assert failed.code == 4 and "ended with 3 and said: locked" in failed.err
    missing = windows.run("run", "--profile", "good", "--", "not-there")
    assert missing.code == 127 and "not-there is nowhere on PATH" in missing.err


def test_paths_of_windows_are_separated_by_its_own_sign(windows: Pretended) -> None:
    for name in ("one", "two"):
        (windows.home.work / name).mkdir()
        (windows.home.work / name / f"{name}.toml").write_text(
            'kind = "nucliadb"\nurl = "http://localhost:8080"\n'
        )
    path = ";".join(str(windows.home.work / name) for name in ("one", "two"))
    listed = windows.run("list", "-o", "name", NUCLIA_PROFILES_PATH=path)
    assert listed.out == "one\ntwo\n", listed.err
    assert nucliactl.__version__ in windows.run("version").out
