"""The terminal is lent to what asks on it and always comes back; what we start ends with us, or is left alone."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from jobs import Job
from support import COMMAND, PATIENCE, Home, Recorder, until

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")]


def kb(recorder: Recorder, home: Home, name: str, script: str) -> Path:
    """A profile whose key a shell script asks for; the file that its processes write their ids into."""
    ids, path = home.path / f"{name}.ids", home.path / f"{name}.sh"
    path.write_text(f"#!/bin/sh\nsleep 600 & echo $$ $! > {ids}.new; mv {ids}.new {ids}\n{script}\n")
    path.chmod(0o755)
    text = f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key_command = ["{path}"]\n'
    home.define(name, text)
    recorder.answer = lambda _: (200, {}, b'{"uuid": "x", "slug": "x", "config": {}}')
    return ids


def gone(ids: Path) -> None:
    """Wait until no process of a script lives (one that has ended may still be unburied)."""

    def alive(pid: str) -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
        except OSError:
            return False

    until(lambda: not [pid for pid in ids.read_text().split() if alive(pid)])


PIN = "printf PIN: >/dev/tty; stty -echo </dev/tty; read pin </dev/tty; echo key-$pin"


def test_a_program_asks_for_a_pin_and_the_terminal_comes_back(home: Home, recorder: Recorder) -> None:
    ids = kb(recorder, home, "p", PIN)
    job = Job(home, "auth", "token", "--profile", "p")
    job.expect("PIN:")
    until(job.is_silent)
    job.type("1234\n")
    job.expect("ended 0 echo returned")
    assert "key-1234" in job.seen and job.close() == 0
    gone(ids)


def test_a_prompt_on_the_programs_own_streams_is_seen_and_answered(home: Home, recorder: Recorder) -> None:
    kb(recorder, home, "p", "printf 'code? ' >&2; read code; echo key-$code")
    job = Job(home, "auth", "status", "--profile", "p")
    job.expect("code? ")
    job.type("77\n")
    job.expect("ended 0 echo returned")
    job.close()
    assert recorder.requests[-1].headers["x-nuclia-serviceaccount"] == "Bearer key-77"


def test_keys_typed_at_the_programs_prompt_are_meant_for_both(home: Home, recorder: Recorder) -> None:
    ids = kb(recorder, home, "p", PIN)
    job = Job(home, "auth", "status", "--profile", "p")
    job.expect("PIN:")
    until(job.is_silent)
    job.type("\x1a")
    job.expect("stopped echo returned")
    job.type("\n")
    until(job.is_silent)
    job.type("\x03")
    job.expect("ended 130 echo returned")
    assert job.close() == 0
    gone(ids)


def test_two_programs_ask_one_after_the_other(home: Home, recorder: Recorder) -> None:
    for name in "ab":
        kb(recorder, home, name, f"printf {name}-PIN: >/dev/tty; read pin </dev/tty; echo key-$pin")
    code = "import nucliactl, threading\nfor n in 'ab': threading.Thread(target=lambda n=n: nucliactl.client(n).get('x')).start()"
    job = Job(home, "-c", code, program=sys.executable)
    job.expect("a-PIN:")
    job.expect("b-PIN:")
    job.type("1\n2\n")
    job.expect("ended 0 echo returned")
    job.close()
    keys = {request.headers["x-nuclia-serviceaccount"] for request in recorder.requests}
    assert keys == {"Bearer key-1", "Bearer key-2"}


def test_a_program_asks_in_a_pipeline_too(home: Home, recorder: Recorder) -> None:
    kb(recorder, home, "p", "printf 'PIN? ' >&2; read pin; echo key-$pin")
    job = Job(home, "-c", f"{COMMAND} auth token --profile p | cat", program="/bin/sh")
    job.expect("PIN? ")
    job.type("1234\n")
    job.expect("ended 0 echo returned")
    assert "key-1234" in job.seen and job.close() == 0


def test_a_pager_beside_us_keeps_the_terminal_while_a_program_runs(home: Home, recorder: Recorder) -> None:
    go = home.path / "go"
    ids = kb(recorder, home, "p", f"until [ -e {go} ]; do sleep 0.1; done; echo key")
    pager = "read line </dev/tty; echo read-$line; cat"
    job = Job(home, "-c", f"{COMMAND} auth token --profile p | sh -c '{pager}'", program="/bin/sh")
    until(ids.exists)
    job.type("x\n")
    job.expect("read-x")
    go.write_text("")
    job.expect("ended 0 echo returned")
    assert "stopped" not in job.seen and job.close() == 0


def test_a_program_that_asks_in_the_background_is_an_error_and_no_standstill(
    home: Home, recorder: Recorder
) -> None:
    ids = kb(recorder, home, "p", PIN.replace("stty -echo </dev/tty;", ""))
    job = Job(home, "auth", "token", "--profile", "p", where="bg")
    job.expect("ended 4 echo returned")
    assert "wants to ask on the terminal" in " ".join(job.seen.split())
    job.close()
    gone(ids)


@pytest.mark.parametrize("command", ["token", "status"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_program_outlives_us(home: Home, recorder: Recorder, number: int, command: str) -> None:
    ids = kb(recorder, home, "p", "trap '' INT TERM HUP; while :; do sleep 600; done")
    process = subprocess.Popen(
        [COMMAND, "auth", command, "--profile", "p"], env=home.environ, cwd=home.work,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until(ids.exists)
    process.send_signal(number)
    assert process.wait(PATIENCE) != 0
    gone(ids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", ["token", "status"])
def test_a_signal_while_a_program_asks_gives_the_terminal_back(
    home: Home, recorder: Recorder, number: int, command: str
) -> None:
    ids = kb(recorder, home, "p", PIN)
    job = Job(home, "auth", command, "--profile", "p")
    job.expect("PIN:")
    until(job.is_silent)
    os.kill(job.job, number)
    job.expect("ended ")
    job.expect(" echo returned")
    assert "no echo" not in job.seen and "ended 0" not in job.seen and job.close() == 0
    gone(ids)


def test_no_program_outlives_the_task_that_waits_for_it(home: Home, recorder: Recorder) -> None:
    ids = kb(recorder, home, "p", "sleep 600")
    code = f"""
