"""Signing in against the sandbox: by its visitor, by paste, and every way it can fail."""

import contextlib
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from support import COMMAND, PATIENCE, Home, Terminal

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("callback_ports")]
VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"


class SignIn:
    """`nucliactl auth login --no-browser` under way: its address, and what it says in the end."""

    def __init__(self, home: Home, *flags: str) -> None:
        words = [COMMAND, "auth", "login", "--no-browser", *flags]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words,
            env=home.environ,
            cwd=home.work,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
        )
        assert self.process.stderr is not None
        self.said = ""
        self.url = ""
        for line in self.process.stderr:
            self.said += line
            if "/oauth2/auth?" in line:
                self.url = line.strip()
                break
        assert self.url or "Nobody" in self.said, self.said

    @property
    def asked(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(urlsplit(self.url).query).items()}

    def end(self) -> int:
        _, err = self.process.communicate(timeout=PATIENCE)
        self.said += err
        return self.process.returncode


@pytest.fixture
def started(person: Home) -> Iterator[SignIn]:
    found = SignIn(person, "--timeout", "600")
    yield found
    with contextlib.suppress(ProcessLookupError):
        found.process.kill()
    found.process.wait()


def visit(person: Home, url: str, **variables: str) -> None:
    result = person.program(sys.executable, "-m", "nucliactl.sandbox.visitor", url, **variables)
    assert result.code == 0, result


def test_a_browser_signs_in_and_the_session_is_stored_and_renewed(person: Home) -> None:
    result = person.run("auth", "login", BROWSER=VISITOR)
    assert result.code == 0, result.err
    assert "Logged in as Sam Sandbox <sam@sandbox.invalid>; profile sam is active" in result.err
    assert result.out == "" and person.run("current", "-o", "json").json["kind"] == "user"
    path = person.store / "credentials/sam.json"
    found = json.loads(path.read_text())
    assert found["refresh_token"] and found["expires_at"] - found["issued_at"] == 1800
    assert path.stat().st_mode & 0o777 == 0o600
    assert "renewable" in person.run("list").out
    assert person.run("auth", "status").code == 0
    path.write_text(json.dumps({**found, "expires_at": found["issued_at"] - 1}))
    assert person.run("auth", "status").code == 0
    after = json.loads(path.read_text())
    assert after["refresh_token"] != found["refresh_token"] and not path.with_suffix(".journal").exists()
    again = person.run("auth", "login", BROWSER=VISITOR, CLICOLOR_FORCE="1")
    assert again.code == 0 and person.run("list", "-o", "name").out == "sam\n"


def test_the_address_is_what_the_server_and_the_official_client_expect(person: Home, started: SignIn) -> None:
    asked = started.asked
    assert started.url.startswith(person.environ["NUCLIA_OAUTH_URL"] + "/oauth2/auth?")
    assert asked["client_id"] == "43f54e81-932a-4b45-9bba-acbf4e2b5ee6" and asked["response_type"] == "code"
    assert (
        asked["scope"] == "openid offline_access api:full_access" and asked["code_challenge_method"] == "S256"
    )
    assert asked["redirect_uri"].startswith("http://127.0.0.1:1876") and len(asked["state"]) > 30
    visit(person, started.url)
    assert started.end() == 0, started.said


def test_a_denied_consent_is_four(person: Home, started: SignIn) -> None:
    visit(person, started.url, SANDBOX_DENY="1")
    assert started.end() == 4 and "The sign-in was denied" in started.said and person.files() == {}


def test_nobody_in_time_is_four(person: Home) -> None:
    waiting = SignIn(person, "--timeout", "0.3")
    assert waiting.end() == 4 and "Nobody signed in within 0.3 seconds" in waiting.said


