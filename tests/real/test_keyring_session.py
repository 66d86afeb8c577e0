"""A session in a real gnome-keyring, renewed by a certified OAuth server with strict rotation."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import keyring as library
import pytest
from desktop import Desktop, desktop
from support import COMMAND, PATIENCE, Home

from .oauth import Server, oidc
from .test_session import FORKED, sign_in


@pytest.fixture
def server() -> Iterator[Server]:
    with oidc() as found:
        yield found


@pytest.fixture
def home(home: Home, keyring: Desktop, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose new sessions are kept in the keyring, which this process reads, too."""
    home.environ.update(keyring.variables)
    for name, value in keyring.variables.items():
        monkeypatch.setenv(name, value)
    home.store.mkdir()
    (home.store / "config.toml").write_text('storage = "keyring"\n')
    return home


def session(home: Home, name: str = "ann") -> dict:
    return json.loads(library.get_password("nucliactl", f"{home.store}/{name}") or "null")


def expire(home: Home, name: str = "ann") -> None:
    """Let a session's access token be over, as the store knows it."""
    found = session(home, name) | {"issued_at": int(time.time()) - 100, "expires_at": int(time.time()) - 50}
    library.set_password("nucliactl", f"{home.store}/{name}", json.dumps(found))
    mark = home.store / f"credentials/{name}.keyring"
    mark.write_bytes(mark.read_bytes())


@pytest.mark.parametrize("number", ["12", pytest.param("64", marks=pytest.mark.torture)])
@pytest.mark.G1
def test_many_processes_refresh_an_ended_session_once(home: Home, server: Server, number: str) -> None:
    sign_in(home, server)
    assert session(home)["refresh_token"] and not (home.store / "credentials/ann.json").exists()
    expire(home)
    loaded = FORKED.replace("import httpx,", "import keyring.backends.SecretService, httpx,")
    result = home.program(sys.executable, "-c", loaded, number, str(time.time() + 0.6))
    assert result.out == f"{number}\n", result.err[:2000]
    assert server.count("refresh_token.consumed") == 1
    assert server.count("grant.error") == 0 and server.count("grant.revoked") == 0


def test_the_installed_command_in_many_processes_refreshes_once(home: Home, server: Server) -> None:
    sign_in(home, server)
    expire(home)
    running = [
        subprocess.Popen([COMMAND, "auth", "token"], env=home.environ, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    tokens = {process.communicate(timeout=PATIENCE)[0] for process in running}
    assert tokens == {session(home)["access_token"] + "\n"} and server.count("refresh_token.consumed") == 1


THREADS = """
import asyncio, threading, nucliactl
profile = nucliactl.resolve("ann")
async def main():
    async with profile.async_client() as http:
        return {a.status_code for a in await asyncio.gather(*(http.get("user/welcome") for _ in range(20)))}
found = set()
with profile.client() as http:
    work = lambda: found.add(http.get("user/welcome").status_code)
    threads = [threading.Thread(target=work) for _ in range(20)]
    [t.start() for t in threads]; [t.join() for t in threads]
print(found | asyncio.run(main()))
"""


def test_threads_and_tasks_refresh_it_once(home: Home, server: Server) -> None:
    sign_in(home, server)
    expire(home)
    result = home.program(sys.executable, "-c", THREADS)
    assert result.out == "{200}\n", result.err
    assert server.count("refresh_token.consumed") == 1 and server.count("grant.error") == 0


MOVING = """
import os, sys, nucliactl
name, url = sys.argv[1:]
with nucliactl.client(name) as http:
    print(http.get(url).status_code, flush=True)
    for line in sys.stdin:
        print(http.get(url).status_code, flush=True)
"""


@pytest.mark.parametrize("name", ["ann", "rider"])
def test_a_running_program_follows_where_it_goes(home: Home, server: Server, name: str) -> None:
    """Renewed by whoever asks, in the place where it is; a spent copy is left nowhere."""
    sign_in(home, server)
    home.define("rider", f'kind = "kb"\nurl = "{server.origin}/api/v1/kb/x"\nsession = "ann"\n')
    running = subprocess.Popen(
        [sys.executable, "-c", MOVING, name, f"{server.origin}/api/v1/user/welcome"],
        env=home.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdin and running.stdout
    answers = [running.stdout.readline()]
    for place in ("file", "keyring", "file"):
        assert home.run("profile", "set", "ann", f"storage={place}").code == 0
        server.age()
        running.stdin.write("\n")
        running.stdin.flush()
        answers.append(running.stdout.readline())
        assert (session(home) is None) == (place == "file")
    running.stdin.close()
    assert running.wait(PATIENCE) == 0 and answers == ["200\n"] * 4
    assert server.count("refresh_token.consumed") == 3 and server.count("grant.error") == 0


def test_it_goes_with_its_name_and_a_rider_finds_it(home: Home, server: Server) -> None:
    sign_in(home, server)
    box = 'kind = "kb"\nurl = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-1111-4222-8333-944455556666"\n'
    home.define("box", box + 'session = "ann"\n')
    assert home.run("profile", "rename", "ann", "me").code == 0
    assert session(home) is None and session(home, "me")["refresh_token"]
    expire(home, "me")
    rows = {row["name"]: row for row in home.run("list", "-o", "json").json}
    assert rows["box"]["storage"] == "session" and not rows["box"]["login_needed"]
    assert home.run("auth", "token", "--profile", "me").code == 0
    assert server.count("refresh_token.consumed") == 1
    copied = home.run("profile", "copy", "me", "other")
    assert copied.code == 0 and session(home, "other") is None
    assert home.run("auth", "logout", "me", "--revoke").code == 0 and session(home, "me") is None
    rows = {row["name"]: row for row in home.run("list", "-o", "json").json}
    assert rows["box"]["login_needed"] and rows["me"]["login_needed"]


def test_none_is_spent_where_the_keyring_would_not_keep_the_next(
    home: Home, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desktop() as own:
        home.environ.update(own.variables)
        sign_in(home, server)
        server.age()
        own.lock()
        result = home.run("auth", "token")
        assert result.code == 1 and "'ann' belongs in the keyring, and it is locked" in result.err
        assert server.count("refresh_token.consumed") == 0


DYING = """
import os, signal, sys, nucliactl
from nucliactl.store import keyrings
real = keyrings.write
def write(account, secret):
    if "a test of" not in account:
        os.kill(int(sys.argv[1]), signal.SIGKILL)
    return real(account, secret)
keyrings.write = write
try:
    with nucliactl.client("ann") as http:
        http.get("user/welcome")
except nucliactl.NucliactlError as error:
    print(error.exit_code, error, error.hint)
"""


def test_a_keyring_that_dies_when_the_token_has_been_spent_costs_a_login_and_nothing_else(
    home: Home, server: Server
) -> None:
    with desktop() as own:
        home.environ.update(own.variables)
        sign_in(home, server)
        server.age()
        result = home.program(sys.executable, "-c", DYING, str(own.daemon))
        assert result.out.startswith(
            "4 The session of 'ann' was renewed, and the keyring did not keep it: "
        ), result
        assert "auth login" in result.out and server.count("refresh_token.consumed") == 1
        assert home.run("list", "-o", "json").json[0]["login_needed"]
        assert home.run("auth", "token").code == 4 and server.count("grant.error") == 0
