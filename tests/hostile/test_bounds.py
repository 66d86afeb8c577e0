"""What a server may cost: a bomb, a body or headers without end, drips. Memory and time stay bounded."""

import gzip
import json
import sys
import threading
import time
import zlib
from collections.abc import Iterator

import pytest
from support import Home, Recorder
from wires import Wire, head_of

MEGABYTE = 1024 * 1024
SECRET = "canary-token-0451"
_packer = zlib.compressobj(wbits=31)
BOMB = b"".join(_packer.compress(b"0" * MEGABYTE) for _ in range(300)) + _packer.flush()
GZIP = b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)

# Runs its arguments, then prints what the most it took was, in bytes, as the last line.
MEASURE = (
    "import resource, subprocess, sys\n"
    "code = subprocess.run(sys.argv[1:]).returncode\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)\n"
    "sys.exit(code)"
)


def endless(head: bytes, part: bytes, pause: float = 0) -> Wire:
    """A server that answers with a head, and then with a part for ever."""

    def talk(connection):
        head_of(connection)
        connection.sendall(head)
        while True:
            connection.sendall(part)
            time.sleep(pause)

    return Wire(talk)


def once(answer: bytes) -> Wire:
    def talk(connection):
        while True:
            head_of(connection)
            connection.sendall(answer)

    return Wire(talk)


WIRES = {
    "a bomb in a 403": lambda: once(b"HTTP/1.1 403 No\r\n" + GZIP + BOMB),
    "a bomb in a 401": lambda: once(b"HTTP/1.1 401 No\r\n" + GZIP + BOMB),
    "a bomb in a 403 of another encoding": lambda: once(
        b"HTTP/1.1 403 No\r\nContent-Encoding: br, gzip\r\nContent-Length: 0\r\n\r\n"
    ),
    "a bomb in a 200": lambda: once(b"HTTP/1.1 200 OK\r\n" + GZIP + BOMB),
    "a 403 without end": lambda: endless(b"HTTP/1.1 403 No\r\n\r\n", b"x" * 65536),
    "a 403 that drips": lambda: endless(b"HTTP/1.1 403 No\r\n\r\n", b"x", 0.05),
    "a 500 without end": lambda: endless(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 65536),
    "a 200 without end": lambda: endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
    "a 200 that drips": lambda: endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x", 0.05),
    "headers without end": lambda: endless(b"HTTP/1.1 200 OK\r\n", b"X-A: %s\r\n" % (b"b" * 999)),
    "a header without end": lambda: endless(b"HTTP/1.1 200 OK\r\nX-A: ", b"b" * 65536),
    "a status line without end": lambda: endless(b"HTTP/1.1 200 ", b"b" * 65536),
    "answers that are none yet, without end": lambda: endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}
OF_A_REFUSAL = [name for name in WIRES if "403" in name or "401" in name]


def definition(origin: str) -> str:
    """A session nobody has to renew."""
    urls = "".join(f'{name} = "{origin}"\n' for name in ("global_url", "oauth_url", "zone_url"))
    return f'kind = "user"\n{urls}'


@pytest.fixture
def signed_in(home: Home) -> Iterator[Home]:
    home.environ["NUCLIACTL_TIMEOUT"] = "4"
    yield home


def sign_in(home: Home, origin: str) -> None:
    home.define("me", definition(origin))
    path = home.store / "credentials/me.json"
    path.parent.mkdir(exist_ok=True)
    now = int(time.time())
    found = {"version": 1, "kind": "user", "origins": [origin], "access_token": SECRET, "refresh_token": "r"}
    path.write_text(
        json.dumps({**found, "issued_at": now, "expires_at": now + 9000, "login_required": False})
    )
    path.chmod(0o600)


def measured(home: Home, *words: str) -> tuple[int, str]:
    result = home.program(sys.executable, "-c", MEASURE, *words, seconds=240)
    *said, size = result.out.splitlines()
    return int(size), "\n".join(said) + result.err


