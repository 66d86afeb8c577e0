"""A refresh outlives signals: the session is alive afterwards, and the process has ended as it would have."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import COMMAND, PATIENCE, Home

from .signals import SIGNALS, SPINNING, WAYS, Gate, gate
from .test_session import expire


@pytest.fixture(scope="module")
def before() -> Iterator[Gate]:
    with gate() as found:
        yield found


@pytest.fixture(scope="module")
def ann(before: Gate, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a session of its own, which lives through every case."""
    home = Home(tmp_path_factory.mktemp("ann"))
    before.sign_in(home)
    return home


def session_of(home: Home) -> Path:
    return home.store / "credentials/ann.json"


def interrupted(home: Home, before: Gate, way: str, number: signal.Signals) -> tuple[int, float]:
    """Send a signal while the answer to a refresh is held back; return how it ended, and in how many
    seconds after the answer came."""
    spent = expire(session_of(home))["refresh_token"]
    before.close()
    running = WAYS[way](home)
    try:
        assert before.spent.wait(PATIENCE), "it never refreshed"
        assert_no_thread_takes_signals(running.pid, 2 if way in SPINNING else 1)
        running.send(number)
        time.sleep(0.3)  # as long as one that did not wait would need to be gone
        assert Path(f"/proc/{running.pid}/stat").read_text().rsplit(")")[1].split()[0] != "Z", (
            "it did not wait"
        )
    finally:
        started = time.monotonic()
        before.go.set()
    code = running.end()
    seconds = time.monotonic() - started
    assert json.loads(session_of(home).read_text())["refresh_token"] != spent, "the successor is not stored"
    return code, seconds


def assert_no_thread_takes_signals(pid: int, ours: int) -> None:
    """Ours (the refresh, and the moving sign on a terminal) take none, but asyncio's and the program's own may; the main thread always does."""
    blocked = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        found = next(line for line in (task / "status").read_text().splitlines() if line.startswith("SigBlk"))
        blocked[int(task.name)] = int(found.split()[1], 16)
    every = sum(1 << (number - 1) for number in SIGNALS)
    assert blocked.pop(pid) & every == 0
    assert sum(mask & every == every for mask in blocked.values()) >= ours, blocked


def assert_alive(home: Home, before: Gate) -> None:
    """The truth of it: the server still renews the session, and serves what it gives."""
    expire(session_of(home))
    result = home.run("auth", "status")
    assert result.code == 0, result.err


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_outlives_a_signal_and_the_process_ends_by_it(
    ann: Home, before: Gate, way: str, number: signal.Signals
) -> None:
    code, _ = interrupted(ann, before, way, number)
    assert code in (-number, 128 + number), code
    assert_alive(ann, before)


@pytest.mark.torture
def test_the_whole_matrix_three_times(ann: Home, before: Gate, capsys: pytest.CaptureFixture[str]) -> None:
    slowest, cells = (0.0, ""), [(way, number) for way in WAYS for number in SIGNALS]
    for way, number in cells * 3:
        code, seconds = interrupted(ann, before, way, number)
        assert code in (-number, 128 + number), (way, number, code)
        assert_alive(ann, before)
        slowest = max(slowest, (seconds, f"{way}, {number.name}"))
    with capsys.disabled():
        print(
            f"\n{len(cells)} of {len(cells)} alive, three times; the slowest end: {slowest[0]:.2f} s ({slowest[1]})"
        )


def test_a_second_and_a_third_ctrl_c_wait_too(ann: Home, before: Gate) -> None:
    """And the process ends once, as for one."""
    for way in ("kbs list on a terminal", "an async client"):
        spent = expire(session_of(ann))["refresh_token"]
        before.close()
        running = WAYS[way](ann)
        try:
            assert before.spent.wait(PATIENCE)
            for _ in range(3):
                running.send(signal.SIGINT)
                time.sleep(0.1)
        finally:
            before.go.set()
        assert running.end() in (-signal.SIGINT, 130)
        assert json.loads(session_of(ann).read_text())["refresh_token"] != spent
        assert_alive(ann, before)


OWN = """
import signal, sys, nucliactl
def mine(*_):
    sys.exit(7)
signal.signal(signal.SIGTERM, mine)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
def now():
    return [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
was = now()
try:
    with nucliactl.client("ann") as http:
        http.get("user/welcome")
finally:
    assert now()[1:] == was[1:]
assert now() == was
print("as it was", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, None])
def test_a_programs_own_handlers_stay_and_the_refresh_still_ends(
    ann: Home, before: Gate, number: signal.Signals | None
) -> None:
    spent = expire(session_of(ann))["refresh_token"]
    before.close()
    process = subprocess.Popen(
        [sys.executable, "-c", OWN], env=ann.environ, cwd=ann.work, stdout=subprocess.PIPE, text=True
    )
    try:
        assert before.spent.wait(PATIENCE)
        if number:
            process.send_signal(number)
            time.sleep(0.1)
    finally:
        before.go.set()
    out, _ = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == ((7, "") if number == signal.SIGTERM else (0, "as it was\n"))
    assert json.loads(session_of(ann).read_text())["refresh_token"] != spent
    assert_alive(ann, before)


def test_an_answer_that_never_comes_holds_a_signal_for_the_profiles_timeout(home: Home, before: Gate) -> None:
    """In all, without a second try: the process ends though the server never answers."""
    path = before.sign_in(home)
    spent = expire(path)["refresh_token"]
    before.close()
    asked, errors = before.server.count("token"), before.server.count("grant.error")
    home.environ["NUCLIACTL_TIMEOUT"] = "3"
    running = WAYS["auth token"](home)
    try:
        assert before.spent.wait(PATIENCE)
        running.send(signal.SIGTERM)
        assert running.end() == -signal.SIGTERM
    finally:
        del home.environ["NUCLIACTL_TIMEOUT"]
        before.go.set()
    assert before.server.count("token") == asked + 1
    assert json.loads(path.read_text())["refresh_token"] == spent
    result = home.run("auth", "token")  # the answer is lost, and the next run says why
    assert result.code == 4 and "was interrupted" in result.err
    assert before.server.count("grant.error") == errors + 1


def test_sigterm_puts_everything_in_order_on_the_way_out(home: Home) -> None:
    words = [COMMAND, "sandbox", "--", "sh", "-c", "echo $NUCLIA_CONFIG_DIR; exec sleep 600"]
    process = subprocess.Popen(words, env=home.environ, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    folder = process.stdout.readline().strip()
    process.terminate()
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert not Path(folder).exists()
