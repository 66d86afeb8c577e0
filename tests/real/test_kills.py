"""SIGKILL at any moment of a login, a switch and a refresh: nothing is lost, damaged or left over."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import COMMAND, Home

from .oauth import Server, oidc, sign_in_by_hand
from .test_session import expire

KB = 'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "k-{0}"\n'


@pytest.fixture
def server() -> Iterator[Server]:
    with oidc() as found:
        yield found


def killed(home: Home, part: float, *words: str, stdin: str = "") -> None:
    """Run a command and kill it after a part of the time that it took a moment ago."""
    started = time.monotonic()
    assert home.run(*words, stdin=stdin).code == 0
    process = subprocess.Popen(
        [COMMAND, *words],
        env=home.environ,
        cwd=home.work,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    process.stdin.write(stdin.encode())
    process.stdin.close()
    try:
        process.wait((time.monotonic() - started) * part)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def leftovers(home: Home) -> list[Path]:
    return [path for path in home.store.rglob("*") if "tmp" in path.name]


def kill_many(home: Home, server: Server, rounds: int) -> dict[str, int]:
    """Kill logins, switches and refreshes, one after the other, at moments spread over their lives."""
    path = sign_in_by_hand(home, server, server.origin)
    for name in "ab":
        home.define(name, KB.format(name))
    assert home.run("use", "a").code == 0
    ended = 0
    for number in range(rounds):
        part = (number * 0.6180339887) % 1.0
        key = f"key-{number}"
        killed(
            home,
            part,
            "auth",
            "kb",
            KB.split('"')[3].format("new"),
            "-",
            "--no-validate",
            "--name",
            "new",
            stdin=key,
        )
        killed(home, part, "use", "ab"[number % 2])
        assert home.run("auth", "token", "--profile", "new").out == f"{key}\n"
        expire(path)
        before = home.run("--profile", "ann", "auth", "token")
        assert before.code == 0, before.err
        expire(path)
        process = subprocess.Popen(
            [COMMAND, "--profile", "ann", "auth", "token"], env=home.environ, stdout=subprocess.DEVNULL
        )
        try:
            process.wait(part)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        after = home.run("--profile", "ann", "auth", "token")
        if after.code != 0:  # the server has rotated, and the answer died with the process
            assert after.code == 4 and "was interrupted" in after.err, after
            ended += 1
            sign_in_by_hand(home, server, server.origin)
        names = {row["name"] for row in home.run("list", "-o", "json").json}
        assert {"a", "b", "ann", "new"} <= names
        for file in (home.store / "active.json", *(home.store / "credentials").glob("*.json")):
            json.loads(file.read_text())
        assert home.run("current").out.strip() in names
    assert home.run("use", "a").code == 0
    assert leftovers(home) == [], os.listdir(home.store)
    return {"kills": 3 * rounds, "sessions that said they were interrupted": ended}


@pytest.mark.G4
def test_twenty_kills_lose_nothing(home: Home, server: Server) -> None:
    kill_many(home, server, 7)
