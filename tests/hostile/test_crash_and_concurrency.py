"""Writing is all or nothing, whoever dies and however many write."""

import json
import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import COMMAND, Home, Recorder

pytestmark = pytest.mark.once

strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
URL = 'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "k-{0}"\n'


@strace
@pytest.mark.parametrize("when", [1, 2, 3])
@pytest.mark.G4
def test_a_switch_killed_at_its_rename_leaves_the_old_or_the_new(home: Home, when: int) -> None:
    for name in "ab":
        home.define(name, URL.format(name))
    home.run("use", "a")
    kill = f"inject=rename,renameat,renameat2:signal=KILL:when={when}"
    home.program("strace", "-f", "-o", "/dev/null", "-e", kill, COMMAND, "use", "b")
    assert home.run("current").out in ("a\n", "b\n")
    assert home.run("use", "b").code == 0
    assert home.run("current").out == "b\n"


@strace
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir"])
@pytest.mark.G4
def test_a_login_killed_anywhere_loses_nothing_that_was_there(person: Home, call: str) -> None:
    person.define("a", URL.format("a"))
    person.run("use", "a")
    words = [COMMAND, "auth", "nucliadb", person.environ["SANDBOX_NUCLIADB_URL"], "--no-validate"]
    for when in range(1, 7):
        inject = f"inject={call}:signal=KILL:when={when}"
        person.program("strace", "-f", "-o", "/dev/null", "-e", inject, *words)
        assert person.run("current").out in ("a\n", "local\n")
        assert person.run("list", "-o", "json").code == 0
        assert person.run("auth", "token", "--profile", "a").out == "k-a\n"
    assert person.run(*words[1:]).code == 0
    assert person.run("current").out == "local\n"


@strace
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS", "EDQUOT"])
@pytest.mark.parametrize("call", ["fsync", "rename"])
@pytest.mark.G6
def test_a_failing_disk_leaves_the_old_contents_and_no_temp_file(home: Home, error: str, call: str) -> None:
    for name in "ab":
        home.define(name, URL.format(name))
    home.run("use", "a")
    before = home.files()
    result = home.program(
        "strace", "-f", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when=1", COMMAND, "use", "b"
    )
    assert result.code == 1 and "Nothing was changed" in result.err, result
    assert home.files() == before


@pytest.mark.G3
def test_32_processes_that_switch_and_log_in_at_once_lose_nothing(person: Home) -> None:
    for number in range(16):
        person.define(f"p{number}", URL.format(number))

    def work(number: int) -> int:
        if number % 2:
            return person.run("use", f"p{number // 2}").code
        url = f"https://z{number}.dp.progress.cloud/api/v1/kb/box-{number}"
        return person.run("auth", "kb", url, "-", "--no-validate", stdin=f"key-{number}").code

    with ThreadPoolExecutor(32) as pool:
        assert list(pool.map(work, range(32))) == [0] * 32
    rows = person.run("list", "-o", "json").json
    assert {row["name"] for row in rows} == {f"p{n}" for n in range(16)} | {
        f"box-{n}" for n in range(0, 32, 2)
    }
    for number in range(0, 32, 2):
        assert person.run("auth", "token", "--profile", f"box-{number}").out == f"key-{number}\n"
    active = json.loads((person.store / "active.json").read_text())
    assert active["current"] in {row["name"] for row in rows} and active["previous"] != active["current"]
    assert [p.name for p in (person.store / "locks").iterdir()] == ["store.lock"]


def test_logins_of_one_name_less_kb_at_once_make_one_profile(person: Home) -> None:
    words = (COMMAND, "auth", "kb", person.environ["SANDBOX_KB_URL"], "-")
    started = [
        subprocess.Popen(
            words, env=person.environ, stdin=subprocess.PIPE, stderr=subprocess.PIPE, cwd=person.work
        )
        for _ in range(8)
    ]
    for process in started:
        process.communicate(person.environ["SANDBOX_KB_KEY"].encode())
        assert process.returncode == 0
    assert person.run("list", "-o", "name").out == "handbook\n"


@pytest.mark.parametrize("words", [["use", "a"], ["auth", "logout", "--all"], ["auth", "logout", "a"]])
def test_the_next_write_of_anything_sweeps_what_killed_writers_left_and_nothing_else(
    home: Home, words: list[str]
) -> None:
    import fcntl

    home.define("a", URL.format("a"))
    (home.store / "credentials").mkdir()
    left = [home.store / f"{folder}.nucliactl-tmp-dead" for folder in ("", "profiles/", "credentials/")]
    for path in left:
        path.write_text("secret")
        path.chmod(0o000)  # as a umask of 777 leaves it
    living = home.store / "credentials/.nucliactl-tmp-living"
    with living.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # as its writer does
        assert home.run(*words).code == 0
        assert [path.exists() for path in left] == [False] * 3 and living.exists()
    assert home.run(*words).code == 0
    assert not living.exists()


