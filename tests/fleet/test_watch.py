"""`profile pull --watch` beside programs that use what it publishes: rotation, outage, revocation, signals."""

import contextlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fleet.stores import Redis, Server, Vault
from support import COMMAND, PATIENCE, Home, Recorder, Request, until

BOX = "/api/v1/kb/11111111-2222-3333-4444-555555555555"
needs_root = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not all(map(shutil.which, ("setpriv", "unshare"))),
    reason="needs root, setpriv and unshare",
)


class Puller:
    """A puller that goes on, and what it has said so far."""

    def __init__(self, home: Home, address: str, *words: str, variables: dict[str, str]) -> None:
        self.path = home.path / "said"
        with self.path.open("wb") as said:
            self.process = subprocess.Popen(
                [COMMAND, "profile", "pull", "--watch", "--from", address, "--to", home.path / "out", *words],
                env={**home.environ, "NUCLIACTL_TIMEOUT": "5", **variables},
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=home.work,
            )

    @property
    def said(self) -> list[str]:
        return self.path.read_text().splitlines()

    def says(self, text: str, times: int = 1) -> None:
        def there() -> bool:
            assert self.process.poll() is None or sum(text in line for line in self.said) >= times, self.said
            return sum(text in line for line in self.said) >= times

        until(there)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


@contextlib.contextmanager
def watching(home: Home, server: Server, *words: str, **variables: str) -> Iterator[Puller]:
    puller = Puller(home, server.address, *words, variables={**server.reader, **variables})
    try:
        yield puller
    finally:
        if puller.process.poll() is None:
            puller.process.kill()
            puller.process.wait()


@pytest.fixture
def box(recorder: Recorder) -> Recorder:
    """A Knowledge Box that takes one key at a time."""
    recorder.key = "first-key-0123456789"  # type: ignore[attr-defined]

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        good = request.headers.get("x-nuclia-serviceaccount") == f"Bearer {recorder.key}"  # type: ignore[attr-defined]
        return (200, {}, b"{}") if good else (403, {}, b'{"detail": "no"}')

    recorder.answer = answer
    return recorder


def record(box: Recorder, key: str | None = None) -> dict[str, str]:
    return {"kind": "kb", "url": box.origin + BOX, "api_key": key or box.key}  # type: ignore[attr-defined]


def files(home: Home) -> list[str]:
    return sorted(path.name for path in (home.path / "out/current").iterdir())


def test_it_says_one_line_a_change_and_ends_cleanly_at_a_signal(
    home: Home, server: Server, box: Recorder
) -> None:
    server.put("said", record(box))
    health = home.path / "health"
    with watching(home, server, "said", "--interval", "1", "--health", str(health)) as puller:
        puller.says("published said")
        until(health.exists)
        first = health.stat().st_mtime_ns
        until(lambda: health.stat().st_mtime_ns > first)
        assert len(puller.said) == 1, puller.said
        server.put("said", record(box, "second-key-0123456789"))
        puller.says("updated said")
        server.delete("said")
        puller.says("withdrew said")
        assert files(home) == [] and server.key("said") in puller.said[-1]
        server.put("said", record(box))
        puller.says("published said", times=2)
        server.put("said", {"kind": "kb", "url": box.origin + BOX})
        puller.says("no secret")
        assert files(home) == ["said.toml"]
        server.put("said", record(box, "third-key-01234567890"))
        puller.says("updated said", times=2)
        assert puller.end() == 0
        assert len(puller.said) == 6 and "key-0123" not in "".join(puller.said), puller.said
    left = [path.name for path in (home.path / "out").iterdir()]
    assert len(left) == 2 and "current" in left


def test_a_directory_that_cannot_be_written_is_not_told_as_the_stores_fault(
    home: Home, redis: Redis, box: Recorder
) -> None:
    redis.put("lost", record(box))
    out = home.path / "out"
    with watching(home, redis, "lost", "--interval", "1") as puller:
        puller.says("published lost")
        out.rename(home.path / "aside")
        out.write_text("")
        puller.says("trying again")
        out.unlink()
        puller.says("it can be written again")
        assert not [line for line in puller.said if "stays" in line or "answers again" in line], puller.said
    assert files(home) == ["lost.toml"]


def test_ctrl_c_ends_it_too(home: Home, redis: Redis, box: Recorder) -> None:
    redis.put("ctrl", record(box))
    with watching(home, redis, "ctrl") as puller:
        puller.says("published ctrl")
        assert puller.end(signal.SIGINT) == 130 and "Traceback" not in "".join(puller.said)


