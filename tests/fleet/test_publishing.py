"""The directory that is published: whole under kill -9, read without a network, and nobody else's."""

import os
import shutil
import stat
import subprocess
import sys

import pytest
from fleet.stores import Redis, Server
from support import COMMAND, Home

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
GOOD = {"kind": "kb", "url": URL, "api_key": "published-key-0123456789"}

KILLS = """
import os, random, signal, sys, time
from nucliactl.fleet.directory import Published
folder, kills = sys.argv[1], int(sys.argv[2])
states = [{f"p{n}": f"# {word}\\n".encode() * 50 for n in range(4)} for word in ("old", "new")]
published = Published(folder, 0o600)
published.publish(states[0])
began = time.monotonic()
for state in (*states, *states):
    published.publish(state)
long = (time.monotonic() - began) / 2
seen, left = [0, 0], 0
for number in range(kills):
    pid = os.fork()
    if pid == 0:
        while True:
            for state in states:
                published.publish(state)
    time.sleep(random.uniform(0, long))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    held = published.held()
    assert held in states, (number, {name: data[:9] for name, data in held.items()})
    seen[states.index(held)] += 1
    left += len(os.listdir(folder)) > 2
published.publish(states[0])
print(len(os.listdir(folder)), min(seen) > 0, left > kills / 10)
"""


def test_a_writer_that_is_killed_leaves_the_old_or_the_new_directory_whole(home: Home) -> None:
    result = home.python(KILLS, str(home.path / "out"), "200")
    assert result.out == "2 True True\n", result.err


@pytest.mark.torture
def test_a_puller_that_is_killed_leaves_the_old_or_the_new_directory_whole(home: Home, redis: Redis) -> None:
    import random
    import time

    names = [f"killed-{n}" for n in range(8)]
    keys = ["old-key-0123456789", "new-key-0123456789"]
    out = home.path / "out"
    for number in range(200):
        key = keys[number % 2]
        for name in names:
            redis.put(name, {**GOOD, "api_key": key})
        words = [COMMAND, "profile", "pull", *names, "--from", redis.address, "--to", str(out)]
        process = subprocess.Popen(words, env={**home.environ, **redis.reader}, stderr=subprocess.DEVNULL)
        time.sleep(random.uniform(0.7, 1.6))
        process.kill()
        process.wait()
        if (out / "current").exists():
            texts = {path.read_text() for path in (out / "current").iterdir()}
            assert len(texts) == 1 and len(list((out / "current").iterdir())) == 8
    assert (
        home.process(
            "profile", "pull", *names, "--from", redis.address, "--to", str(out), **redis.reader
        ).code
        == 0
    )
    assert len(list(out.iterdir())) == 2


@pytest.mark.parametrize(
    ("mode", "file", "folder"), [("600", 0o600, 0o700), ("640", 0o640, 0o750), ("644", 0o644, 0o755)]
)
def test_modes_of_files_and_the_directories_around_them(
    home: Home, redis: Redis, mode: str, file: int, folder: int
) -> None:
    redis.put("modes", GOOD)
    out = home.path / "out"
    words = ("profile", "pull", "modes", "--from", redis.address, "--to", str(out))
    assert home.run(*words, **redis.reader).code == 0
    assert home.run(*words, "--mode", mode, **redis.reader).code == 0
    found = (out / "current/modes.toml", out / "current", out)
    assert [stat.S_IMODE(path.stat().st_mode) for path in found] == [file, folder, folder]


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_root_publishes_for_the_owner_of_the_directory(home: Home, redis: Redis) -> None:
    redis.put("owned", GOOD)
    out = home.path / "out"
    out.mkdir(0o700)
    os.chown(out, 12345, 12345)
    assert (
        home.run("profile", "pull", "owned", "--from", redis.address, "--to", str(out), **redis.reader).code
        == 0
    )
    found = (out / "current/owned.toml", out / "current")
    assert [path.stat().st_uid for path in found] == [12345, 12345]


