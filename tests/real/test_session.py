"""The user's session against a certified OAuth server with strict rotation: real browser, real processes."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support import COMMAND, PATIENCE, Home, one_sign_in, until

from .oauth import Server, browser, oidc

ROUNDS = 3  # a hundred, of sixty-four processes, and ten minutes: tests/goals/test_sessions.py


@pytest.fixture
def server() -> Iterator[Server]:
    with oidc() as found:
        yield found


def sign_in(home: Home, server: Server, name: str = "ann") -> Path:
    """Sign in without a browser, as fast as can be; return where the session is."""
    home.environ.update(server.variables)
    environ = {**home.environ, "BROWSER": f"{sys.executable} {Path(__file__).with_name('person.py')} %s"}
    with one_sign_in():
        result = home.program(COMMAND, "auth", "login", "--name", name, **environ)
    assert result.code == 0, result.err
    return home.store / f"credentials/{name}.json"


def expire(path: Path) -> dict:
    """Let a session's access token be over, as the store knows it."""
    found = json.loads(path.read_text())
    found["issued_at"], found["expires_at"] = int(time.time()) - 100, int(time.time()) - 50
    path.write_text(json.dumps(found))
    return found


def test_a_person_signs_in_by_a_real_browser(home: Home, server: Server) -> None:
    home.environ.update(server.variables)
    with one_sign_in():
        result = home.run("auth", "login", BROWSER=browser(home))
    assert result.code == 0, result.err
    assert "Logged in as Ann Example <ann@example.test>; profile ann is active" in result.err
    assert home.run("auth", "status").code == 0
    expire(home.store / "credentials/ann.json")
    assert home.run("auth", "status").code == 0 and server.count("refresh_token.consumed") >= 1
    assert server.count("grant.error") == 0


def test_a_person_who_denies_in_a_real_browser_ends_it(home: Home, server: Server) -> None:
    home.environ.update(server.variables)
    with one_sign_in():
        result = home.run("auth", "login", BROWSER=browser(home), DENY="1")
    assert result.code == 4 and "denied" in result.err and home.files() == {}


FORKED = """
import os, sys, time, nucliactl
from nucliactl.service.providers import provider_of
import httpx, asyncio, nucliactl.http.client
number, start = int(sys.argv[1]), float(sys.argv[2])
profile = nucliactl.resolve("ann")
children = []
for _ in range(number):
    pid = os.fork()
    if pid == 0:
        while time.time() < start: time.sleep(0.001)
        code = 1
        try:
            with profile.client() as http:
                code = 0 if http.get("user/welcome").status_code == 200 else 2
        except BaseException as error:
            print(repr(error), file=sys.stderr)
        os._exit(code)
    children.append(pid)
codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]
print(codes.count(0))
"""