def test_before_the_first_look_only_a_server_that_is_away_is_waited_for(
    home: Home, server: Server, box: Recorder
) -> None:
    server.put("early", record(box))
    for variables, words, code in ((server.wrong, ("early",), 4), ({}, ("never-was",), 3)):
        with watching(home, server, *words, **variables) as puller:
            assert puller.process.wait(PATIENCE) == code, puller.said
    server.stop()
    try:
        with watching(home, server, "early") as puller:
            puller.says("cannot be reached")
            server.start()
            puller.says("published early")
            assert puller.end() == 0
            assert [line for line in puller.said if "cannot be reached" in line] == puller.said[:1]
    finally:
        if server.process is None:
            server.start()


def test_while_the_server_is_away_nobody_fails_and_what_was_good_stays(
    home: Home, server: Server, box: Recorder
) -> None:
    away(home, server, box, seconds=1.5, clients=12)


@pytest.mark.torture
def test_while_the_server_is_away_for_half_a_minute_fifty_clients_never_fail(
    home: Home, server: Server, box: Recorder
) -> None:
    away(home, server, box, seconds=30, clients=50)


CLIENTS = """
import json, os, sys, threading, nucliactl
count, flag = int(sys.argv[1]), sys.argv[2]
found = {}
lock = threading.Lock()
def work():
    with nucliactl.client("away") as http:
        while not os.path.exists(flag):
            status = http.get(nucliactl.resolve("away").url).status_code
            with lock:
                found[status] = found.get(status, 0) + 1
            threading.Event().wait(0.05)
threads = [threading.Thread(target=work) for _ in range(count)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps(found))
"""


def away(home: Home, server: Server, box: Recorder, *, seconds: float, clients: int) -> None:
    server.put("away", record(box))
    flag = home.path / "enough"
    with watching(home, server, "away", "--interval", "1") as puller:
        puller.says("published away")
        outcome: list[str] = []
        path = str(home.path / "out/current")
        run = threading.Thread(
            target=lambda: outcome.append(
                home.python(CLIENTS, str(clients), str(flag), NUCLIA_PROFILES_PATH=path).out
            )
        )
        run.start()
        until(lambda: len(box.requests) > clients)
        server.stop()
        try:
            puller.says("stays")
            before = len(box.requests)
            deadline = time.monotonic() + seconds
            until(lambda: time.monotonic() > deadline and len(box.requests) > before)
        finally:
            server.start()
        puller.says("answers again")
        flag.touch()
        run.join()
        assert list(eval(outcome[0])) == ["200"], outcome
        assert sum("stays" in line for line in puller.said) == 1, puller.said


def test_a_record_that_may_not_be_read_any_more_is_withdrawn(
    home: Home, server: Server, box: Recorder
) -> None:
    server.put("denied", record(box))
    with watching(home, server, "denied", "--interval", "1") as puller:
        puller.says("published denied")
        with server.forbid("denied"):
            puller.says("withdrew denied")
            assert files(home) == []
        puller.says("published denied", times=2)


def test_a_login_that_is_refused_keeps_what_was_good_and_is_said_each_time(
    home: Home, server: Server, box: Recorder
) -> None:
    server.put("refused", record(box))
    secret = home.path / "secret"
    if isinstance(server, Redis):
        secret.write_text("readpw")
        variables = {"NUCLIA_PROFILES_PASSWORD": "", "NUCLIA_PROFILES_PASSWORD_FILE": str(secret)}
    else:
        secret.write_text(server.token("reader"))
        variables = {"VAULT_TOKEN": "", "VAULT_TOKEN_FILE": str(secret)}
    first = secret.read_text()
    with watching(home, server, "refused", "--interval", "1", **variables) as puller:
        puller.says("published refused")
        secret.write_text("canary-wrong")
        if isinstance(server, Vault):
            server.ask("POST", "auth/token/revoke", {"token": first})
        puller.says("stays", times=2)
        assert files(home) == ["refused.toml"]
        secret.write_text("readpw" if isinstance(server, Redis) else server.token("reader"))
        puller.says("answers again")
        assert "canary" not in "".join(puller.said)


def test_a_dead_token_of_an_approle_is_replaced_and_nothing_is_withdrawn(
    home: Home, vault: Vault, box: Recorder
) -> None:
    vault.put("leased", record(box))
    vault.ask(
        "POST",
        "auth/approle/role/app",
        {"token_policies": "reader", "token_ttl": "2s", "token_type": "batch"},
    )
    variables = {"VAULT_TOKEN": "", **vault.approle()}
    try:
        with watching(home, vault, "leased", "--interval", "1", **variables) as puller:
            puller.says("published leased")
            for number in range(1, 4):
                vault.put("leased", record(box, f"key-number-{number}-0123456789"))
                puller.says("updated leased", times=number)
            assert len(puller.said) == 4, puller.said
    finally:
        vault.ask(
            "POST",
            "auth/approle/role/app",
            {"token_policies": "reader", "token_ttl": "20m", "token_type": "batch"},
        )