import asyncio, os, nucliactl
async def main():
    http = nucliactl.async_client("p")
    task = asyncio.create_task(http.get("x"))
    while not os.path.exists({str(ids)!r}):
        await asyncio.sleep(0.01)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        print("cancelled")
asyncio.run(main())
print("ended")
"""
    assert home.python(code).out == "cancelled\nended\n"
    gone(ids)


ENDS = [
    ("\x03", "ended 130"),
    (signal.SIGTERM, "ended "),
    (signal.SIGHUP, "ended "),
    ("\x1c", f"ended -{signal.SIGQUIT:d}"),
]


@pytest.mark.parametrize(("end", "said"), ENDS, ids=["int", "term", "hup", "quit"])
def test_a_signal_at_the_secrets_prompt_leaves_the_echo_on(person: Home, end: str | int, said: str) -> None:
    job = Job(person, "auth", "set_user_token")
    job.expect("user token: ")
    assert job.is_silent()
    if isinstance(end, str):
        job.type(end)
    else:
        os.kill(job.job, end)
    job.expect(said)
    job.expect(" echo returned")
    assert "no echo" not in job.seen and job.close() == 0
    assert person.files() == {}


def test_a_prompt_that_is_stopped_asks_again_without_echo(person: Home) -> None:
    job = Job(person, "auth", "personal_token", "--no-validate", "--name", "p")
    job.expect("personal access token: ")
    job.type("\x1a")
    job.expect("stopped echo returned")
    job.seen = ""
    job.type("\n")
    job.expect("personal access token: ")
    until(job.is_silent)
    job.type("s3cret\n")
    job.expect("ended 0 echo returned")
    shown = "s3cret" in job.seen
    assert not shown and job.close() == 0
    assert person.run("auth", "token").out == "s3cret\n"


def editor(home: Home, script: str) -> str:
    path = home.path / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    (home.path / "tmp").mkdir()
    home.environ |= {"EDITOR": str(path), "TMPDIR": str(home.path / "tmp")}
    home.define("p", 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/x"\n')
    return str(path)


def test_keys_of_the_editor_are_the_editors(home: Home) -> None:
    editor(
        home, 'trap : INT; echo READY; until read line; do :; done; echo "description = \'$line\'" >> "$1"'
    )
    job = Job(home, "profile", "edit", "p")
    job.expect("READY")
    job.type("\x03")
    job.type("hello\n")
    job.expect("ended 0 echo returned")
    assert job.close() == 0 and "description = 'hello'" in (home.store / "profiles/p.toml").read_text()


def test_an_editor_that_returns_at_once_changed_nothing_and_is_told_how_to_wait(home: Home) -> None:
    editor(home, "exit 0")
    before = home.files()
    result = home.run("profile", "edit", "p")
    assert result.code == 0 and "nothing changed" in result.err and "--wait" in result.err
    assert "saved" not in result.err and home.files() == before
    assert list((home.path / "tmp").iterdir()) == []


def test_a_terminal_is_as_it_was_after_an_editor_that_was_killed(home: Home) -> None:
    editor(home, "stty raw -echo; kill -KILL $$")
    job = Job(home, "profile", "edit", "p")
    job.expect("ended 1 echo returned")
    assert "nothing was saved" in job.seen and job.close() == 0


def test_what_an_editor_leaves_that_is_no_text_is_not_saved(home: Home) -> None:
    editor(home, "exit 0")
    before = home.files()
    for script in ('rm "$1"; mkfifo "$1"', 'rm "$1"; mkdir "$1"', 'rm "$1"; ln -s /dev/zero "$1"'):
        (home.path / "editor").write_text(f"#!/bin/sh\n{script}\n")
        result = home.run("profile", "edit", "p")
        assert result.code == 1 and "left no file" in result.err, script
    (home.path / "editor").write_text('#!/bin/sh\nhead -c 2000000 /dev/zero | tr "\\0" "#" >> "$1"\n')
    result = home.run("profile", "edit", "p")
    assert result.code == 1 and "larger than 1024 KiB" in result.err and "Your text is kept" in result.err
    assert home.files() == before


def test_without_a_terminal_no_editor_is_guessed(home: Home) -> None:
    editor(home, "exit 0")
    result = home.run("profile", "edit", "p", EDITOR="")
    assert result.code == 1 and "no terminal for vi" in result.err


def test_an_editor_is_left_alone_when_we_end(home: Home) -> None:
    go, done = home.path / "go", home.path / "done"
    script = f': > {home.path}/began; until [ -e {go} ]; do sleep 0.1; done; echo "# late" >> "$1" && cp "$1" {done}'
    editor(home, script)
    process = subprocess.Popen(
        [COMMAND, "profile", "edit", "p"], env=home.environ, cwd=home.work, stderr=subprocess.DEVNULL
    )
    until((home.path / "began").exists)
    process.terminate()
    assert process.wait(PATIENCE) != 0
    go.write_text("")
    until(done.exists)
    until(lambda: done.read_text().endswith("# late\n"))
