"""A fork in the midst of something: the child neither keeps a lock of its parent nor waits for one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support import PATIENCE, Home, Recorder

FORKED_UNDER_LOCK = """
import os, signal, sys, threading
from nucliactl.disk.lock import locked
path, how = sys.argv[1:]
holding, forked, released = threading.Event(), threading.Event(), threading.Event()
def hold():
    with locked(path):
        holding.set()
        forked.wait()
    released.set()
thread = threading.Thread(target=hold)
thread.start()
holding.wait()
reader, writer = os.pipe()
child = os.fork()
if child == 0:
    os.close(writer)
    os.read(reader, 1)  # lives as long as the test's pipe
    os._exit(0)
if how == "killed":
    print(child, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
forked.set()
released.wait()
thread.join()
print(child, flush=True)
"""


@pytest.mark.parametrize("how", ["released", "killed"])
def test_a_child_forked_while_a_lock_is_held_does_not_keep_it(home: Home, how: str) -> None:
    path = str(home.path / "locks/store.lock")
    words = [sys.executable, "-c", "import os; os.setsid()\n" + FORKED_UNDER_LOCK, path, how]
    read, write = os.pipe()  # keeps the child alive: it reads its own pipe, whose other end it inherits
    words[2] = (
        words[2].replace("reader, writer = os.pipe()", f"reader = {read}").replace("os.close(writer)", "")
    )
    parent = subprocess.Popen(words, env=home.environ, stdout=subprocess.PIPE, text=True, pass_fds=[read])
    try:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.wait(PATIENCE)
        os.kill(child, 0)  # it is still there
        probe = f"from nucliactl.disk.lock import locked\nwith locked({path!r}, deadline=0): print('free')"
        assert home.python(probe).out == "free\n"
    finally:
        os.close(write)
        os.close(read)


COMMAND_IN_FLIGHT = """
import os, sys, threading, time
from pathlib import Path
from nucliactl.credentials.command import Command
from nucliactl.credentials.provider import File
from nucliactl.sources import in_memory
from nucliactl import layers
import nucliactl
folder = Path(sys.argv[1])
program = 'import pathlib, sys, time, os; p = pathlib.Path(sys.argv[1]); (p / "began").touch()\\n'
program += 'while not (p / "go").exists(): time.sleep(0.01)\\nprint("secret")'
command = Command((sys.executable, "-c", program, str(folder)), str(folder / "p.toml"), os.environ)
file = File(str(folder / "pipe"), "p")
os.mkfifo(folder / "pipe")
threads = [threading.Thread(target=command.get), threading.Thread(target=file.get)]
for thread in threads:
    thread.start()
while not (folder / "began").exists():
    time.sleep(0.01)
writer = os.open(folder / "pipe", os.O_WRONLY)  # there is a reader: the other thread is in the midst of it
in_memory._lock.__enter__()
child = os.fork()
if child == 0:
    (folder / "go").touch()
    (folder / "plain").write_text("other")
    file._path = str(folder / "plain")
    found = [command.get().reveal(), file.get().reveal(), in_memory.first_time("x"), bool(layers.warm())]
    nucliactl.reset()
    print(found, flush=True)
    os._exit(0)
os.waitpid(child, 0)
os.write(writer, b"secret")
os.close(writer)
for thread in threads:
    thread.join()
"""


def test_no_lock_among_threads_is_left_locked_in_a_forked_child(home: Home) -> None:
    result = home.program(sys.executable, "-c", COMMAND_IN_FLIGHT, str(home.work))
    assert result.out == "['secret', 'other', True, True]\n", result


WALKING = """
import os, signal, threading
import nucliactl
from nucliactl.sources import sources
inside, go, real = threading.Event(), threading.Event(), sources.folders
def slowly(cwd):
    inside.set()
    go.wait()
    return real(cwd)
sources.folders = slowly
thread = threading.Thread(target=nucliactl.resolve)
thread.start()
inside.wait()
sources.folders = real
child = os.fork()
if child == 0:
    signal.alarm(20)
    print(nucliactl.resolve().name, flush=True)
    os._exit(0)
os.waitpid(child, 0)
go.set()
thread.join()
"""


def test_a_child_forked_while_a_thread_resolves_does_so_too(home: Home) -> None:
    home.define("acme", 'kind = "nucliadb"\nurl = "http://127.0.0.1:8080"\n')
    assert home.run("use", "acme").code == 0
    result = home.program(sys.executable, "-c", WALKING)
    assert result.out == "acme\n", result


MERGING = """
import os, sys, threading
import nucliactl.layers as layers
held, real = threading.Event(), layers._scrubbed
def slowly():
    held.set()
    return real()
layers._scrubbed = slowly
thread = threading.Thread(target=layers.warm)
thread.start()
held.wait()
child = os.fork()
if child == 0:
    print(layers.warm() is not None, os.environ["DYNACONF_OF_ANOTHER"], flush=True)
    os._exit(0)
os.waitpid(child, 0)
thread.join()
"""


def test_a_child_forked_while_dynaconf_is_imported_has_it_and_its_variables(home: Home) -> None:
    result = home.program(sys.executable, "-c", MERGING, DYNACONF_OF_ANOTHER="kept")
    assert result.out == "True kept\n", result


WORKERS = """
import multiprocessing, sys, nucliactl
def work(url):
    with nucliactl.client() as http:
        return http.get(url).status_code
if __name__ == "__main__":
    profile = nucliactl.resolve()
    with nucliactl.client() as http:
        http.get(profile.url)
    with multiprocessing.get_context(sys.argv[1]).Pool(3) as pool:
        print(pool.map(work, [profile.url] * 6))
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_of_every_start_method_use_a_profile(home: Home, recorder: Recorder, method: str) -> None:
    home.define("box", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key = "k-1"\n')
    program = home.work / "workers.py"
    program.write_text(WORKERS)
    result = home.program(sys.executable, str(program), method, NUCLIA_PROFILE="box")
    assert result.out == f"{[200] * 6}\n", result
    keys = {request.headers["x-nuclia-serviceaccount"] for request in recorder.requests}
    assert len(recorder.requests) == 7 and keys == {"Bearer k-1"}


UNUSED = """
import os, nucliactl
with nucliactl.client() as http:
    for _ in range(4):
        if (child := os.fork()) == 0:
            os._exit(0 if http.get("").status_code == 200 else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    print(http.get("").status_code)
"""


def test_a_client_made_before_a_fork_and_not_yet_used_serves_each_side(
    home: Home, recorder: Recorder
) -> None:
    home.define("box", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key = "k-1"\n')
    assert home.python(UNUSED, NUCLIA_PROFILE="box").out == "200\n"
    assert len(recorder.requests) == 5


ASKED_AGAIN = """
import asyncio, pathlib, sys, nucliactl
folder = pathlib.Path(sys.argv[1])
async def answers():
    while True:
        for began in folder.glob("began-*"):
            began.rename(folder / began.name.replace("began", "go"))
        await asyncio.sleep(0.01)
async def main():
    async with nucliactl.async_client() as http:
        helper = asyncio.create_task(answers())
        print((await http.get("")).status_code)
        helper.cancel()
asyncio.run(main())
"""
ASKS = """
import pathlib, sys, time
folder = pathlib.Path(sys.argv[1])
number = len(list(folder.glob("go-*"))) + 1
(folder / f"began-{number}").touch()
while not (folder / f"go-{number}").exists(): time.sleep(0.01)
print(f"key-{number}")
"""


def test_a_command_asked_again_after_a_401_leaves_the_event_loop_free(home: Home, recorder: Recorder) -> None:
    """The command ends only when the loop, at work meanwhile, answers it."""
    recorder.answer = lambda r: (
        401 if r.headers["x-nuclia-serviceaccount"].endswith("1") else 200,
        {},
        b"{}",
    )
    folder = home.path / "asked"
    folder.mkdir()
    argv = f'["{sys.executable}", "-c", """{ASKS}""", "{folder}"]'
    home.define("box", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key_command = {argv}\n')
    result = home.program(sys.executable, "-c", ASKED_AGAIN, str(folder), NUCLIA_PROFILE="box")
    assert result.out == "200\n", result
    assert sorted(p.name for p in Path(folder).iterdir()) == ["go-1", "go-2"]
