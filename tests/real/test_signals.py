"""A refresh outlives signals: the session is alive afterwards, and the process has ended as it would have."""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Home

from .signals import SIGNALS, WAYS, Gate, gate
from .test_session import expire, sign_in


@pytest.fixture(scope="module")
def before() -> Iterator[Gate]:
    with gate() as found:
        yield found


@pytest.fixture(scope="module")
def ann(before: Gate, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a session of its own, which lives through every case."""
    home = Home(tmp_path_factory.mktemp("ann"))
    sign_in(home, before.server)
    before.stand_before(home)
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
        assert before.spent.wait(60), "it never refreshed"
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


def assert_alive(home: Home, before: Gate) -> None:
    """The truth of it: the server still renews the session, and serves what it gives."""
    expire(session_of(home))
    result = home.run("auth", "status")
    assert result.code == 0, result.err
    assert before.server.count("grant.error") == 0 and before.server.count("grant.revoked") == 0


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("way", WAYS)
def test_a_refresh_outlives_a_signal_and_the_process_ends_by_it(
    ann: Home, before: Gate, way: str, number: signal.Signals
) -> None:
    code, _ = interrupted(ann, before, way, number)
    assert code in (-number, 128 + number), code
    assert_alive(ann, before)
