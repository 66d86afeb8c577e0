"""G3, G4, G6 and G10: the store under many writers, kills, failing disks and any umask."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from hostile.test_crash_and_concurrency import KINDS
from support import COMMAND, PATIENCE, Home, missing

from ..real.oauth import oidc
from ..real.test_kills import kill_many

pytestmark = [pytest.mark.once, pytest.mark.torture]
Record = Callable[[str, object], None]
TURNS, WRITERS, READERS = 200, 32, 8
SHARED = ("account", "zone", "kb", "description")

WRITER = """
import os, sys, tomllib
from nucliactl.cli.main import main
from nucliactl.store.active import read_active
from nucliactl.store.layout import Store
number, kinds, fields = int(sys.argv[1]), sys.argv[2].split(), sys.argv[3].split()
root = os.environ["NUCLIA_CONFIG_DIR"]
def field(name, key, value):
    if main(["profile", "set", name, f"{key}={value}"]): sys.exit("failed")
    with open(f"{root}/profiles/{name}.toml", "rb") as file:
        if tomllib.load(file).get(key) != value: sys.exit(f"lost {key}")
for turn in range(int(sys.argv[4])):
    if number < len(kinds):
        name = f"{kinds[number]}-{'ab'[turn % 2]}"
        if main(["use", name]) or read_active(Store(root)).last.get(kinds[number]) != name: sys.exit("lost use")
    elif number < len(kinds) + len(fields):
        field("shared", fields[number - len(kinds)], f"v-{turn}")
    else:
        field(f"own-{number}", "description", f"v-{turn}")
"""
READER = """
import json, os, sys, tomllib, nucliactl
root, stop, looks = os.environ["NUCLIA_CONFIG_DIR"], sys.argv[1], 0
while not os.path.exists(stop):
    for name in os.listdir(f"{root}/profiles"):
        if name.endswith(".toml") and not name.startswith("."):
            with open(f"{root}/profiles/{name}", "rb") as file: assert "kind" in tomllib.load(file), name
    with open(f"{root}/active.json") as file: assert json.load(file)["version"] == 1
    assert nucliactl.resolve("shared").kind == "personal-token"
    looks += 1
print(looks)
"""


@pytest.mark.G3
def test_thirty_two_writers_and_eight_readers(home: Home, record_property: Record) -> None:
    for kind, text in KINDS.items():
        for name in "ab":
            home.define(f"{kind}-{name}", f'kind = "{kind}"\n{text}')
    for name in ("shared", *(f"own-{number}" for number in range(WRITERS))):
        home.define(name, 'kind = "personal-token"\ntoken = "the-token"\n')
    assert home.run("use", "shared").code == 0
    stop = home.path / "stop"
    pipe = subprocess.PIPE

    def start(*words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-c", *words],
            env=home.environ,
            cwd=home.work,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )

    readers = [start(READER, str(stop)) for _ in range(READERS)]
    given = (" ".join(KINDS), " ".join(SHARED), str(TURNS))
    writers = [start(WRITER, str(number), *given) for number in range(WRITERS)]
    wrote = [process.communicate(timeout=10 * PATIENCE) for process in writers]
    stop.touch()
    read = [process.communicate(timeout=PATIENCE) for process in readers]
    assert [process.returncode for process in writers] == [0] * WRITERS, [err[-500:] for _, err in wrote]
    assert [process.returncode for process in readers] == [0] * READERS, [err[-2000:] for _, err in read]
    looks = sum(int(out) for out, _ in read)
    said = f"{WRITERS} writers, {WRITERS * TURNS:,} writes, 0 lost; {READERS} readers without a lock, {looks:,} looks, 0 errors"
    record_property("measured", said)


@pytest.mark.G4
def test_a_thousand_kills(home: Home, record_property: Record) -> None:
    with oidc() as server:
        found = kill_many(home, server, 334)
    said = "; ".join(f"{what}: {number}" for what, number in found.items())
    record_property("measured", f"{said}; 0 lost, 0 damaged, 0 temporary files left")


def needs_strace() -> None:
    if shutil.which("strace") is None:
        missing("strace is not installed")


BOX = "https://a.dp.progress.cloud/api/v1/kb/x"
CHANGES = {
    "use": ["use", "b"],
    "login": ["auth", "kb", BOX, "-", "--no-validate", "--name", "a"],
    "set": ["profile", "set", "a", "account=acme"],
}
ERRORS = ("ENOSPC", "EIO", "EACCES", "EROFS", "EDQUOT")
CALLS = ("fsync", "rename", "fchmod", "write")


@pytest.mark.G6
@pytest.mark.parametrize("change", CHANGES)
def test_every_step_of_a_write_fails(home: Home, change: str, record_property: Record) -> None:
    needs_strace()

    def begin() -> dict[str, bytes]:
        shutil.rmtree(home.store, ignore_errors=True)
        home.define("a", f'kind = "kb"\nurl = "{BOX}"\n')
        home.define("b", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
        assert home.run(*CHANGES["login"], stdin="old-key").code == 0
        return home.files()

    begin()
    assert home.run(*CHANGES[change], stdin="new-key").code == 0
    after = home.files()
    log = home.path / "strace.log"
    faults = [(error, call, when) for error in ERRORS for call in CALLS for when in range(1, 5)]
    hit = 0
    for error, call, when in faults:
        before = begin()
        inject = f"inject={call}:error={error}:when={when}"
        words = ["strace", "-f", "-o", str(log), "-e", inject, COMMAND, *CHANGES[change]]
        result = home.program(*words, stdin="new-key")
        found = home.files()
        assert "Traceback" not in result.err, (inject, result)
        assert all(data in (before.get(name), after.get(name)) for name, data in found.items()), (
            inject,
            result,
        )
        assert {*before} <= {*found} and "tmp" not in "".join(found), (inject, result)
        assert found == before or "Nothing was changed" not in result.err, (inject, result)
        hit += (now := "(INJECTED)" in log.read_text())
        unsure = now and call == "fsync" and found != before
        assert not unsure or (result.code == 1 and "did not confirm it" in result.err), (inject, result)
    assert hit > len(faults) / 4
    said = f"{change}: {hit} faults, each file byte for byte the old one or the new one"
    record_property("measured", said)


CREATED = re.compile(r'(?:openat|mkdir|mkdirat)\([^"]*"([^"]+)",? ?(?:[^)]*O_CREAT[^)]*, )?(0[0-7]*)\)')
CHANGED = re.compile(r"f?chmod(?:at)?\([^)]*?(0[0-7]+)\b")


@pytest.mark.G10
def test_no_file_is_anybody_elses_for_an_instant(home: Home, record_property: Record) -> None:
    needs_strace()
    made = 0
    for mask in ("000", "022", "077", "777"):
        shutil.rmtree(home.store, ignore_errors=True)
        for words in (CHANGES["login"], ["use", "a"], CHANGES["set"], ["profile", "rename", "a", "c"]):
            log = home.path / "strace.log"
            script = f'umask {mask}; exec strace -f -o {log} -e trace=openat,mkdir,mkdirat,chmod,fchmod,fchmodat "$@"'
            result = home.program("sh", "-c", script, "sh", COMMAND, *words, stdin="the-key")
            assert result.code == 0, result
            for line in log.read_text().splitlines():
                if str(home.store) in line and (found := CREATED.search(line)):
                    assert int(found[2], 8) & 0o077 == 0, line
                    made += 1
                if found := CHANGED.search(line):
                    assert int(found[1], 8) & 0o077 == 0, line
    assert made > 20
    record_property(
        "measured", f"4 umasks, {made} files and directories made, none open to others at any instant"
    )
