"""`auth status --all` of many profiles: few connections, nothing that one profile has goes to another, and none
waits for what another meets."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest
from support import COMMAND, Home, Recorder, Request

AT_ONCE = 32
KEY = re.compile(r"Bearer key-of-(\w+)-0123456789")


@pytest.fixture
def hosts() -> Iterator[Recorder]:
    """A server that is 127.x.y.z, whatever those are."""
    found = Recorder("0.0.0.0")
    yield found
    found.close()


def keep(home: Home, name: str, origin: str, kind: str = "kb", **fields: object) -> None:
    """Write a profile and its credential as a login would."""
    urls = "".join(f'{key} = "{origin}"\n' for key in ("global_url", "oauth_url", "zone_url"))
    home.define(
        name,
        f'kind = "kb"\nurl = "{origin}/api/v1/kb/{name}"\n' if kind == "kb" else f'kind = "user"\n{urls}',
    )
    path = home.store / f"credentials/{name}.json"
    path.parent.mkdir(exist_ok=True)
    held = {"secret": f"key-of-{name}-0123456789"} if kind == "kb" else fields
    path.write_text(json.dumps({"version": 1, "kind": kind, "origins": [origin], **held}))
    path.chmod(0o600)


def box(title: str) -> tuple[int, dict[str, str], bytes]:
    return (
        200,
        {"Set-Cookie": f"of={title}; Path=/"},
        json.dumps({"uuid": "0", "config": {"title": title}}).encode(),
    )


def states(home: Home, **variables: str) -> dict[str, dict[str, str]]:
    result = home.run("auth", "status", "--all", "-o", "json", **variables)
    assert "Traceback" not in result.err, result
    return {row["name"]: row for row in result.json}


def test_an_answer_is_credited_to_the_profile_whose_key_asked_and_nothing_passes_to_another(
    home: Home, hosts: Recorder
) -> None:
    """Half of them lead to one host, the others to one each; some are redirected, some keys are refused."""
    connections, accept = 0, hosts.server.process_request

    def counted(*given: object) -> None:
        nonlocal connections
        connections += 1
        accept(*given)

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        owner = KEY.fullmatch(request.headers["x-nuclia-serviceaccount"])[1]
        if owner.endswith("7"):
            return 401, {}, f'{{"detail": "refused {owner}"}}'.encode()
        if owner.endswith("4") and "?" not in request.path:
            return 302, {"Location": f"{request.path}?again", "Set-Cookie": f"of={owner}; Path=/"}, b""
        return box(owner)

    hosts.server.process_request, hosts.answer = counted, answer
    names = [f"p{number}" for number in range(300)]
    for number, name in enumerate(names):
        address = f"127.1.{number // 200}.{number % 200 + 1}" if number % 2 else "127.0.0.1"
        keep(home, name, f"http://{address}:{hosts.port}")
    found = states(home)
    for name in names:
        said = found[name]["detail"]
        refused = name.endswith("7")
        assert found[name]["state"] == ("rejected" if refused else "valid"), found[name]
        assert f"refused {name}" in said if refused else said == name
    assert len(hosts.requests) == 300 + 30  # a KB's key is not asked for its owner
    for request in hosts.requests:
        owner = KEY.fullmatch(request.headers["x-nuclia-serviceaccount"])[1]
        assert request.path.partition("?")[0].endswith(f"/{owner}") and "cookie" not in request.headers, (
            request
        )
        assert request.headers["user-agent"].startswith("nucliactl/")
        number = int(owner.removeprefix("p"))
        assert request.headers["host"].startswith("127.1." if number % 2 else "127.0.0.1"), request
    assert 150 < connections < 300, connections  # without sharing, one for each profile at the least


def test_one_that_does_not_answer_delays_no_other(home: Home, recorder: Recorder) -> None:
    others, asked, all_asked = 99, set[str](), threading.Event()

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.path.endswith("/last"):
            return box("after all others" if all_asked.wait(50) else "before others")
        asked.add(request.path)
        if len(asked) == others:
            all_asked.set()
        return box("box")

    recorder.answer = answer
    for name in ("last", *(f"p{number}" for number in range(others))):
        keep(home, name, recorder.origin)
    found = states(home, NUCLIACTL_TIMEOUT="60")
    assert found["last"]["detail"] == "after all others"
    assert {row["state"] for row in found.values()} == {"valid"}


def test_a_secret_that_takes_long_to_open_delays_no_other(home: Home, recorder: Recorder) -> None:
    """The key of the first comes through a pipe, once all others were asked."""
    others, asked, all_asked = 40, set[str](), threading.Event()

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        asked.add(request.path)
        if len(asked) == others:
            all_asked.set()
        return box("box")

    recorder.answer = answer
    pipe = home.path / "pipe"
    os.mkfifo(pipe, 0o600)
    home.define("a", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/a"\napi_key_file = "{pipe}"\n')
    for number in range(others):
        keep(home, f"p{number}", recorder.origin)

    def write() -> None:
        if all_asked.wait(50):
            pipe.write_text("key-of-a-0123456789\n")

    threading.Thread(target=write, daemon=True).start()
    found = states(home)
    assert {row["state"] for row in found.values()} == {"valid"}, found


def test_a_deadline_begins_when_a_request_is_sent_not_when_it_is_queued(
    home: Home, recorder: Recorder
) -> None:
    def answer(_: Request) -> tuple[int, dict[str, str], bytes]:
        time.sleep(2)  # the server's own time
        return box("box")

    recorder.answer = answer
    for number in range(3 * AT_ONCE):
        keep(home, f"p{number}", recorder.origin)
    found = states(home, NUCLIACTL_TIMEOUT="5.5")  # three rounds take six
    assert {row["state"] for row in found.values()} == {"valid"}, found


def test_sessions_are_renewed_side_by_side_each_with_its_own_token(home: Home, recorder: Recorder) -> None:
    many = 8
    together = threading.Barrier(many)

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        assert request.headers["user-agent"].startswith("nucliactl/")
        if request.path == "/oauth2/token":
            owner = re.search(rb"refresh_token=refresh-of-(\w+)", request.body)[1].decode()
            together.wait(50)
            new = {
                "access_token": f"new-token-of-{owner}",
                "refresh_token": f"next-of-{owner}",
                "expires_in": 1800,
            }
            return 200, {}, json.dumps(new).encode()
        owner = re.fullmatch(r"Bearer new-token-of-(\w+)", request.headers["authorization"])[1]
        return 200, {}, json.dumps({"name": owner, "email": f"{owner}@example.com", "type": "USER"}).encode()

    recorder.answer = answer
    ended = int(time.time()) - 100
    for number in range(many):
        name = f"u{number}"
        tokens = {"access_token": "old", "refresh_token": f"refresh-of-{name}"}
        times = {"issued_at": ended - 1800, "expires_at": ended, "login_required": False}
        keep(home, name, recorder.origin, "user", **tokens, **times)
    found = states(home, NUCLIACTL_TIMEOUT="60")
    for name, row in found.items():
        assert row["state"] == "valid" and row["detail"] == f"{name} <{name}@example.com>", row
        stored = json.loads((home.store / f"credentials/{name}.json").read_text())
        assert (
            stored["access_token"] == f"new-token-of-{name}" and stored["refresh_token"] == f"next-of-{name}"
        )


def test_ctrl_c_leaves_at_once_while_many_are_asked(home: Home, recorder: Recorder) -> None:
    never, asked = threading.Event(), threading.Semaphore(0)

    def answer(_: Request) -> tuple[int, dict[str, str], bytes]:
        asked.release()
        never.wait(100)
        return box("too late")

    recorder.answer = answer
    for number in range(2 * AT_ONCE):
        keep(home, f"p{number}", recorder.origin)
    environ = {**home.environ, "NUCLIACTL_TIMEOUT": "100"}
    with subprocess.Popen(
        [COMMAND, "auth", "status", "--all"],
        env=environ,
        cwd=home.work,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            for _ in range(AT_ONCE):
                assert asked.acquire(timeout=60)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=50)
        finally:
            process.kill()
            never.set()
    assert process.returncode == 130 and out == b"" and b"Traceback" not in err, (
        process.returncode,
        out,
        err,
    )
