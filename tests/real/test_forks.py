"""One session in forked workers: one refresh, and no worker that waits for ever."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from support import PATIENCE, Home

from .oauth import Server, oidc, sign_in_by_hand
from .signals import Gate, gate
from .test_session import expire


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with oidc() as found:
        yield found


WORKERS = """
import multiprocessing, sys, nucliactl
def work(_):
    with nucliactl.client("ann") as http:
        return http.get("user/welcome").status_code
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(4) as pool:
        print(pool.map(work, range(8)))
"""


def test_workers_of_every_start_method_refresh_an_ended_session_once(home: Home, server: Server) -> None:
    path = sign_in_by_hand(home, server, server.origin)
    program = home.work / "workers.py"
    program.write_text(WORKERS)
    for method in ("fork", "spawn", "forkserver"):
        expire(path)
        spent = server.count("refresh_token.consumed")
        result = home.program(sys.executable, str(program), method)
        assert result.out == f"{[200] * 8}\n", result
        assert server.count("refresh_token.consumed") - spent == 1, method
    assert server.count("grant.error") == 0


PREFORK = """
import os, sys, threading, nucliactl
profile = nucliactl.resolve("ann")
def ask():
    with profile.client() as http:
        return http.get("user/welcome").status_code
thread = threading.Thread(target=ask)
thread.start()
sys.stdin.readline()  # it is in the midst of the refresh
children = []
for _ in range(3):
    if (child := os.fork()) == 0:
        os._exit(0 if ask() == 200 else 1)
    children.append(child)
print("forked", flush=True)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
thread.join()
print(codes, ask())
"""


def test_workers_forked_in_the_midst_of_a_refresh_use_what_it_brings(home: Home) -> None:
    with gate() as before:
        path = before.sign_in(home)
        expire(path)
        assert_prefork(home, before)
        assert before.server.count("refresh_token.consumed") == 1 and before.server.count("grant.error") == 0


def assert_prefork(home: Home, before: Gate) -> None:
    before.close()
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [sys.executable, "-c", PREFORK], env=home.environ, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stdin is not None and process.stdout is not None
    try:
        assert before.spent.wait(PATIENCE)
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "forked\n"
    finally:
        before.go.set()
    out, err = process.communicate(timeout=PATIENCE)
    assert out == "[0, 0, 0] 200\n", err
