"""A forked process (`tests/warm.py`) says and ends as the installed command does, byte for byte."""

import json
import os
import threading

import pytest
from support import COMMAND, Home, interpreter

from nucliactl.cli.registry import COMMANDS

pytestmark = pytest.mark.once
KB = "https://europe-1.dp.progress.cloud/api/v1/kb/x"
CASES: dict[str, tuple[list[str], str, dict[str, str]]] = {
    "nothing": ([], "", {}),
    "no such command": (["nonsense"], "", {}),
    "wrong usage": (["use", "--nonsense"], "", {}),
    "no text": (["use", os.fsdecode(b"\xff")], "", {}),
    "list": (["list"], "", {}),
    "list in colours": (["list"], "", {"FORCE_COLOR": "1"}),
    "list as JSON": (["list", "-o", "json"], "", {}),
    "explain": (["explain", "-v"], "", {"NUCLIA_TOKEN": "x"}),
    "an error as JSON": (["current", "-o", "json", "--profile", "nobody"], "", {}),
    "a key in the environment": (["auth", "token"], "", {"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": "k"}),
    "a variable that is no text": (["auth", "token"], "", {"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": os.fsdecode(b"\xff")}),
    "from stdin": (["auth", "kb", "http://127.0.0.1:1/api/v1/kb/x", "-"], "ké\n", {}),
    "asked of a server that is not there": (["auth", "status"], "", {"NUCLIADB_URL": "http://127.0.0.1:1"}),
    "another time zone": (["list", "-o", "wide"], "", {"TZ": "Asia/Tokyo"}),
    "another encoding": (["list"], "", {"PYTHONIOENCODING": "ascii"}),
    **{f"help: {' '.join(path)}": ([*path, "--help"], "", {}) for path in COMMANDS},
}  # fmt: skip
STATE = """
import json, os, signal, sys, threading, time
streams = [[s.encoding, s.errors, s.line_buffering, s.isatty(), s.fileno()] for s in (sys.stdin, sys.stdout, sys.stderr)]
json.dump({
    "argv": sys.argv, "path": sys.path, "flags": str(sys.flags), "name": __name__, "cwd": os.getcwd(),
    "environ": dict(os.environ), "umask": os.umask(0), "streams": streams, "stdin": sys.stdin.read(),
    "open": sorted(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else [],
    "signals": [str(signal.getsignal(n)) for n in sorted(signal.valid_signals()) if n < 32 and n != signal.SIGINT],
    "blocked": sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), "zone": time.tzname,
    "threads": threading.active_count(), "main": threading.current_thread() is threading.main_thread(),
    "wakeup": signal.set_wakeup_fd(-1), "group": os.getpgid(0) == os.getpgid(os.getppid()),
    "cache": __import__("nucliactl").resolve.__module__,
}, sys.stdout)
"""
ENDS = [
    "pass", "import sys; sys.exit()", "import sys; sys.exit(3)", "import sys; sys.exit(259)", "import sys; sys.exit(-1)",
    "import sys; sys.exit('words')", "1/0", "raise KeyboardInterrupt", "import os; os._exit(9)", "import os; os.abort()",
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)", "import os, sys; os.close(1); print('lost')",
    "import atexit; atexit.register(print, 'at the end'); print('first', end='')", "(",
    "import threading, time; threading.Thread(target=lambda: (time.sleep(0.2), print('a thread'))).start()",
    "import os; print(os.fork() and os.wait()[1])", "open('/dev/full', 'w').write('x')",
    "import sys; sys.stdout.write('x' * 300000); sys.stderr.write('y' * 300000)", "import asyncio; asyncio.run(asyncio.sleep(0)); print(1)",
]  # fmt: skip


@pytest.fixture
def box(home: Home) -> Home:
    home.define("box", f'kind = "kb"\nurl = "{KB}"\napi_key = "secret"\n')
    home.define("local", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.define("bad", "kind = \n")
    return home


@pytest.mark.parametrize("case", CASES)
def test_a_command_says_and_ends_the_same(box: Home, case: str) -> None:
    words, stdin, variables = CASES[case]
    assert box.run(*words, stdin=stdin, **variables) == box.process(*words, stdin=stdin, **variables)


def test_a_program_finds_the_same_process(box: Home) -> None:
    cold = Home(box.path / "cold", warm=False)
    cold.work, cold.environ = box.work, box.environ
    words = ("a", os.fsdecode(b"\xff"))
    box.python("pass")  # the interpreter starts with another one
    before = os.umask(0o027)
    try:
        forked = box.python(STATE, *words, stdin="in\n", OWN="é")
        started = cold.python(STATE, *words, stdin="in\n", OWN="é")
    finally:
        os.umask(before)
    assert json.loads(forked.out) == json.loads(started.out)
    assert forked[::2] == started[::2]


@pytest.mark.parametrize("code", ENDS)
def test_a_program_ends_the_same(box: Home, code: str) -> None:
    cold = Home(box.path / "cold", warm=False)
    cold.work, cold.environ = box.work, box.environ
    forked, started = box.python(code), cold.python(code)
    assert (forked.code, forked.out) == (started.code, started.out)
    assert forked.err.splitlines()[-1:] == started.err.splitlines()[-1:]


def test_what_is_read_only_at_the_start_of_a_process_starts_one(box: Home) -> None:
    warm = interpreter()
    assert warm.can(box.environ)
    for name in ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL", "LD_PRELOAD", "_ARGCOMPLETE"):
        assert not warm.can({**box.environ, name: "C"})


def test_nothing_of_one_process_is_left_for_the_next_and_many_run_at_once(box: Home) -> None:
    change = (
        "import os, sys, nucliactl; nucliactl.x = 1; os.environ['X'] = '1'; os.chdir('/'); os.umask(0o777)"
    )
    assert box.python(change).code == 0
    assert (
        box.python("import os, nucliactl; print('X' in os.environ, hasattr(nucliactl, 'x'))").out
        == "False False\n"
    )
    meet = "import os, time; open(os.environ['ME'], 'w').close()\nwhile not os.path.exists(os.environ['YOU']): time.sleep(0.01)"
    threads = [
        threading.Thread(target=box.python, args=(meet,), kwargs={"ME": me, "YOU": you})
        for me, you in ("ab", "ba")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {path.name for path in box.work.iterdir()} == {"a", "b"}


def test_a_shell_sees_the_same(box: Home) -> None:
    script = "nucliactl list | head -2; umask 077; X=1 nucliactl nonsense || echo $?; echo k | nucliactl auth kb - <&-"
    cold = Home(box.path / "cold", warm=False)
    cold.work, cold.environ = box.work, box.environ
    assert box.shell(script) == cold.shell(script)


def test_the_command_is_the_installed_one(box: Home) -> None:
    code = "import nucliactl.cli.main; print(nucliactl.cli.main.__file__)"
    assert box.python(code).out == box.program(COMMAND.removesuffix("nucliactl") + "python", "-c", code).out