@pytest.mark.parametrize("name", WIRES)
@pytest.mark.G11
def test_our_own_calls_stay_small_and_end(signed_in: Home, name: str) -> None:
    wire = WIRES[name]()
    sign_in(signed_in, f"http://127.0.0.1:{wire.port}")
    size, said = measured(signed_in, "nucliactl", "auth", "status", "--profile", "me")
    wire.close()
    assert size < 100 * MEGABYTE, said
    assert "valid" not in said and "Traceback" not in said, said
    assert SECRET not in said


@pytest.mark.parametrize("way", ["client", "async_client", "trio", "auth"])
@pytest.mark.G11
def test_what_auth_reads_in_a_users_client_stays_small_and_ends(signed_in: Home, way: str) -> None:
    run = {
        "client": "def get():\n    with nucliactl.client('me', timeout=4) as http: return http.get('x')\n",
        "auth": (
            "def get():\n    auth = nucliactl.resolve('me').auth()\n"
            "    with httpx.Client(auth=auth, timeout=4) as http: return http.get(origin)\n"
        ),
    }.get(
        way,
        "async def main():\n    async with nucliactl.async_client('me', timeout=4) as http:\n"
        "        return await http.get('x')\n"
        f"def get(): return {'trio.run(main)' if way == 'trio' else 'asyncio.run(main())'}\n",
    )
    program = (
        "import asyncio, httpx, sys, trio, nucliactl\n"
        "origin = sys.argv[1]\n"
        f"{run}"
        "answer = get()\n"
        "print(answer.status_code, len(answer.content) <= 65536)\n"
    )
    for name in OF_A_REFUSAL:
        wire = WIRES[name]()
        sign_in(signed_in, f"http://127.0.0.1:{wire.port}")
        size, said = measured(signed_in, sys.executable, "-c", program, f"http://127.0.0.1:{wire.port}/x")
        wire.close()
        assert size < 100 * MEGABYTE, (name, said)
        # A 401 asks for a refresh, which this server refuses too.
        assert said.startswith("403 True") or ("401" in name and "refused" in said), (name, said)


def test_a_refusal_that_is_packed_reaches_a_user_unpacked_and_renews(home: Home, recorder: Recorder) -> None:
    words = b'{"detail": "Hydra token is either unexistent or revoked"}'

    def answer(request):
        if request.path == "/oauth2/token":
            return 200, {}, b'{"access_token": "second", "refresh_token": "s", "expires_in": 1800}'
        if "second" in request.headers["authorization"] and request.path.endswith("/mine"):
            return 200, {}, b"{}"
        return 403, {"Content-Encoding": "gzip"}, gzip.compress(words)

    recorder.answer = answer
    sign_in(home, recorder.origin)
    program = (
        "import nucliactl\n"
        "with nucliactl.client('me') as http:\n"
        "    print(http.get('mine').status_code, http.get('other').json()['detail'])\n"
        "    with http.stream('GET', 'other') as answer: print(answer.read() == answer.content)\n"
    )
    result = home.python(program)
    assert result.out == "200 Hydra token is either unexistent or revoked\nTrue\n", result


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_the_token_request_is_never_sent_on_not_even_to_its_own_server(
    home: Home, recorder: Recorder, code: int
) -> None:
    recorder.answer = lambda r: (
        (code, {"Location": "/elsewhere"}, b"") if r.method == "POST" else (401, {}, b"")
    )
    sign_in(home, recorder.origin)
    result = home.run("auth", "status", "--profile", "me")
    assert [r.path for r in recorder.requests if r.method == "POST"] == ["/oauth2/token"], result
    assert not any("elsewhere" in r.path for r in recorder.requests)
    assert "redirects a POST" in result.out + result.err and result.code != 0


