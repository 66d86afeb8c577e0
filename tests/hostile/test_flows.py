"""Flows: few clients, closed in every case; and what an answer of nonsense leaves behind."""

import json
import sys
import threading
import time

import pytest
from support import Home, Recorder, Request

PROGRAM = """
import asyncio, sys, nucliactl
from nucliactl.errors import NucliactlError
from nucliactl.http import flow
made = []
real = flow.shared_client
def counted(trust):
    made.append(real(trust))
    return made[-1]
flow.shared_client = counted
connections = [nucliactl.resolve("p").connection() for _ in range(int(sys.argv[1]))]
how = sys.argv[2]
steps = []
sent = flow.send
async def send(http, request, *given):
    if how == "signalled" and request.url.path.endswith("/late"):
        raise KeyboardInterrupt
    return await sent(http, request, *given)
flow.send = send
def asking():
    try:
        for number in range(3):
            answers = yield [flow.get(one, f"{one.base_url}/{number}") for one in connections]
            steps.append([answer.status_code for answer in answers])
        if how == "raises":
            raise NucliactlError("no")
        if how == "interrupted":
            raise KeyboardInterrupt
        if how in ("cancelled", "signalled"):
            yield flow.get(connections[0], f"{connections[0].base_url}/late")
        return "done"
    finally:
        steps.append("left")
async def in_loop():
    task = asyncio.ensure_future(flow.perform_async(asking()))
    if how == "cancelled":
        while len(steps) < 3: await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        task.cancel()
    return await task
async def sync_in_loop():
    return flow.perform(asking())
try:
    print({"sync": lambda: flow.perform(asking()), "async": lambda: asyncio.run(in_loop()),
           "beside": lambda: asyncio.run(sync_in_loop())}[sys.argv[3]]())
except BaseException as error:
    print(type(error).__name__)
    if how == "signalled":
        assert steps[-1] == "left"  # not only once nothing holds the error any more
print(len(steps), steps[-1], len(made), sum(client.is_closed for client in made))
"""


@pytest.mark.parametrize(
    ("how", "runs", "said"),
    [
        ("ends", ("sync", "async", "beside"), "done"),
        ("raises", ("sync", "async", "beside"), "NucliactlError"),
        ("interrupted", ("sync", "async"), "KeyboardInterrupt"),
        ("signalled", ("sync", "beside"), "KeyboardInterrupt"),
        ("cancelled", ("async",), "CancelledError"),
    ],
)
def test_clients_are_kept_until_the_flow_ends_however_it_does(
    home: Home, recorder: Recorder, how: str, runs: tuple[str, ...], said: str
) -> None:
    home.define("p", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        time.sleep(2 if "late" in request.path else 0)
        return 200, {}, b"{}"

    recorder.answer = answer
    for run in runs:
        result = home.program(sys.executable, "-c", PROGRAM, "2", how, run)
        assert result.out == f"{said}\n4 left 2 2\n" and result.err == "", (run, result)


def test_a_flow_over_many_connections_keeps_a_bounded_number_of_clients(
    home: Home, recorder: Recorder
) -> None:
    home.define("p", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    result = home.program(sys.executable, "-c", PROGRAM, "40", "ends", "sync")
    assert result.out == "done\n4 left 32 32\n", result


SIDE_BY_SIDE = """
import nucliactl
from nucliactl.http.flow import get, perform, together
one = nucliactl.resolve("p").connection()
def quick():
    for number in range(3):
        yield get(one, f"{one.base_url}/quick/{number}")
    return "quick"
def slow():
    return (yield get(one, f"{one.base_url}/slow")).text
print(perform(together(slow(), quick())))
"""


def test_flows_side_by_side_do_not_wait_for_each_other(home: Home, recorder: Recorder) -> None:
    home.define("p", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    last = threading.Event()

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.path.endswith("/2"):
            last.set()
        if "slow" in request.path:  # answered once the other flow has asked all it asks
            return 200, {}, b"after the last" if last.wait(20) else b"before the last"
        return 200, {}, b"{}"

    recorder.answer = answer
    result = home.program(sys.executable, "-c", SIDE_BY_SIDE)
    assert result.out == "['after the last', 'quick']\n", result


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"access_token": ""}', b'{"access_token": "a\\u0000"}'])
def test_nonsense_to_a_refresh_is_a_lost_answer_and_keeps_the_journal(
    home: Home, recorder: Recorder, body: bytes
) -> None:
    path = home.ended_session(recorder.origin, "rt1")
    recorder.answer = lambda _: (200, {}, body)
    assert home.run("auth", "token", "--profile", "ann").code == 5
    assert json.loads(path.read_text())["refresh_token"] == "rt1" and path.with_suffix(".journal").exists()
    recorder.answer = lambda _: (400, {}, b'{"error": "invalid_grant"}')
    ended = home.run("auth", "token", "--profile", "ann")
    assert ended.code == 4 and "was interrupted" in ended.err, ended


def test_where_only_http_is_spoken_no_certificates_are_read(home: Home, recorder: Recorder) -> None:
    home.define("p", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    recorder.answer = lambda _: (200, {}, b"Nuclia")
    missing = str(home.path / "no.pem")
    assert home.run("auth", "status", "--profile", "p", SSL_CERT_FILE=missing).code == 0
    home.define("q", 'kind = "nucliadb"\nurl = "https://127.0.0.1:9"\n')
    found = home.run("auth", "status", "--profile", "q", SSL_CERT_FILE=missing)
    assert found.code != 0 and "SSL_CERT_FILE" in found.err, found
