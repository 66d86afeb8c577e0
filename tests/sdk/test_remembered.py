"""A second `resolve()` opens no file, and sees every change that a fresh process would see."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import REPO, Home, missing, until

KB = "https://a.dp.progress.cloud/api/v1/kb/{0}"
DEFINITION = 'kind = "kb"\nurl = "' + KB + '"\n'
OTHER = "nucliadb"
PACKAGE = REPO / "nucliactl"

# Answers each line of its input, a list of steps, with what `resolve()` gives before and after it.
# Files count as settled at once: a step waits until the file system's clock has gone on.
DRIVER = """
import json, logging, os, sys
import nucliactl
from nucliactl.disk import sight
from nucliactl.sources import remembered

nucliactl.resolve  # every module is there
system = os.environ.pop("SYSTEM")
for module in [found for name, found in sys.modules.items() if name.startswith("nucliactl.")]:
    if hasattr(module, "SYSTEM"):
        module.SYSTEM = system
if os.environ.pop("SETTLE", None) is None:
    sight.SETTLED = -(10**18)
if os.environ.pop("BUSY", None):  # directories in which something changes all the time
    sight._in_folder = lambda *_: False
opened, told = [], []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event in ("open", "os.listdir") else None)
handler = logging.Handler()
handler.emit = lambda record: told.append(record.getMessage())
logging.getLogger("nucliactl").addHandler(handler)


def asked(kind=None):
    opened.clear()
    told.clear()
    try:
        p = nucliactl.resolve(kind=kind)
        said = [p.name, p.kind, p.source, p.defined_in, p.url, p.account, p.timeout, list(p.origins)]
    except nucliactl.NucliactlError as error:
        said = [type(error).__name__, error.message, error.hint]
    return [said, list(told)], list(opened)


def tick():
    last = os.environ["HOME"] + "/clock"
    before = os.stat(last).st_ctime_ns if os.path.exists(last) else 0
    while True:
        with open(last, "w") as file:
            file.write("x")
        if os.stat(last).st_ctime_ns > before:
            return


def written(path, text, mode=0o600):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.unlink(path)
    with open(path, "w") as file:
        file.write(text)
    os.chmod(path, mode)


def linked(path, target):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.symlink(target, path + ".new")
    os.replace(path + ".new", path)


def do(verb, *args):
    if verb == "write":
        written(*args)
    elif verb == "append":
        with open(args[0], "a") as file:
            file.write(args[1])
    elif verb == "remove":
        os.unlink(args[0]) if os.path.lexists(args[0]) else None
    elif verb == "mode":
        os.chmod(args[0], args[1]) if os.path.exists(args[0]) else None
    elif verb == "make":
        os.makedirs(args[0], exist_ok=True)
    elif verb == "move":
        os.rename(args[0], args[1])
    elif verb == "link":
        linked(*args)
    elif verb == "owner":
        os.chown(args[0], args[1], -1)
    elif verb == "set":
        os.environ[args[0]] = args[1]
    elif verb == "unset":
        os.environ.pop(args[0], None)
    elif verb == "cwd":
        os.chdir(args[0])


tick()  # its file comes before the first look at its directory
for line in sys.stdin:
    steps, kind = json.loads(line)
    asked(kind)
    again, opens = asked(kind)
    tick()
    for step in steps:
        do(*step)
    tick()
    after, _ = asked(kind)
    remembered.forget()
    fresh, _ = asked(kind)
    kept = [os.fsdecode(look.path) for known in remembered._memories.values() for look in known.sight]
    print(json.dumps([again, opens, after, fresh, kept]), flush=True)