@pytest.mark.G1
def test_sixteen_processes_refresh_an_ended_session_once(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    for number in range(ROUNDS):
        expire(path)
        before = server.count("refresh_token.consumed")
        start = str(time.time() + 0.6)
        result = home.program(sys.executable, "-c", FORKED, "16", start)
        assert result.out == "16\n", result.err[:2000]
        assert server.count("refresh_token.consumed") - before == 1, f"round {number}"
    assert server.count("grant.error") == 0 and server.count("grant.revoked") == 0


@pytest.mark.G1
def test_the_installed_command_in_many_processes_refreshes_once(home: Home, server: Server) -> None:
    expire(sign_in(home, server))
    running = [
        subprocess.Popen([COMMAND, "auth", "token"], env=home.environ, stdout=subprocess.PIPE, text=True)
        for _ in range(16)
    ]
    tokens = {process.communicate(timeout=PATIENCE)[0] for process in running}
    assert len(tokens) == 1 and server.count("refresh_token.consumed") == 1


STEADY = """
import os, sys, nucliactl
profile, me, stop = nucliactl.resolve("ann"), sys.argv[1], sys.argv[2]
with profile.client() as http:
    while not os.path.exists(stop):
        answer = http.get("user/welcome", params={"by": me})
        assert answer.status_code == 200, answer.status_code
"""


@pytest.mark.G2
def test_twelve_processes_outlive_each_token_with_one_refresh(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    stop, everybody = home.path / "stop", {str(number) for number in range(12)}
    running = [
        subprocess.Popen(
            [sys.executable, "-c", STEADY, number, str(stop)],
            env=home.environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        )
        for number in sorted(everybody)
    ]  # fmt: skip

    def all_use_the_newest() -> bool:
        assert not [process.args for process in running if process.poll()], running[0].stderr
        return server.served(json.loads(path.read_text())["access_token"]) == everybody

    until(all_use_the_newest)
    for turn in range(1, ROUNDS + 1):
        server.age()
        until(lambda turn=turn: server.count("refresh_token.consumed") >= turn)
        until(all_use_the_newest)
        assert server.count("refresh_token.consumed") == turn
    stop.touch()
    found = [process.communicate(timeout=PATIENCE) for process in running]
    assert [process.returncode for process in running] == [0] * 12, [err[-2000:] for _, err in found if err]
    assert server.count("refresh_token.consumed") == ROUNDS
    assert server.count("grant.error") == 0 and server.count("grant.revoked") == 0


def test_threads_and_tasks_of_one_process_refresh_once_and_the_loop_stays_free(
    home: Home, server: Server
) -> None:
    path = sign_in(home, server)
    expire(path)
    code = """
import asyncio, threading, time, nucliactl
profile = nucliactl.resolve("ann")
async def main():
    gaps, last = [], time.perf_counter()
    async def beat():
        nonlocal last
        while True:
            await asyncio.sleep(0.001)
            now = time.perf_counter(); gaps.append(now - last); last = now
    async with profile.async_client() as http:
        await http.get("http://127.0.0.1:1/") if False else None
        beating = asyncio.create_task(beat())
        answers = await asyncio.gather(*(http.get("user/welcome") for _ in range(30)))
        beating.cancel()
    print(sorted({a.status_code for a in answers}), round(max(gaps), 3))
with profile.client() as http:
    found = []
    threads = [threading.Thread(target=lambda: found.append(http.get("user/welcome").status_code)) for _ in range(20)]
    [t.start() for t in threads]; [t.join() for t in threads]
    print(sorted(set(found)))
import json, sys
path = sys.argv[1]
held = json.load(open(path)); held["expires_at"] = held["issued_at"] - 1
open(path, "w").write(json.dumps(held))
asyncio.run(main())
"""
    result = home.program(sys.executable, "-c", code, str(path))
    assert result.code == 0, result.err
    assert result.out.splitlines()[0] == "[200]" and result.out.splitlines()[1].startswith("[200]")
    assert server.count("refresh_token.consumed") == 2


def test_a_cancelled_task_does_not_interrupt_a_refresh(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    before = expire(path)
    code = """
import asyncio, nucliactl
async def main():
    async with nucliactl.async_client("ann") as http:
        task = asyncio.create_task(http.get("user/welcome"))
        await asyncio.sleep(0.03)
        task.cancel()
        try: await task
        except asyncio.CancelledError: print("cancelled")
asyncio.run(main())
"""
    result = home.python(code)
    after = json.loads(path.read_text())
    spent = server.count("refresh_token.consumed")
    assert result.code == 0 and spent == (after["refresh_token"] != before["refresh_token"])
    assert home.run("auth", "status").code == 0 and server.count("grant.error") == 0


def test_an_interrupted_command_stores_what_it_was_given(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    for sign in (signal.SIGTERM, signal.SIGINT):
        for delay in (0.1, 0.2, 0.3, 0.4):
            expire(path)
            process = subprocess.Popen(
                [COMMAND, "auth", "token"], env=home.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
            )  # fmt: skip
            time.sleep(delay)
            process.send_signal(sign)
            process.wait(PATIENCE)
            assert home.run("auth", "status").code == 0
    assert server.count("grant.error") == 0


def test_the_very_token_that_was_refused_is_renewed_though_it_seems_good(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    found = json.loads(path.read_text())
    revoked = found["access_token"]
    path.write_text(
        json.dumps({**found, "access_token": "dead-but-not-over", "expires_at": int(time.time()) + 9999})
    )
    assert home.run("auth", "status").code == 0 and server.count("refresh_token.consumed") == 1
    assert json.loads(path.read_text())["access_token"] not in (revoked, "dead-but-not-over")


def test_a_dead_session_says_log_in_once_and_is_never_sent_again(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    found = expire(path)
    form = {"token": found["refresh_token"], "client_id": "43f54e81-932a-4b45-9bba-acbf4e2b5ee6"}
    httpx.post(f"{server.origin}/oauth2/revoke", data=form)
    asked = server.count("token")
    for _ in range(3):
        result = home.run("auth", "status")
        assert result.code == 4 and "nucliactl auth login --name ann" in result.err, result
    assert server.count("token") == asked + 1
    held = json.loads(path.read_text())
    assert held["login_required"] is True and home.run("profile", "show", "ann").code == 0
    assert "login needed" in home.run("list").out
    sign_in(home, server)
    assert home.run("auth", "status").code == 0


def test_a_session_is_never_spent_where_its_successor_cannot_be_stored(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    expire(path)
    asked = server.count("token")
    environ = {**home.environ}
    for folder in (home.path, *home.path.parents[:3]):
        folder.chmod(0o755)
    for one in (home.store, *home.store.rglob("*")):
        os.chown(one, 12345, 12345)
    home.store.chmod(0o555)
    for folder in home.store.iterdir():
        if folder.is_dir():
            folder.chmod(0o555)
    words = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", COMMAND, "auth", "token"]
    result = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert result.returncode == 1 and "could not be" in result.stderr, result
    assert server.count("token") == asked


@pytest.mark.parametrize("call", ["rename", "fsync", "sendto", "connect"])
@pytest.mark.G5
def test_killed_at_any_step_the_session_lives_or_says_that_it_ended(
    home: Home, server: Server, call: str
) -> None:
    path = sign_in(home, server)
    expire(path)
    words = [
        "strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
        "-e", f"inject={call}:signal=KILL:when={'2' if call == 'fsync' else '1'}", COMMAND, "auth", "token",
    ]  # fmt: skip
    killed = subprocess.run(words, env=home.environ, capture_output=True, text=True, check=False)
    assert killed.returncode == -9 or killed.returncode == 137, killed
    result = home.run("auth", "status")
    if result.code != 0:  # the server rotated and the answer died with the process
        assert result.code == 4 and "was interrupted" in result.err, result
        sign_in(home, server)
        assert home.run("auth", "status").code == 0


@pytest.mark.G11
def test_a_stopped_holder_is_waited_for_named_and_not_robbed(home: Home) -> None:
    with oidc() as server:
        path = sign_in(home, server)
        expire(path)
        code = """
import os, signal, time
from nucliactl.store.layout import Store
from nucliactl.store.refreshes import refreshing, write_journal
from nucliactl.secret import Secret
store = Store(os.environ["NUCLIA_CONFIG_DIR"])
with refreshing(store, "ann", 5):
    write_journal(store, "ann", Secret("x"))
    print("held", flush=True)
    time.sleep(600)
"""
        holder = subprocess.Popen(
            [sys.executable, "-c", code], env=home.environ, stdout=subprocess.PIPE, text=True
        )
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        waiting = subprocess.Popen(
            [sys.executable, "-c", "import nucliactl.credentials.session as s, sys; s._SPARE = 0\nfrom nucliactl.cli.main import main; sys.exit(main(['auth', 'token']))"],
            env={**home.environ, "NUCLIACTL_TIMEOUT": "0.5"}, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        _, err = waiting.communicate(timeout=PATIENCE)
        assert waiting.returncode == 1 and f"process {holder.pid}" in err, err
        assert server.count("refresh_token.consumed") == 0
        holder.kill()
        holder.wait()
        assert home.run("auth", "token").code == 0 and server.count("refresh_token.consumed") == 1


def test_a_logout_during_a_refresh_is_not_undone(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    for _ in range(5):
        expire(path)
        token = subprocess.Popen(
            [COMMAND, "auth", "token"], env=home.environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        logout = subprocess.Popen(
            [COMMAND, "auth", "logout", "ann"], env=home.environ, stderr=subprocess.DEVNULL
        )
        assert logout.wait(PATIENCE) == 0 and token.wait(PATIENCE) in (0, 4)
        assert not path.exists()
        sign_in(home, server)


def test_a_box_rides_on_the_session_and_a_renamed_session_stays_one(home: Home, server: Server) -> None:
    path = sign_in(home, server)
    url = f"{server.origin}/api/v1/kb/x"
    home.define("box", f'kind = "kb"\nurl = "{url}"\nsession = "ann"\n')
    token = json.loads(path.read_text())["access_token"]
    found = home.run("--profile", "box", "auth", "token", "-o", "json").json
    assert found["header"] == "Authorization" and found["token"] == token and found["expires_at"]
    assert home.run("profile", "rename", "ann", "me").code == 0
    assert not path.exists() and (home.store / "credentials/me.json").exists()
    expire(home.store / "credentials/me.json")
    assert home.run("--profile", "box", "auth", "token").code == 0
    assert server.count("refresh_token.consumed") == 1
    rows = {row["name"]: row for row in home.run("list", "-o", "json").json}
    assert rows["box"]["storage"] == "session" and rows["box"]["expires_at"]
    home.define("far", 'kind = "kb"\nurl = "https://elsewhere.example/api/v1/kb/x"\nsession = "me"\n')
    assert home.run("--profile", "far", "auth", "token").code == 6
    copied = home.run("profile", "copy", "me", "me2")
    assert copied.code == 0 and not (home.store / "credentials/me2.json").exists()
    result = home.run("auth", "logout", "me")
    assert "box used that session" in result.err and home.run("--profile", "box", "auth", "token").code == 4