def test_nothing_of_others_is_touched_and_an_open_directory_is_refused(home: Home, redis: Redis) -> None:
    redis.put("mine", GOOD)
    out = home.path / "out"
    out.mkdir()
    words = ("profile", "pull", "mine", "--from", redis.address, "--to", str(out))
    (out / "notes").write_text("mine")
    (out / "current").mkdir()
    result = home.run(*words, **redis.reader)
    assert (
        result.code == 1
        and "did not make it" in result.err
        and sorted(os.listdir(out)) == ["current", "notes"]
    )
    (out / "current").rmdir()
    (out / "current").symlink_to("/etc")
    assert home.run(*words, **redis.reader).code == 1 and os.readlink(out / "current") == "/etc"
    (out / "current").unlink()
    (out / ".nucliactl-pulled-0123456789abcdef").mkdir()
    (out / ".nucliactl-pulled-0123456789abcdef/old.toml").write_text("x")
    (out / ".nucliactl-pulled-dead.link").symlink_to("nowhere")
    assert home.run(*words, **redis.reader).code == 0
    assert (out / "notes").read_text() == "mine" and len(os.listdir(out)) == 3
    out.chmod(0o777)
    result = home.run(*words, "--mode", "644", **redis.reader)
    assert result.code == 6 and "chmod o-w" in result.err
    out.chmod(0o755)
    (home.path / "file").write_text("")
    result = home.run(*words[:-1], str(home.path / "file/x"), **redis.reader)
    assert result.code == 1 and "cannot be written" in result.err


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace")
@pytest.mark.parametrize(
    "words",
    [(COMMAND, "current"), (sys.executable, "-c", "import nucliactl; nucliactl.resolve('acme')")],
    ids=["current", "resolve"],
)
def test_reading_what_is_published_opens_no_connection(
    home: Home, redis: Redis, words: tuple[str, ...]
) -> None:
    redis.put("acme", GOOD)
    out = home.path / "out"
    assert (
        home.run("profile", "pull", "acme", "--from", redis.address, "--to", str(out), **redis.reader).code
        == 0
    )
    log = home.path / "log"
    variables = {"NUCLIA_PROFILES_PATH": str(out / "current"), "NUCLIA_PROFILE": "acme"}
    variables |= {"NUCLIA_PROFILES_URL": redis.address, **redis.reader}
    result = home.program("strace", "-f", "-e", "trace=%network", "-o", str(log), *words, **variables)
    assert result.code == 0 and "connect(" not in log.read_text() and "socket(" not in log.read_text()


def test_what_is_not_named_any_more_is_withdrawn_and_what_is_broken_keeps_its_last_good_file(
    home: Home, server: Server
) -> None:
    out = home.path / "out"
    for name in ("one", "two"):
        server.put(name, GOOD)

    def pull(*names: str) -> tuple[int, list[str]]:
        result = home.run(
            "profile",
            "pull",
            *names,
            "--from",
            server.address,
            "--to",
            str(out),
            "-o",
            "json",
            **server.reader,
        )
        return result.code, sorted(os.listdir(out / "current"))

    assert pull("one", "two") == (0, ["one.toml", "two.toml"])
    server.put("one", {"kind": "kb"})
    server.put("two", {**GOOD, "description": "changed"})
    assert pull("one", "two") == (7, ["one.toml", "two.toml"])
    assert (
        "changed" in (out / "current/two.toml").read_text() and URL in (out / "current/one.toml").read_text()
    )
    assert pull("two") == (0, ["two.toml"])


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare")
def test_a_full_disk_leaves_what_was_published(home: Home, redis: Redis) -> None:
    redis.put("full", GOOD)
    room = home.path / "room"
    room.mkdir()
    words = f"{COMMAND} profile pull full --from '{redis.address}' --to {room}/out"
    script = (
        f"mount -t tmpfs -o size=64k tmpfs {room} && {words} && cp {room}/out/current/full.toml {home.path}/before && "
        f"head -c 60000 /dev/zero > {room}/fill; head -c 60000 /dev/zero >> {room}/fill; "
        f"{words} --mode 644; echo $?; cmp {room}/out/current/full.toml {home.path}/before && ls {room}/out"
    )
    result = home.program("unshare", "-m", "sh", "-c", script, **redis.reader)
    assert result.out.splitlines()[:2] == ["1", "current"], result
    assert "No space left" in result.err