"""


@pytest.fixture
def lived_in(home: Home) -> Home:
    """A store with two profiles, of which one is active; a project below the home; settings of the system."""
    for name in ("a", "b"):
        home.define(name, DEFINITION.format(name))
        credential = {"version": 1, "kind": "kb", "origins": ["https://a.dp.progress.cloud"], "secret": "k"}
        written(home.store / f"credentials/{name}.json", json.dumps(credential))
    written(home.store / "active.json", active("a"))
    written(home.path / "mounted/key", "k" * 20)
    home.work = home.path / "project/src/deep"
    home.work.mkdir(parents=True)
    (home.path / "project/.git").mkdir()
    home.environ["SYSTEM"] = str(home.path / "etc")
    return home


def active(name: str) -> str:
    return json.dumps({"version": 1, "current": name, "previous": None, "last": {}})


def written(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o600)


def driven(home: Home, *steps: Any, kind: Any = None, **variables: str) -> list[Any]:
    """Return what the second call gave and opened, what the next gave after the steps, what a fresh look
    gives then, and where the last answer looked."""
    result = home.python(DRIVER, stdin=json.dumps([steps, kind]) + "\n", **variables)
    assert result.code == 0, result.err
    found: list[Any] = result.json
    return found


KEY = {"NUCLIA_KB_URL": KB.format("env"), "NUCLIA_API_KEY": "k"}
FILE = {"NUCLIA_KB_URL": KB.format("env"), "NUCLIA_API_KEY_FILE": "{home}/mounted/key"}
DOTENV = f"NUCLIA_KB_URL={KB.format('e')}\nNUCLIA_API_KEY=k\n"
CHANGES: dict[str, tuple[dict[str, str], list[list[Any]]]] = {
    "a variable comes": ({}, [["set", name, value] for name, value in KEY.items()]),
    "a variable goes": (KEY, [["unset", name] for name in KEY]),
    "a variable names another": ({}, [["set", "NUCLIA_PROFILE", "b"]]),
    "a variable that is near to one of ours": ({}, [["set", "NUCLIA_APIKEY", "k"]]),
    "the store of a variable": ({}, [["set", "NUCLIA_CONFIG_DIR", "{home}/nowhere"]]),
    "the switched-to profile": ({}, [["write", "{store}/active.json", active("b")]]),
    "no profile is switched to": ({}, [["remove", "{store}/active.json"]]),
    "a .env in the working directory": ({}, [["write", "{work}/.env", DOTENV]]),
    "a .env in a directory above": ({}, [["write", "{home}/project/.env", DOTENV]]),
    "a .env that was a link to nothing": ({}, [["write", "{work}/deeper/env", DOTENV]]),
    "a pin in the working directory": ({}, [["write", "{work}/.nuclia-profile", "b\n"]]),
    "a pin in a directory above": ({}, [["write", "{home}/project/.nuclia-profile", "b\n"]]),
    "a pin that is a link": (
        {},
        [["write", "{work}/pin", "b\n"], ["link", "{work}/.nuclia-profile", "{work}/pin"]],
    ),
    "a mark of a repository": ({}, [["make", "{work}/.git"]]),
    "the mark of a repository goes": ({}, [["move", "{home}/project/.git", "{home}/project/.gone"]]),
    "another working directory": ({}, [["write", "{home}/p/.nuclia-profile", "b\n"], ["cwd", "{home}/p"]]),
    "the working directory under another name": (
        {},
        [["move", "{home}/project", "{home}/renamed"], ["write", "{home}/renamed/.nuclia-profile", "b"]],
    ),
    "settings of the store": ({}, [["write", "{store}/config.toml", "timeout = 7\n"]]),
    "settings of the system": ({}, [["write", "{home}/etc/config.toml", "timeout = 8\n"]]),
    "a definition": ({}, [["write", "{store}/profiles/a.toml", DEFINITION.format("new")]]),
    "a definition in the same place": ({}, [["append", "{store}/profiles/a.toml", 'account = "x"\n']]),
    "a definition that everybody may write": ({}, [["mode", "{store}/profiles/a.toml", 0o666]]),
    "a store that everybody may write": ({}, [["mode", "{store}", 0o777]]),
    "definitions that everybody may write": ({}, [["mode", "{store}/profiles", 0o777]]),
    "credentials that everybody may write": ({}, [["mode", "{store}/credentials", 0o777]]),
    "a definition goes": ({}, [["remove", "{store}/profiles/a.toml"]]),
    "a definition is a link that is turned": (
        {},
        [["write", "{home}/other.toml", DEFINITION.format("t")], ["link", "{store}/profiles/a.toml", "{home}/other.toml"]],
    ),
    "a link above the store is turned": (
        {"NUCLIA_CONFIG_DIR": "{home}/linked"},
        [["link", "{home}/linked", "{home}/twin"]],
    ),
    "another store takes its place": (
        {},
        [["move", "{store}", "{home}/old"], ["move", "{home}/twin", "{store}"]],
    ),
    "other definitions take their place": (
        {},
        [["move", "{store}/profiles", "{home}/old"], ["move", "{home}/twin/profiles", "{store}/profiles"]],
    ),
    "a nearer directory": ({}, [["write", "{store}/profiles/far.toml", DEFINITION.format("near")]]),
    "what is extended": ({}, [["write", "{store}/profiles/base.toml", DEFINITION.format("base") + 'account = "acme"\n']]),
    "a credential goes": ({}, [["remove", "{store}/credentials/a.json"]]),
    "a credential that others may read": ({}, [["mode", "{store}/credentials/a.json", 0o604]]),
    "a credential of another kind": ({}, [["write", "{store}/credentials/a.json", "{}"]]),
    "a mounted secret goes": (FILE, [["remove", "{home}/mounted/key"]]),
    "a mounted secret is empty": (FILE, [["write", "{home}/mounted/key", ""]]),
    "a mounted secret that everybody may write": (FILE, [["mode", "{home}/mounted/key", 0o666]]),
    "the official client's file": ({"NUCLIA_CONFIG_DIR": "{home}/nowhere"}, [["write", "{home}/.nuclia/config", json.dumps({"token": "t"})]]),
}  # fmt: skip


@pytest.mark.parametrize("busy", ["", "busy"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_next_call_sees_what_has_changed(lived_in: Home, change: str, busy: str) -> None:
    places = {"{home}": lived_in.path, "{store}": lived_in.store, "{work}": lived_in.work}

    def here(value: Any) -> Any:
        for name, path in places.items():
            value = value.replace(name, str(path)) if isinstance(value, str) else value
        return value

    variables, steps = CHANGES[change]
    if change == "a nearer directory":
        written(lived_in.path / "more/far.toml", DEFINITION.format("far") + 'api_key = "k"\n')
        variables = {"NUCLIA_PROFILES_PATH": "{home}/more", "NUCLIA_PROFILE": "far"}
    if change == "a mark of a repository":
        written(lived_in.path / "project/.nuclia-profile", "b\n")
    if change == "a .env that was a link to nothing":
        (lived_in.work / "deeper").mkdir()
        (lived_in.work / ".env").symlink_to("deeper/env")
    if change == "the mark of a repository goes":
        written(lived_in.path / "project/.nuclia-profile", "b\n")
    if "{home}/twin" in str(steps):  # all of it as old as the store: nothing but what is in its place tells
        shutil.copytree(lived_in.store, lived_in.path / "twin")
        written(lived_in.path / "twin/profiles/a.toml", DEFINITION.format("twin"))
        (lived_in.path / "linked").symlink_to(lived_in.store)
    if change == "what is extended":
        lived_in.define("base", DEFINITION.format("base"))
        lived_in.define("a", DEFINITION.format("a") + 'extends = "base"\n')
    again, opened, after, fresh, _ = driven(
        lived_in,
        *([here(word) for word in step] for step in steps),
        BUSY=busy,
        **{name: here(value) for name, value in variables.items()},
    )
    remembers = isinstance(again[0], list) and again[0][0] not in ("NothingConfigured",)
    assert opened == [] or not remembers
    assert after == fresh
    assert again != after


def test_what_is_asked_for_by_kind_is_remembered_too(lived_in: Home) -> None:
    lived_in.define("db", 'kind = "' + OTHER + '"\nurl = "http://127.0.0.1:8080"\n')
    second = [
        "write",
        f"{lived_in.store}/profiles/db2.toml",
        f'kind = "{OTHER}"\nurl = "http://127.0.0.1:8081"\n',
    ]
    again, opened, after, fresh, _ = driven(lived_in, second, kind=OTHER)
    assert (again[0][0], opened) == ("db", [])
    assert after == fresh
    assert after[0][0] == "Ambiguous"


def test_a_directory_that_kubernetes_swaps(lived_in: Home) -> None:
    for number in (1, 2):
        definition = DEFINITION.format(f"n{number}") + 'api_key = "k"\n'
        written(lived_in.path / f"mount/..{number}/m.toml", definition)
    (lived_in.path / "mount/..data").symlink_to("..1")
    (lived_in.path / "mount/m.toml").symlink_to("..data/m.toml")
    swap = ["link", str(lived_in.path / "mount/..data"), "..2"]
    variables = {"NUCLIA_PROFILES_PATH": str(lived_in.path / "mount"), "NUCLIA_PROFILE": "m"}
    again, opened, after, fresh, _ = driven(lived_in, swap, **variables)
    assert (again[0][4], opened, after[0][4]) == (KB.format("n1"), [], KB.format("n2"))
    assert after == fresh


def test_a_project_s_choice_is_announced_each_time(lived_in: Home) -> None:
    written(lived_in.work / ".nuclia-profile", "b\n")
    again, opened, after, _, _ = driven(lived_in)
    assert opened == []
    assert again[1] == after[1] == [f"using profile b, chosen by {lived_in.work}/.nuclia-profile"]


def test_a_file_that_was_just_written_is_not_taken_for_settled(lived_in: Home) -> None:
    """Within one moment of the file system's clock a second change would leave no trace."""

    def opens() -> list[str]:
        found: list[str] = driven(lived_in, SETTLE="1")[1]
        return found

    first = lived_in.store / "active.json"
    written(first, active("a"))
    assert str(first) in opens()
    until(lambda: opens() == [])