@pytest.mark.parametrize("token", ["x" * (16 * 1024 + 1), "a\x1b[31mb", "a\nb", "ä", " a", ""])
@pytest.mark.parametrize("field", ["access_token", "refresh_token"])
def test_a_token_that_is_none_is_never_stored_or_printed(
    home: Home, recorder: Recorder, token: str, field: str
) -> None:
    def answer(request):
        given = {"access_token": "fine", "refresh_token": "fine", "expires_in": 1800, field: token}
        return 200, {}, json.dumps(given).encode()

    recorder.answer = answer
    sign_in(home, recorder.origin)
    path = home.store / "credentials/me.json"
    path.write_text(path.read_text().replace('"expires_at": ', '"expires_at": 1, "was": '))
    result = home.run("auth", "token", "--profile", "me")
    if token == "" and field == "refresh_token":  # none was given: the old one stays
        assert result.code == 0
        return
    assert result.code == 5 and result.out == "", result
    assert len(result.err) < 1000 and "\x1b" not in result.err and path.stat().st_size < 5000


def test_a_token_that_is_none_is_refused_where_it_enters(home: Home) -> None:
    long, odd = "x" * (16 * 1024 + 1), "a\x1b[31mb"
    (home.work / "long").write_text(long)
    (home.work / "odd").write_text(odd)
    for name, secret in (("long", long), ("odd", odd)):
        for words in (
            ["set_user_token", "-"],
            ["personal_token", "-"],
            ["kb", "https://a.example/api/v1/kb/b", "-"],
        ):
            result = home.run("auth", *words, "--no-validate", stdin=secret)
            assert result.code == 2 and len(result.err) < 500 and "\x1b" not in result.err, result
        urls = {"NUCLIA_KB_URL": "https://a.example/api/v1/kb/b"}
        for variables in (
            {"NUCLIA_API_KEY_FILE": str(home.work / name), **urls},
            {"NUCLIA_API_KEY": secret, **urls},
        ):
            result = home.run("auth", "token", **variables)
            assert result.code in (2, 4, 7) and result.out == "" and len(result.err) < 500, result
        text = f'kind = "kb"\nurl = "https://a.example/api/v1/kb/b"\napi_key_command = ["/bin/cat", "{home.work / name}"]\n'
        home.define("c", text)
        result = home.run("auth", "token", "--profile", "c")
        assert result.code in (2, 4) and result.out == "" and len(result.err) < 500, result
    assert not (home.store / "credentials").exists()


def test_many_profiles_need_few_files_and_all_are_asked(home: Home, recorder: Recorder) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def answer(request):
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.02)
        with lock:
            under_way -= 1
        return 200, {}, b'{"uuid": "abc", "config": {}}'

    recorder.answer = answer
    for number in range(300):
        home.define(f"p{number}", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/abc"\npublic = true\n')
    script = "ulimit -n 256; exec nucliactl auth status --all -o json"
    result = home.program("sh", "-c", script, seconds=240)
    assert result.code == 0, result.err
    assert [row["state"] for row in result.json] == ["valid"] * 300
    assert most <= 32


def test_too_few_files_are_not_blamed_on_the_service(home: Home, recorder: Recorder) -> None:
    recorder.answer = lambda _: (200, {}, b'{"uuid": "abc", "config": {}}')
    home.define("p", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/abc"\npublic = true\n')
    program = (
        "import os, resource, nucliactl\n"
        "from nucliactl.service.check import check\n"
        "from nucliactl.http.flow import perform\n"
        "connection = nucliactl.resolve('p').connection()\n"
        "ask = lambda: perform(check(connection))\n"
        "ask()\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))\n"
        "kept = []\n"
        "try:\n"
        "    while True: kept.append(os.dup(0))\n"
        "except OSError: pass\n"
        "for spare in range(4):\n"  # none for the loop, some of it, none for the socket
        "    try: ask()\n"
        "    except nucliactl.NucliactlError as error: print(error.exit_code, error, error.hint)\n"
        "    os.close(kept.pop())\n"
    )
    result = home.python(program)
    assert result.code == 0 and result.out.count("1 This process may open no more files") == 4, result
