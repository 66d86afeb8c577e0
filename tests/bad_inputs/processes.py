"""F: what happens to a process (127-131)."""

import json
import os
import signal
import subprocess
import sys
import threading

from hostile import test_forks as forks
from support import COMMAND, Request, Terminal

from .world import CANARY, KB, LOCAL, World, case

KILLS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@case(127)
def a_signal_at_each_step(w: World) -> None:
    for number in KILLS:
        terminal = Terminal(w.home, "auth", "kb", KB)
        terminal.expect(":")
        os.kill(terminal.pid, number)
        assert terminal.close() in (128 + number, -number) and w.home.files() == {}, terminal.seen
    for number in KILLS:
        path, asked, go = w.session(), threading.Event(), threading.Event()
        w.renews()
        renewing = w.recorder.answer

        def answer(
            request: Request, renewing=renewing, asked=asked, go=go
        ) -> tuple[int, dict[str, str], bytes]:
            asked.set()
            go.wait(60)
            return renewing(request)

        w.recorder.answer = answer
        process = w.popen("auth", "token", "--profile", "ann")
        assert asked.wait(60)
        process.send_signal(number)
        go.set()
        out, err = process.communicate(timeout=60)
        assert process.returncode in (128 + number, -number) and CANARY not in out + err, (number, err)
        assert json.loads(path.read_text())["refresh_token"] == "new-refresh"


@case(128)
def killed(w: World) -> None:
    for name in "ab":
        w.profile(LOCAL, name)
    w.ok("use", "a")
    for call in ("write", "fsync", "rename"):
        w.strace(f"inject={call}:signal=KILL:when=1", "use", "b")
        assert w.ok("current").out in ("a\n", "b\n")
    w.ok("use", "b")
    assert [name for name in w.home.files() if "tmp" in name] == []


@case(129)
def a_reader_that_leaves(w: World) -> None:
    for number in range(300):
        w.profile(LOCAL, f"profile-{number}")
    for script in (
        "nucliactl list | head -1",
        "nucliactl list -o json | true",
        "nucliactl explain --profile profile-1 | head -1",
    ):
        result = w.home.program("sh", "-c", script)
        assert result.err == "", (script, result)
    result = w.home.program("sh", "-c", "nucliactl list >&-")
    assert "Traceback" not in result.err, result


@case(130)
def nobody_to_ask(w: World) -> None:
    w.refuses(2, "", "auth", "kb", KB, stdin="")
    w.profile(LOCAL)
    result = w.start("setsid", "-w", COMMAND, "use")
    assert result.code != 0 and result.out == "", result
    process = subprocess.run(
        ["setsid", "-w", COMMAND, "auth", "login", "--no-browser", "--timeout", "1"],
        env={**w.home.environ, "CI": "true"}, cwd=w.work, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert process.returncode in (2, 4) and "NUCLIA_API_KEY" in process.stderr, process


TOGETHER = """
import asyncio, json, multiprocessing, os, sys, threading, nucliactl
def ask(_=None):
    with nucliactl.client("ann") as http: return http.get("user/welcome").status_code
async def tasks():
    async with nucliactl.async_client("ann") as http:
        asked = [asyncio.create_task(http.get("user/welcome")) for _ in range(8)]
        asked[0].cancel()
        await asyncio.gather(*asked, return_exceptions=True)
if __name__ == "__main__":
    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads: thread.start()
    asyncio.run(tasks())
    for thread in threads: thread.join()
    pid = os.fork()
    if pid == 0: os._exit(0 if ask() == 200 else 1)
    assert os.waitpid(pid, 0)[1] == 0
    print("all asked")
"""


@case(131)
def many_in_one_process(w: World) -> None:
    w.renews()
    for flags in ((), ("-O",)):
        w.session()
        before = len([r for r in w.recorder.requests if r.method == "POST"])
        result = w.home.program(sys.executable, *flags, "-c", TOGETHER)
        assert result.out == "all asked\n", result
        assert len([r for r in w.recorder.requests if r.method == "POST"]) == before + 1
    w.recorder.requests.clear()
    forks.test_a_client_made_before_a_fork_and_not_yet_used_serves_each_side(w.home, w.recorder)