@strace
@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
@pytest.mark.G4
def test_a_login_killed_anywhere_leaves_no_key_after_the_next_switch(person: Home, call: str) -> None:
    person.define("a", URL.format("a"))
    words = [COMMAND, "auth", "kb", "https://b.dp.progress.cloud/api/v1/kb/b", "-", "--no-validate"]
    for when in (1, 2, 3):
        inject = f"inject={call}:signal=KILL:when={when}"
        strace_ = ["strace", "-f", "-o", "/dev/null", "-e", inject]
        person.program(*strace_, *words, stdin="key-of-b")
    assert person.run("use", "a").code == 0
    assert [name for name in person.files() if "tmp" in name] == []


@strace
@pytest.mark.parametrize("words", [["use", "a"], ["current"]], ids=" ".join)
def test_ctrl_c_while_a_command_is_loaded_ends_it_without_a_traceback(home: Home, words: list[str]) -> None:
    home.define("a", URL.format("a"))
    home.run("use", "a")
    trace = home.path / "trace"
    home.program("strace", "-o", str(trace), "-e", "openat", COMMAND, *words)
    opened = trace.read_text().splitlines()
    first = next(number for number, line in enumerate(opened, 1) if "/cli/__pycache__/start." in line)
    for when in range(first + 1, len(opened), (len(opened) - first) // 8):
        inject = f"inject=openat:signal=INT:when={when}"
        result = home.program("strace", "-o", "/dev/null", "-e", inject, COMMAND, *words)
        assert (result.code, result.err.removeprefix("nucliactl: Interrupted.\n")) in ((130, ""), (0, "")), (
            opened[when - 1],
            result,
        )


def test_a_link_in_the_store_is_replaced_and_what_it_leads_to_is_untouched(home: Home) -> None:
    home.define("a", URL.format("a"))
    home.run("use", "a")
    real = home.path / "real.json"
    (home.store / "active.json").rename(real)
    (home.store / "active.json").symlink_to(real)
    home.define("b", URL.format("b"))
    assert home.run("use", "b").code == 0
    assert home.run("current").out == "b\n"
    assert json.loads(real.read_text())["current"] == "a"


@pytest.mark.parametrize(
    ("mode", "text", "code"),
    [
        (0o666, URL.format("x"), 6),
        (0o644, URL.format("x"), 6),
        (0o604, URL.format("x"), 6),
        (0o644, 'kind = "nucliadb"\nurl = "http://localhost:1"\n', 0),
        (0o646, 'kind = "nucliadb"\nurl = "http://localhost:1"\n', 6),
    ],
)
def test_files_others_may_write_or_read_are_refused_with_the_chmod(
    home: Home, mode: int, text: str, code: int
) -> None:
    path = home.define("p", text)
    path.chmod(mode)
    result = home.run("current", "-o", "json", "--profile", "p")
    assert result.code == code
    assert code == 0 or ("chmod" in result.err and str(path) in result.err)


def test_a_credential_others_can_read_is_refused(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    path = person.store / "credentials/handbook.json"
    path.chmod(0o604)
    result = person.run("auth", "token")
    assert result.code == 6 and f"chmod 600 {path}" in result.err


def test_a_credential_serves_only_what_it_was_made_for(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    path = person.store / "profiles/handbook.toml"
    original = path.read_text()
    path.write_text(original.replace("127.0.0.1", "evil.example").replace("http://", "https://"))
    result = person.run("auth", "token")
    assert result.code == 6 and "evil.example" in result.err and result.out == ""
    assert person.python("import nucliactl; nucliactl.resolve()").code == 1
    path.write_text('kind = "personal-token"\n')
    assert person.run("auth", "token").code == 6


@pytest.mark.G11
def test_a_pipe_in_the_store_does_not_hang(home: Home) -> None:
    import os

    (home.store / "profiles").mkdir(parents=True)
    os.mkfifo(home.store / "profiles/p.toml", 0o600)
    assert home.run("auth", "token", "--profile", "p").code == 7
    assert home.run("list").code == 0


KINDS = {
    "kb": 'url = "https://a.dp.progress.cloud/api/v1/kb/x"\npublic = true\n',
    "nua": 'issuer = "https://a.dp.progress.cloud"\n',
    "nucliadb": 'url = "http://localhost:1"\n',
    "user": "",
    "personal-token": "",
}


@pytest.mark.G3
def test_switches_of_many_processes_at_once_lose_no_update(home: Home) -> None:
    import sys

    program = (
        "import os, sys\n"
        "from nucliactl.cli.main import main\n"
        "from nucliactl.store.active import read_active\n"
        "from nucliactl.store.layout import Store\n"
        "kind, store = sys.argv[1], Store(os.environ['NUCLIA_CONFIG_DIR'])\n"
        "for turn in range(60):\n"
        "    name = kind + '-' + 'ab'[turn % 2]\n"
        "    if main(['use', name]): sys.exit(1)\n"
        "    if read_active(store).last.get(kind) != name: sys.exit('lost')\n"
    )
    for kind, text in KINDS.items():
        for name in "ab":
            home.define(f"{kind}-{name}", f'kind = "{kind}"\n{text}')
    words = [[sys.executable, "-c", program, kind] for kind in KINDS]
    with ThreadPoolExecutor(len(words)) as pool:
        results = list(pool.map(lambda w: home.program(*w), words))
    assert [r.code for r in results] == [0] * len(words), results
    active = json.loads((home.store / "active.json").read_text())
    assert active["last"] == {kind: f"{kind}-b" for kind in KINDS}


@strace
@pytest.mark.parametrize("call", ["rename", "unlink"])
@pytest.mark.G4
def test_a_rename_killed_anywhere_leaves_the_session_under_one_name(home: Home, call: str) -> None:
    for when in range(1, 6):
        shutil.rmtree(home.store, ignore_errors=True)
        home.ended_session("http://127.0.0.1:9")
        inject = f"inject={call}:signal=KILL:when={when}"
        home.program(
            "strace", "-f", "-o", "/dev/null", "-e", inject, COMMAND, "profile", "rename", "ann", "zoe"
        )
        held = [path.name for path in (home.store / "credentials").glob("*.json")]
        assert held in (["ann.json"], ["zoe.json"]), (when, held)
        assert (home.store / f"profiles/{held[0][:3]}.toml").exists()


FULL = """
mount -t tmpfs -o size=1m,nr_inodes=64,mode=700 tmpfs "$1"; cp -a "$2/." "$1"
n=0; while (: > "$1/$n") 2>/dev/null; do n=$((n+1)); done
while [ "$3" -gt 0 ] && n=$((n-1)); do rm "$1/$n"; set -- "$1" "$2" $(($3-1)); done
exec "$0" auth token
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_a_refresh_on_a_disk_that_is_nearly_full_spends_nothing_whose_successor_has_no_room(
    home: Home, recorder: Recorder
) -> None:
    recorder.answer = lambda _: (200, {}, b'{"access_token": "new", "refresh_token": "s", "expires_in": 60}')
    home.ended_session(recorder.origin)
    (home.store / "locks").mkdir()
    for name in ("store", "refresh-ann"):
        (home.store / f"locks/{name}.lock").touch()
    (home.store / "active.json").write_text('{"version": 1, "current": "ann"}')
    small = home.path / "small"
    small.mkdir(0o755)
    codes = []
    for free in range(4):
        before = len(recorder.requests)
        words = ["unshare", "-m", "sh", "-c", FULL, COMMAND, str(small), str(home.store), str(free)]
        result = home.program(*words, NUCLIA_CONFIG_DIR=str(small))
        assert (result.code == 0) == (len(recorder.requests) > before), (free, result)
        codes.append(result.code)
    assert codes[0] == 1 and codes[-1] == 0, result


INTERRUPTED = """
import asyncio
from nucliactl.http import flow
import nucliactl
async def send(http, request, auth, deadline):
    if request.url.path == "/one":
        raise KeyboardInterrupt
    await asyncio.Event().wait()
flow.send = send
connection = nucliactl.resolve("p").connection()
def both():
    yield [flow.get(connection, f"http://127.0.0.1:9/{path}") for path in ("one", "two")]
try:
    flow.perform(both())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_a_signal_in_the_midst_of_a_call_shows_no_traceback(home: Home) -> None:
    home.define("p", 'kind = "nucliadb"\nurl = "http://127.0.0.1:9"\n')
    result = home.python(INTERRUPTED)
    assert (result.out, result.err) == ("interrupted\n", "")