def test_a_sealed_vault_is_waited_for(home: Home, vault: Vault, box: Recorder) -> None:
    vault.put("shut", record(box))
    with watching(home, vault, "shut", "--interval", "1") as puller:
        puller.says("published shut")
        vault.seal()
        try:
            puller.says("is sealed")
        finally:
            vault.unseal()
        puller.says("answers again")
        assert files(home) == ["shut.toml"]


def test_an_event_is_heard_long_before_the_interval_ends(home: Home, redis: Redis, box: Recorder) -> None:
    redis.put("heard", record(box))
    with watching(home, redis, "heard", "--interval", "100000") as puller:
        puller.says("published heard")
        for number in range(1, 4):
            redis.put("heard", record(box, f"key-number-{number}-0123456789"))
            puller.says("updated heard", times=number)
        redis.stop()
        puller.says("stays")  # a connection that breaks is heard of as well
        redis.start()
        puller.says("answers again")


# ---- as in a container ----------------------------------------------------------------------------------------

ROTATION = """
import os, sys, time, urllib.request, nucliactl
flag = sys.argv[1]
deadline = time.monotonic() + 250
while not os.path.exists(os.environ["NUCLIA_PROFILES_PATH"] + "/turned.toml"):
    assert time.monotonic() < deadline
    time.sleep(0.02)
print("ready", flush=True)
with nucliactl.client("turned") as http:
    while True:
        print(http.get(nucliactl.resolve("turned").url).status_code, time.time(), flush=True)
        time.sleep(0.05)
"""


@needs_root
def test_a_key_is_turned_in_a_container_and_no_program_restarts(
    home: Home, server: Server, box: Recorder, image: Path
) -> None:
    """`env -i`, uid 12345, everything read-only but one tmpfs: a puller and a program beside it."""
    server.put("turned", record(box))
    room = home.path / "room"
    room.mkdir()
    program = home.path / "program.py"
    program.write_text(ROTATION)
    for parent in (program, room, *room.parents):
        if parent.stat().st_uid == os.getuid() and str(parent) != "/":
            parent.chmod(parent.stat().st_mode | 0o055)
    surroundings = f'PATH="{image}:$PATH" PYTHONPATH={image}/site LD_LIBRARY_PATH={image}/lib'
    opens = " ".join(f"'{name}={value}'" for name, value in server.reader.items())
    become = f"setpriv --reuid 12345 --regid 12345 --clear-groups env -i {surroundings}"
    script = (
        f"mount --make-rprivate / && mount -t tmpfs -o mode=0700,uid=12345,gid=12345 tmpfs {room} && "
        f"mount -o remount,bind,ro / && cd / && ! touch {home.path}/x 2>/dev/null && "
        f"{{ {become} {opens} nucliactl profile pull turned --watch --interval 2 --to {room}/out "
        f"--from '{server.address}' & }} && "
        f"exec {become} NUCLIA_PROFILES_PATH={room}/out/current python {program} x"
    )
    process = subprocess.Popen(
        ["unshare", "-m", "--kill-child", "--fork", "--pid", "--mount-proc", "sh", "-c", script],
        stdout=subprocess.PIPE,
        stderr=(home.path / "said").open("wb"),
        text=True,
    )
    said = home.path / "said"
    rows: list[tuple[int, float]] = []
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n", said.read_text()

        def read(until_true: object) -> None:
            deadline = time.monotonic() + PATIENCE
            while not until_true():  # type: ignore[operator]
                assert time.monotonic() < deadline, said.read_text()
                status, when = process.stdout.readline().split()  # type: ignore[union-attr]
                rows.append((int(status), float(when)))

        read(lambda: len(rows) > 5)
        new = "second-key-0123456789"
        server.put("turned", record(box, new))
        box.key = new  # type: ignore[attr-defined]
        read(lambda: "updated turned" in said.read_text())
        at = len(rows)
        read(lambda: len(rows) > at + 20)
    finally:
        process.kill()
        process.wait()
    failed = [index for index, row in enumerate(rows) if row[0] != 200]
    assert all(index <= at + 1 for index in failed), rows
    if isinstance(server, Redis):
        assert len(failed) <= 1, rows