@pytest.mark.G13
def test_bad_callbacks_get_a_constant_page_and_never_end_the_wait(person: Home, started: SignIn) -> None:
    callback, state = started.asked["redirect_uri"], started.asked["state"]
    port = urlsplit(callback).port
    with httpx.Client(trust_env=False) as http:
        for number in range(1000):
            answer = http.get(callback, params={"code": f"c{number}", "state": f"wrong{number}"})
            assert answer.status_code == 400
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "wrong" not in answer.text and answer.headers["x-frame-options"] == "DENY"
        right = {"code": "c", "state": state}
        assert http.get(callback, params=right, headers={"Host": "evil.example"}).status_code == 404
        assert http.get(callback, params=right, headers={"Host": f"localhost:{port}"}).status_code == 404
        assert http.get(callback.replace("/callback", "/"), params=right).status_code == 404
        assert http.post(callback, params=right).status_code == 405
        assert http.get(f"{callback}?code=c&state={state}&state={state}").status_code == 400
        assert http.get(f"{callback}?" + "&".join(["a=b"] * 50)).status_code == 400
    for data in (b"\0\xff\n\n", b"GET /callback HTTP/1.1\r\n\r\n", b"GET " + b"x" * 70000, b""):
        with socket.create_connection(("127.0.0.1", port)) as raw, contextlib.suppress(OSError):
            raw.sendall(data)
    assert started.process.poll() is None
    visit(person, started.url)
    assert started.end() == 0, started.said


def test_slow_and_silent_connections_do_not_keep_the_browser_out(person: Home, started: SignIn) -> None:
    port = urlsplit(started.asked["redirect_uri"]).port
    held = []
    for number in range(200):
        held.append(socket.create_connection(("127.0.0.1", port)))
        if number % 2:
            held[-1].sendall(b"GET /cal")
    visit(person, started.url)
    assert started.end() == 0, started.said
    for one in held:
        one.close()


def test_a_connection_that_drips_is_ended_whatever_it_sends(started: SignIn) -> None:
    port = urlsplit(started.asked["redirect_uri"]).port
    until = time.monotonic() + 60
    with socket.create_connection(("127.0.0.1", port)) as raw, contextlib.suppress(OSError):
        raw.sendall(b"GET /callback HTTP/1.1\r\n")
        while time.monotonic() < until:
            raw.sendall(b"A: b\r\n")
            time.sleep(0.2)
    assert time.monotonic() < until, "it was never ended"


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"CANARY /canary HTTP/1.1", b"405"),
        (b"GET /canary<script> HTTP/1.1", b"404"),
        (b"canary", b"400"),
        (b"GET /callback?canary", b"400"),
        (b"GET /callback?canary HTTP/9.canary", b"400"),
        (b"GET canary HTTP/1.1", b"400"),
        (b"GET http://canary/ HTTP/1.1", b"400"),
        (b"GET  /canary  HTTP/1.1", b"400"),
        (b"\x16\x03\x01canary", b"400"),
        (b"GET /\x1b[31mcanary HTTP/1.1", b"400"),
        (b"GET /callback HTTP/1.1\r\nX: " + b"canary" * 20_000, b"400"),
        (b"GET /" + b"canary" * 20_000, b"400"),
        (b"HEAD /canary HTTP/1.1", b"405"),
    ],
)
@pytest.mark.G13
def test_what_is_no_request_of_a_browser_gets_a_constant_page(request_line: bytes, status: bytes) -> None:
    from nucliactl.login.listener import Listener

    with Listener() as listener, socket.create_connection(("127.0.0.1", listener.port)) as raw:
        listener.expect(lambda _: True)
        raw.sendall(request_line + b"\r\n\r\n")
        raw.settimeout(60)
        said = b""
        while more := raw.recv(4096):
            said += more
        head, _, page = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status) and b"default-src 'none'" in head
        assert (b"Nothing to see here" in page) is not request_line.startswith(b"HEAD")
        assert b"canary" not in said.lower() and listener.wait(0) is None


def test_the_listener_is_on_loopback_only(started: SignIn) -> None:
    port = urlsplit(started.asked["redirect_uri"]).port
    address = next(
        (i[4][0] for i in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)), "127.0.0.1"
    )
    if address.startswith("127."):
        pytest.skip("this machine has only loopback")
    with pytest.raises(OSError):
        socket.create_connection((address, port), timeout=2)


