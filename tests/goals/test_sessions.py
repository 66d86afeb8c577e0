"""G1, G2 and G5: a session that many processes share, and one that dies with its answer under way."""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest
from support import COMMAND, PATIENCE, Home, Recorder, Request

from ..real.oauth import oidc, sign_in_by_hand
from ..real.test_session import expire

pytestmark = [pytest.mark.once, pytest.mark.torture]

WAITING = """
import json, os, sys, time, nucliactl, httpx, nucliactl.http.client
from nucliactl.service.providers import provider_of
number = int(sys.argv[1])
profile = nucliactl.resolve("ann")
out, into = os.pipe()
go, gate = os.pipe()
made, ready = os.pipe()
for _ in range(number):
    if os.fork() == 0:
        os.close(gate)
        status = 0
        try:
            with profile.client() as http:
                os.write(ready, b".")
                os.read(go, 1)
                began = time.perf_counter()
                status = http.get("user/welcome").status_code
        except BaseException as error:
            print(repr(error), file=sys.stderr)
        os.write(into, f"{status} {time.perf_counter() - began}\\n".encode())
        os._exit(0)
os.close(into)
os.close(ready)
for _ in range(number): os.read(made, 1)
os.close(gate)
for _ in range(number): os.wait()
lines = [line.split() for line in open(out)]
waits = sorted(float(seconds) for _, seconds in lines)
print(json.dumps([sum(status == "200" for status, _ in lines), waits]))
"""


@pytest.mark.G1
def test_sixty_four_processes_a_hundred_times(
    home: Home, record_property: Callable[[str, object], None]
) -> None:
    rounds, waited = 100, list[float]()
    with oidc() as server:
        path = sign_in_by_hand(home, server, server.origin)
        for number in range(rounds):
            expire(path)
            result = home.program(sys.executable, "-c", WAITING, "64")
            served, waits = result.json
            assert served == 64, (number, result.err[:2000])
            assert server.count("refresh_token.consumed") == number + 1
            waited += waits
        assert server.count("grant.error") == 0 == server.count("grant.revoked")
    record_property(
        "measured",
        f"{rounds} rounds of 64 processes, {rounds} refreshes, 0 reuse, {rounds * 64:,} of {rounds * 64:,} served; "
        f"they waited {statistics.median(waited):.1f} s (median), {statistics.quantiles(waited, n=100)[98]:.1f} s (p99)",
    )


PACED = """
import sys, time, nucliactl
until, asked = float(sys.argv[1]), 0
with nucliactl.client("ann") as http:
    while time.time() < until:
        answer = http.get("user/welcome")
        assert answer.status_code == 200, answer.status_code
        asked += 1
        time.sleep(0.2)
print(asked)
"""
LIFE, SECONDS = 2, 600


@pytest.mark.G2
def test_thirty_two_processes_for_ten_minutes(
    home: Home, record_property: Callable[[str, object], None]
) -> None:
    with oidc(LIFE) as server:
        expire(sign_in_by_hand(home, server, server.origin))
        until = str(time.time() + SECONDS)
        words = [sys.executable, "-c", PACED, until]
        pipe = subprocess.PIPE
        running = [
            subprocess.Popen(words, env=home.environ, stdout=pipe, stderr=pipe, text=True) for _ in range(32)
        ]
        found = [process.communicate(timeout=SECONDS + PATIENCE) for process in running]
        assert [process.returncode for process in running] == [0] * 32, [
            err[-2000:] for _, err in found if err
        ]
        refreshes = server.count("refresh_token.consumed")
        assert 0 < refreshes <= SECONDS // int(LIFE - LIFE / 5) + 1  # ends are kept in whole seconds
        assert server.count("grant.error") == 0 == server.count("grant.revoked")
    asked = sum(int(out) for out, _ in found)
    record_property(
        "measured",
        f"{SECONDS} s, tokens of {LIFE} s: {asked:,} requests, {refreshes} refreshes, 0 errors, 0 reuse",
    )


class Rotating:
    """A server that rotates refresh tokens. The one before serves too within a `grace`; else its use ends
    the session. `spent` is set when a refresh has been taken, and its answer waits for `go`."""

    def __init__(self, recorder: Recorder, grace: bool) -> None:
        self.grace, self.held, self.before, self.dead, self.asked = grace, "rt0", "", False, 0
        self.spent, self.go = threading.Event(), threading.Event()
        self.go.set()
        recorder.answer = self._answer

    def _answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.method != "POST":
            return 200, {}, b"{}"
        self.asked += 1
        sent = request.body.decode().partition("refresh_token=rt")[2].partition("&")[0]
        known = f"rt{sent}" == self.held or (self.grace and f"rt{sent}" == self.before)
        if self.dead or not known:
            self.dead = True
            return (
                400,
                {},
                b'{"error": "invalid_grant", "error_description": "The refresh token was already used."}',
            )
        self.before, self.held = f"rt{sent}", f"rt{int(sent) + 1}"
        answer = {"access_token": f"at-{self.asked}", "refresh_token": self.held, "expires_in": 1800}
        self.spent.set()
        self.go.wait(PATIENCE)
        return 200, {}, json.dumps(answer).encode()


@pytest.mark.G5
@pytest.mark.parametrize("grace", [True, False], ids=["grace", "strict"])
def test_killed_between_the_answer_and_the_rename(
    home: Home, recorder: Recorder, grace: bool, record_property: Callable[[str, object], None]
) -> None:
    kills = 50
    for number in range(kills):
        home.ended_session(recorder.origin, "rt0")
        (home.store / "credentials/ann.journal").unlink(missing_ok=True)
        server = Rotating(recorder, grace)
        server.go.clear()
        words = [COMMAND, "auth", "token", "--profile", "ann"]
        process = subprocess.Popen(words, env=home.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert server.spent.wait(PATIENCE)
        process.kill()
        process.communicate()
        server.go.set()
        before = server.asked
        results = [home.run("auth", "token", "--profile", "ann") for _ in range(3)]
        assert server.asked <= before + 1, number
        if grace:
            assert [result.code for result in results] == [0] * 3, (number, results)
        else:
            assert [result.code for result in results] == [4] * 3 and "interrupted" in results[0].err, results
            assert home.run("list", "-o", "name").out == "ann\n"
    end = "recovered" if grace else "said that a login is needed, the profile kept"
    record_property(
        "measured", f"{'grace' if grace else 'strict'}: {kills} kills, {kills} {end}, 1 request each"
    )