def test_a_change_of_the_same_length_at_the_same_time_of_change(lived_in: Home) -> None:
    program = """
import os, nucliactl
path = os.environ["NUCLIA_CONFIG_DIR"] + "/active.json"
for _ in range(200):
    for name in "ab":
        with open(path, "r+") as file:
            file.write(open(path).read().replace("b" if name == "a" else "a", name, 1) if 0 else TEXT[name])
        os.utime(path, (1, 1))
        assert nucliactl.resolve().name == name
"""
    texts = {name: active(name) for name in "ab"}
    result = lived_in.python(f"TEXT = {texts!r}\n{program}")
    assert result.code == 0, result.err


def test_every_path_that_an_answer_asked_for_is_looked_at_again(lived_in: Home) -> None:
    if shutil.which("strace") is None:
        missing("strace is not installed")
    written(lived_in.work / ".env", "NUCLIA_ACCOUNT=acme\n")
    lived_in.environ.pop("SYSTEM")
    program = f"""
import os, sys
import nucliactl
from nucliactl.disk import sight
from nucliactl.sources import remembered
sight.SETTLED = -(10**18)
os.chdir({str(lived_in.work)!r})
nucliactl.resolve()
remembered.forget()
for mark in range(3):
    os.path.exists(f"/mark{{mark}}")
    nucliactl.resolve()
(known,) = remembered._memories.values()
for look in known.sight:
    print(look.eye.__name__, os.fsdecode(look.path))
"""
    trace = lived_in.path / "trace"
    words = ["strace", "-o", str(trace), "-e", "trace=file,getdents64", sys.executable, "-c", program]
    done = subprocess.run(words, env=lived_in.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    looks = [line.split(" ", 1) for line in done.stdout.splitlines()]
    again = {path for _, path in looks}
    folders = {path for eye, path in looks if eye == "stamp_at"}
    cold, warm = re.split(r".*/mark[12].*", trace.read_text().split("/mark0", 1)[1])[:2]
    asked = {path for line in cold.splitlines() for path in re.findall(r'"(/[^"]*)"', line)}
    asked.discard(str(lived_in.work))  # getcwd
    assert len(asked) > 10
    assert {path for path in asked if path not in again and os.path.dirname(path) not in folders} == set()
    assert "openat(" not in warm
    assert "stat" in warm


LOOKS = re.compile(
    r"\bos\.(stat|lstat|access|readlink|listdir|scandir|open)\(|(?<![.\w])open\("
    r"|\bos\.path\.(exists|lexists|isfile|isdir|islink|realpath|ismount|getsize|getmtime)\("
)
THEMSELVES = {  # what looks at the disk there is noted, or said to be unrepeatable
    "disk/witness.py", "disk/sight.py", "disk/looking.py", "disk/reading.py", "disk/mounts.py", "disk/owners.py",
    "store/folder.py",  # look_through: notes the directory first
    "store/keeping.py",  # the room for a credential that is written
    "store/in_keyring.py",
}  # fmt: skip
WRITERS = {"disk/atomic.py", "disk/leftovers.py", "disk/lock.py", "disk/making.py"}


def test_whoever_reads_looks_by_the_witness() -> None:
    rooms = [
        path for room in ("disk", "store", "sources", "resolver") for path in (PACKAGE / room).rglob("*.py")
    ]
    found = {str(path.relative_to(PACKAGE)) for path in rooms if LOOKS.search(path.read_text())}
    assert found - THEMSELVES - WRITERS == set()


def test_what_is_remembered_holds_no_secret_and_is_bounded(lived_in: Home) -> None:
    program = """
import gc, os, types
import nucliactl
from nucliactl.disk import sight
from nucliactl.sources import remembered
sight.SETTLED = -(10**18)
os.environ.update(NUCLIA_KB_URL="https://a.dp.progress.cloud/api/v1/kb/e", NUCLIA_API_KEY="hidden-" + "value")
assert nucliactl.resolve().name == "env"
assert remembered._memories
del os.environ["NUCLIA_API_KEY"]
seen, left, texts = set(), [remembered._memories], []
while left:
    one = left.pop()
    if id(one) in seen or isinstance(one, (type, types.ModuleType, types.FunctionType)):
        continue
    seen.add(id(one))
    texts.append(repr(one)) if isinstance(one, (str, bytes)) else left.extend(gc.get_referents(one))
assert any("NUCLIA_API_KEY" in text for text in texts)
assert not any("hidden-" in text for text in texts)
del os.environ["NUCLIA_KB_URL"]
for number in range(100):
    nucliactl.resolve(os.fsdecode(b"a"), kind=["kb"] * number or None)
assert 1 <= len(remembered._memories) <= 32
nucliactl.reset()
assert not remembered._memories
"""
    result = lived_in.python(program)
    assert result.code == 0, result.err


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root changes its groups")
@pytest.mark.parametrize("change", ["os.setgroups([])", "os.setegid(65534)", "os.seteuid(65533)"])
def test_a_process_that_gives_up_a_group_or_its_user_loses_what_was_open_to_them(
    lived_in: Home, change: str
) -> None:
    """The files look the same, and their directories stay open to all."""
    program = f"""
import os
import nucliactl
from nucliactl.disk import sight
nucliactl.warm()
sight.SETTLED = -(10**18)
os.chdir("/")
os.setgroups([4242] if "groups" in {change!r} else [])
os.setegid(4242)
os.seteuid(65534)
for _ in range(2):
    print(nucliactl.resolve().name)
os.seteuid(0)
if "groups" in {change!r}:
    os.setegid(65534)
{change}
if "seteuid" not in {change!r}:
    os.seteuid(65534)
try:
    print(nucliactl.resolve().name)
except nucliactl.NucliactlError as error:
    print(type(error).__name__)
"""
    with tempfile.TemporaryDirectory() as open_to_all:
        store = Path(open_to_all) / "store"
        shutil.copytree(lived_in.store, store)
        for path in (Path(open_to_all), store, *store.rglob("*")):
            owner = 65534 if "seteuid" in change else 0
            os.chown(path, owner, 4242)
            path.chmod(0o755 if path.is_dir() else 0o600 if owner else 0o640)
        result = lived_in.python(program, NUCLIA_CONFIG_DIR=str(store))
    assert result.out == "a\na\nUnreadable\n", result.err


def test_two_callers_do_not_share_what_they_change(lived_in: Home) -> None:
    lived_in.define("db", 'kind = "' + OTHER + '"\nurl = "http://127.0.0.1:8080"\nroles = ["READER"]\n')
    program = """
import nucliactl
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
one = nucliactl.resolve("db")
one.timeout = 1.0
for held in one.values:
    if isinstance(held.value, list):
        held.value.append("WRITER")
two = nucliactl.resolve("db")
print(two.timeout, [held.value for held in two.values if held.key == "roles"])
"""
    result = lived_in.python(program)
    assert result.out == "30.0 [['READER']]\n", result.err


def test_threads_and_forked_children_see_changes(lived_in: Home) -> None:
    program = """
import os, threading
import nucliactl
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
nucliactl.resolve()
seen, stop = set(), threading.Event()
def ask():
    while not stop.is_set():
        seen.add(nucliactl.resolve().name)
threads = [threading.Thread(target=ask) for _ in range(4)]
for thread in threads:
    thread.start()
path = os.environ["NUCLIA_CONFIG_DIR"] + "/active.json"
for name in "ba" * 20 + "b":
    with open(path + ".new", "w") as file:
        file.write(TEXT[name])
    os.replace(path + ".new", path)
    assert nucliactl.resolve().name == name
    pid = os.fork()
    if pid == 0:
        os._exit(0 if nucliactl.resolve().name == name else 1)
    assert os.waitpid(pid, 0)[1] == 0
stop.set()
for thread in threads:
    thread.join()
assert seen <= {"a", "b"}, seen
"""
    texts = {name: active(name) for name in "ab"}
    result = lived_in.python(f"TEXT = {texts!r}\n{program}")
    assert result.code == 0, result.err


def test_an_override_and_a_login_are_asked_first(lived_in: Home) -> None:
    program = """
import nucliactl
from nucliactl import sdk
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
print(nucliactl.resolve().name, nucliactl.resolve().name)
with nucliactl.override("b"):
    print(nucliactl.resolve().name, nucliactl.resolve().name)
print(nucliactl.resolve().name)
"""
    result = lived_in.python(program)
    assert result.out == "a a\nb b\na\n", result.err


# What another thread does while `resolve()` works, and takes back before it is done.
MEANWHILE = {
    "a variable": ("resolve_sources", "patch.dict(os.environ, NUCLIA_PROFILE='b')", "a"),
    "a choice for the whole process": ("snapshot", "nucliactl.testing.override('b')", "b"),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_what_another_thread_takes_back_is_not_remembered(lived_in: Home, what: str) -> None:
    step, block, during = MEANWHILE[what]
    program = f"""
import os
from unittest.mock import patch
import nucliactl.testing
from nucliactl import api
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
real = api.{step}
def meanwhile(*given):
    with {block}:
        return real(*given)
with patch.object(api, "{step}", meanwhile):
    print(nucliactl.resolve().name)
print(nucliactl.resolve().name)
"""
    result = lived_in.python(program)
    assert result.out == f"{during}\na\n", result.err


# ---- any edits ------------------------------------------------------------------------------------------------


@contextmanager
def driver(home: Home) -> Iterator[Any]:
    """A process that answers until the block ends: what is given to it are steps."""
    words = [sys.executable, "-c", DRIVER]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=home.environ, cwd=home.work
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def ask(*steps: Any, kind: str | None = None) -> list[Any]:
            process.stdin.write(json.dumps([steps, kind]) + "\n")
            process.stdin.flush()
            found: list[Any] = json.loads(process.stdout.readline())
            return found

        yield ask
        process.stdin.close()


FOLDERS = ("{work}", "{home}/project/src", "{home}/project")
FILES = (
    *((f"{folder}/.env", text) for folder in FOLDERS for text in (DOTENV, "NUCLIA_PROFILE=b\n", "OTHER=1\n", "")),
    *((f"{folder}/.nuclia-profile", text) for folder in FOLDERS for text in ("a\n", "b\n", "c\n", "# none\n")),
    *(("{store}/active.json", text) for text in (active("a"), active("b"), active("a,c"), "{")),
    *(("{store}/config.toml", text) for text in ("timeout = 5\n", "timeout = 6\n", "timeout = \n")),
    *((f"{{store}}/profiles/{name}.toml", DEFINITION.format(box)) for name in "abc" for box in ("x", "y")),
    ("{store}/profiles/a.toml", DEFINITION.format("x") + 'extends = "b"\n'),
    ("{store}/profiles/b.toml", DEFINITION.format("x") + 'account = "acme"\n'),
    ("{store}/credentials/c.json", json.dumps({"version": 1, "kind": "kb", "origins": ["https://a.dp.progress.cloud"], "secret": "k"})),
    ("{home}/etc/config.toml", "timeout = 9\n"),
    ("{home}/mounted/key", "k"),
)  # fmt: skip
VALUES = (
    ("NUCLIA_PROFILE", "a"), ("NUCLIA_PROFILE", "b,c"), ("NUCLIA_KB_URL", KB.format("v")), ("NUCLIA_API_KEY", "k"),
    ("NUCLIA_API_KEY_FILE", "{home}/mounted/key"), ("NUCLIACTL_PROJECT", "0"), ("NUCLIACTL_TIMEOUT", "3"),
)  # fmt: skip
PATHS = sorted({path for path, _ in FILES})
STEPS = st.one_of(
    st.sampled_from(FILES).map(lambda one: ["write", *one]),
    st.sampled_from(PATHS).map(lambda path: ["remove", path]),
    st.tuples(st.sampled_from([*PATHS, *FOLDERS, "{store}"]), st.sampled_from((0o600, 0o644, 0o666, 0o755, 0o777))).map(
        lambda one: ["mode", *one]
    ),
    st.sampled_from(VALUES).map(lambda one: ["set", *one]),
    st.sampled_from(VALUES).map(lambda one: ["unset", one[0]]),
    st.sampled_from(FOLDERS).map(lambda path: ["cwd", path]),
    st.sampled_from(FOLDERS).map(lambda path: ["make", f"{path}/.hg"]),
    st.tuples(st.sampled_from(PATHS), st.sampled_from(PATHS)).map(lambda one: ["link", *one]),
)  # fmt: skip


def compare(home: Home, examples: int) -> None:
    places = {"{home}": str(home.path), "{store}": str(home.store), "{work}": str(home.work)}

    def here(value: Any) -> Any:
        for name, path in places.items():
            value = value.replace(name, path) if isinstance(value, str) else value
        return value

    kept = 0
    with driver(home) as ask:

        @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        @given(
            st.lists(st.lists(STEPS, min_size=1, max_size=2), min_size=1, max_size=6),
            st.sampled_from([None, "kb"]),
        )
        def work(edits: list[list[list[Any]]], kind: str | None) -> None:
            nonlocal kept
            for steps in edits:
                _, _, after, fresh, looks = ask(*([here(word) for word in step] for step in steps), kind=kind)
                assert after == fresh
                kept += bool(looks)

        work()
    assert kept


def test_any_edits_are_seen(lived_in: Home) -> None:
    compare(lived_in, 120)


@pytest.mark.torture
def test_any_edits_are_seen_at_length(lived_in: Home) -> None:
    compare(lived_in, 5000)


@pytest.mark.parametrize("calls", [3_000, pytest.param(100_000, marks=pytest.mark.torture)])
def test_memory_stays_flat(lived_in: Home, calls: int) -> None:
    program = f"""
import tracemalloc
import nucliactl
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
for _ in range(50):
    nucliactl.resolve()
tracemalloc.start()
before = tracemalloc.get_traced_memory()[0]
for _ in range({calls}):
    nucliactl.resolve()
print(tracemalloc.get_traced_memory()[0] - before)
"""
    result = lived_in.python(program)
    assert int(result.out) < 20_000, result