def test_with_all_ports_busy_it_says_so_or_takes_a_paste(person: Home) -> None:
    sockets = []
    for port in range(18765, 18775):
        with contextlib.suppress(OSError):
            sockets.append(socket.create_server(("127.0.0.1", port)))
    result = person.run("auth", "login", "--no-browser", "--timeout", "5")
    assert result.code == 4 and "All ports from 18765 to 18774 are busy" in result.err
    terminal = Terminal(person, "auth", "login", "--no-browser")
    terminal.expect("state=")
    terminal.expect("paste the address")
    url = next(line.strip() for line in terminal.seen.splitlines() if "/oauth2/auth?" in line)
    terminal.type(callback_of(person, url) + "\n")
    assert terminal.close() == 0 and "Logged in as Sam" in terminal.seen
    for one in sockets:
        one.close()


def callback_of(person: Home, url: str) -> str:
    """Sign in as the visitor does, and return where the browser would end, without going there."""
    login = {"login": person.environ["SANDBOX_LOGIN"], "password": person.environ["SANDBOX_PASSWORD"]}
    base = person.environ["NUCLIA_OAUTH_URL"]
    with httpx.Client(trust_env=False) as http:
        ticket = http.get(url).text.split('name="ticket" value="')[1].split('"')[0]
        http.post(f"{base}/oauth2/login", data={"ticket": ticket, **login})
        answer = http.post(f"{base}/oauth2/consent", data={"ticket": ticket, "choice": "allow"})
    return answer.headers["location"]


def test_a_paste_is_taken_from_a_terminal_while_the_listener_waits(person: Home) -> None:
    terminal = Terminal(person, "auth", "login", "--no-browser")
    terminal.expect("paste the address")
    url = next(line.strip() for line in terminal.seen.splitlines() if "/oauth2/auth?" in line)
    back = callback_of(person, url)
    terminal.type("what is this\n")
    terminal.expect("neither an address nor a code")
    terminal.type(back.replace("state=", "state=x") + "\n")
    terminal.expect("not of this sign-in")
    terminal.type(parse_qs(urlsplit(back).query)["code"][0] + "\n")
    assert terminal.close() == 0 and "Logged in as Sam" in terminal.seen


def test_a_code_that_is_wrong_is_rejected_and_nothing_is_saved(person: Home, started: SignIn) -> None:
    callback, state = started.asked["redirect_uri"], started.asked["state"]
    assert (
        httpx.get(callback, params={"code": "made-up-code", "state": state}, trust_env=False).status_code
        == 200
    )
    assert started.end() == 4 and "not accepted" in started.said and "made-up-code" not in started.said
    assert person.files() == {}


def test_an_answer_of_another_server_is_refused(person: Home, started: SignIn) -> None:
    callback, state = started.asked["redirect_uri"], started.asked["state"]
    found = {"code": "c", "state": state, "iss": "https://evil.example"}
    httpx.get(callback, params=found, trust_env=False)
    assert started.end() == 4 and "another server" in started.said


def test_a_browser_variable_is_tried_without_a_terminal_and_its_noise_stays_out(person: Home) -> None:
    script = person.path / "noisy"
    script.write_text(
        f'#!/bin/sh\necho noise; echo more >&2\nexec {sys.executable} -m nucliactl.sandbox.visitor "$1"\n'
    )
    script.chmod(0o755)
    result = person.run("auth", "login", "-o", "json", BROWSER=str(script), SSH_CONNECTION="1 2 3 4")
    assert result.code == 0 and "noise" not in result.out + result.err
    assert result.json == {"name": "sam", "kind": "user", "created": True}


def test_a_token_on_standard_input_needs_no_browser(person: Home) -> None:
    result = person.run("auth", "login", "--with-token", stdin=person.environ["SANDBOX_USER_TOKEN"])
    assert result.code == 0 and person.run("current").out == "sam\n"
    assert person.run("auth", "login", "--timeout", "-1").code == 2
    assert (
        person.run("login", "--with-token", "--name", "me", stdin=person.environ["SANDBOX_USER_TOKEN"]).code
        == 0
    )


def test_the_sdk_signs_in_too(person: Home) -> None:
    code = "from nucliactl import sdk, resolve; sdk.NucliaAuth().login(); print(resolve().name, sdk.NucliaAuth().get_user().email)"
    assert person.python(code, BROWSER=VISITOR).out == "sam sam@sandbox.invalid\n"
    code = "import asyncio; from nucliactl import sdk; asyncio.run(sdk.AsyncNucliaAuth().login())"
    assert person.python(code, BROWSER=VISITOR).code == 0


WAITS = "from nucliactl import sdk; sdk.NucliaAuth().login()"
CANCELLED = """
import asyncio
from nucliactl import sdk
async def main():
    task = asyncio.create_task(sdk.AsyncNucliaAuth().login())
    await asyncio.to_thread(input)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
asyncio.run(main())
"""

UNDER_TRIO = """
import socket, time
import trio
from nucliactl import sdk
async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(sdk.AsyncNucliaAuth().login)
        port = int(await trio.to_thread.run_sync(input))
        nursery.cancel_scope.cancel()
    return port
port, until = trio.run(main), time.monotonic() + 20
while True:
    try:
        socket.create_server(("127.0.0.1", port)).close()
        break
    except OSError:
        if time.monotonic() > until:
            raise
        time.sleep(0.05)
"""


@pytest.mark.parametrize(
    ("program", "end", "last"),
    [(WAITS, signal.SIGINT, "KeyboardInterrupt"), (CANCELLED, None, ""), (UNDER_TRIO, None, "")],
    ids=["interrupted", "cancelled", "cancelled under trio"],
)
def test_a_program_without_a_terminal_says_what_it_waits_for_and_can_be_ended(
    person: Home, program: str, end: int | None, last: str
) -> None:
    """By Ctrl-C, and by cancelling the task: the port is free again at once."""
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", "import signal; signal.signal(2, signal.default_int_handler)\n" + program]
    process = subprocess.Popen(
        words, env=person.environ, cwd=person.work, stdin=pipe, stdout=pipe, stderr=pipe, text=True
    )
    assert process.stderr is not None
    said = process.stderr.readline() + process.stderr.readline()
    assert "open this address in a browser to sign in: http" in said and "/oauth2/auth?" in said
    port = said.rpartition("back to port ")[2].split()[0]
    assert "waiting up to 120 seconds" in said and f"ssh -L {port}:127.0.0.1:{port} " in said
    if end is not None:
        process.send_signal(end)
    _, err = process.communicate(f"{port}\n" if end is None else None, timeout=PATIENCE)
    assert err.strip().rpartition("\n")[2] == last
    with socket.create_server(("127.0.0.1", int(port))):
        pass
    assert not person.files()


@pytest.mark.parametrize("variables", [{"CI": "true"}, {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}])
def test_where_nobody_is_nobody_is_waited_for(person: Home, variables: dict[str, str]) -> None:
    result = person.run("auth", "login", **variables)
    assert result.code == 4 and "Nobody can sign in here" in result.err and "NUCLIA_API_KEY" in result.err
    assert "/oauth2/auth" not in result.err
    result = person.python("from nucliactl import sdk; sdk.NucliaAuth().login()", **variables)
    assert result.code == 1 and "LoginNeeded: Nobody can sign in here" in result.err
    assert person.run("auth", "login", BROWSER=VISITOR, **variables).code == 0


def test_a_session_is_ended_at_the_server(person: Home) -> None:
    person.run("auth", "login", BROWSER=VISITOR)
    token = person.run("auth", "token").out.strip()
    headers = {"Authorization": f"Bearer {token}"}
    welcome = person.environ["NUCLIA_GLOBAL_URL"] + "/api/v1/user/welcome"
    assert httpx.get(welcome, headers=headers, trust_env=False).status_code == 200
    assert person.run("auth", "logout", "--revoke").code == 0
    assert httpx.get(welcome, headers=headers, trust_env=False).status_code == 403
    assert person.run("auth", "token").code == 4 and person.run("current").out == "sam\n"


def test_a_logout_goes_on_where_the_server_does_not_answer(person: Home) -> None:
    person.run("auth", "login", BROWSER=VISITOR)
    definition = person.store / "profiles/sam.toml"
    definition.write_text(
        definition.read_text().replace(person.environ["NUCLIA_OAUTH_URL"], "http://127.0.0.1:9")
    )
    result = person.run("auth", "logout", "--revoke")
    assert result.code == 0 and "may live on" in result.err
    assert not (person.store / "credentials/sam.json").exists()
