"""A server that is not what it says: what it sends is bounded in size and time, and nothing of it is believed."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from fleet.stores import Redis
from support import COMMAND, Home, Recorder

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
GOOD = {"kind": "kb", "url": URL, "api_key": "hostile-key-0123456789"}
MEMORY = 900_000  # KiB of addresses; less than the largest answer
Answer = Callable[[socket.socket, bytes], None]


@contextlib.contextmanager
def pretending(answer: Answer) -> Iterator[str]:
    """A server of Redis's protocol whose HGETALL and SCAN are answered by the test; its address."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(one: socket.socket) -> None:
        with one, contextlib.suppress(OSError):
            while data := one.recv(65536):
                if b"HGETALL" in data or b"SCAN" in data:
                    answer(one, data)
                else:
                    one.sendall(b"+OK\r\n" * data.count(b"*"))

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
    finally:
        listening.close()


def endless(one: socket.socket, _: bytes) -> None:
    one.sendall(b"*2000000000\r\n")
    while True:
        one.sendall(b"$5\r\nfield\r\n$5\r\nvalue\r\n" * 1000)


def huge(one: socket.socket, _: bytes) -> None:
    one.sendall(b"*4\r\n$4\r\nkind\r\n$2\r\nkb\r\n$3\r\nurl\r\n$1073741824\r\n")
    while True:
        one.sendall(b"x" * 65536)


def nested(one: socket.socket, _: bytes) -> None:
    one.sendall(b"*1\r\n" * 100_000)


def dripping(one: socket.socket, _: bytes) -> None:
    while True:
        one.sendall(b"*")
        time.sleep(0.2)


def silent(one: socket.socket, _: bytes) -> None:
    one.recv(1)


def noise(one: socket.socket, _: bytes) -> None:
    one.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def other_types(one: socket.socket, _: bytes) -> None:
    one.sendall(b"*4\r\n$4\r\nkind\r\n:1\r\n*0\r\n$-1\r\n")


def a_number(one: socket.socket, _: bytes) -> None:
    one.sendall(b":17\r\n")


def echo(one: socket.socket, data: bytes) -> None:
    one.sendall(b"-ERR canary-of-the-server " + data.replace(b"\r\n", b" ") + b"\r\n")


def cursor(one: socket.socket, _: bytes) -> None:
    one.sendall(b"*2\r\n$2\r\n17\r\n*0\r\n")


def bounded(home: Home, *words: str, **variables: str) -> tuple[int, str, float]:
    """Run the command with little memory; its exit code, what it said, and the seconds that took."""
    began = time.monotonic()
    result = home.program(
        "sh",
        "-c",
        f'ulimit -v {MEMORY}; exec {COMMAND} "$@"',
        "sh",
        *words,
        NUCLIACTL_TIMEOUT="2",
        **variables,
    )
    assert "Traceback" not in result.err and "canary" not in result.err, result.err
    return result.code, result.err, time.monotonic() - began


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        (endless, {7}),
        (huge, {7}),
        (nested, {5, 7}),
        (dripping, {5}),
        (silent, {5}),
        (noise, {5}),
        (other_types, {5, 7}),
        (a_number, {5, 7}),
        (echo, {5}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_answer_is_bounded(home: Home, answer: Answer, codes: set[int]) -> None:
    with pretending(answer) as address:
        result = home.run(
            "profile",
            "pull",
            "acme",
            "--from",
            address,
            "--to",
            str(home.path / "out"),
            NUCLIACTL_TIMEOUT="2",
        )
        assert result.code in codes and "canary" not in result.err, result.err
    assert not (home.path / "out").exists()


def test_a_value_of_a_gigabyte_takes_no_gigabyte(home: Home) -> None:
    with pretending(huge) as address:
        code, said, _ = bounded(
            home, "profile", "pull", "acme", "--from", address, "--to", str(home.path / "out")
        )
        assert code == 7 and "larger than" in said


def test_a_list_of_keys_that_never_ends_has_an_end(home: Home) -> None:
    with pretending(cursor) as address:
        result = home.run("list", "--from", address, NUCLIACTL_TIMEOUT="1")
        assert result.code == 5 and "did not answer within" in result.err


def test_names_that_are_none_are_left_out_and_said_in_one_line(home: Home, redis: Redis) -> None:
    redis.put("fine", GOOD)
    odd = ["../../etc/passwd", "a/b", "..", "\x1b[31mred", "env", "UPPER", "x" * 300, "new\nline"]
    for name in odd:
        redis.put(name, GOOD)
    try:
        out = home.path / "out"
        address = redis.lister["NUCLIA_PROFILES_URL"]
        result = home.run("profile", "pull", "--to", str(out), **redis.lister)
        assert (
            "\x1b" not in result.err
            and len([line for line in result.err.splitlines() if "left out" in line]) == 1
        )
        assert "fine.toml" in [path.name for path in (out / "current").iterdir()]
        assert {path.parent for path in out.rglob("*") if path.is_file()} == {(out / "current").resolve()}
        rows = home.run("list", "--from", address, "-o", "json", **redis.lister)
        assert "fine" in [row["name"] for row in rows.json]
        assert not [row for row in rows.json if row["name"] in odd]
    finally:
        for name in odd:
            redis.delete(name)


@pytest.mark.torture
def test_a_million_other_keys_are_no_matter(home: Home, redis: Redis) -> None:
    redis.put("among", GOOD)
    redis.cli("EVAL", "for n = 1, 1000000 do redis.call('SET', 'other:'..n, '') end return 1", "0")
    try:
        result = home.run("list", "--from", redis.lister["NUCLIA_PROFILES_URL"], "-o", "name", **redis.lister)
        assert result.code == 0 and "among" in result.out.split()
    finally:
        redis.cli("EVAL", "for n = 1, 1000000 do redis.call('UNLINK', 'other:'..n) end return 1", "0")


def test_more_records_than_make_sense_are_not_read(home: Home, redis: Redis) -> None:
    script = "for n = 1, 10100 do redis.call({}, KEYS[1]..n, {}) end return 1"
    redis.cli("EVAL", script.format("'HSET'", "'kind', 'kb'"), "1", redis.key("many-"))
    try:
        result = home.run("list", "--from", redis.lister["NUCLIA_PROFILES_URL"], **redis.lister)
        assert result.code == 1 and "more than 10000" in result.err
    finally:
        redis.cli(
            "EVAL",
            "for n = 1, 10100 do redis.call('UNLINK', KEYS[1]..n) end return 1",
            "1",
            redis.key("many-"),
        )


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (200, {}, b"<html>captive portal</html>", 5),
        (200, {}, b"[" * 100_000, 5),
        (200, {}, b"{}", 7),
        (200, {}, json.dumps({"data": {"data": ["kind", "kb"]}}).encode(), 7),
        (200, {}, b'{"data": {"data": {"kind": "' + b"x" * 5_000_000 + b'"}}}', 5),
        (200, {"Content-Encoding": "gzip"}, b"\x1f\x8b" + b"\x00" * 100, 5),
        (307, {"Location": "http://192.0.2.1/v1/secret/data/nuclia/acme"}, b"", 6),
        (429, {}, b"", 5),
        (472, {}, b"", 5),
        (500, {}, b'{"errors": ["canary-of-the-server"]}', 5),
        (503, {}, b'{"errors": ["Vault is sealed"]}', 5),
    ],
)
def test_a_vault_that_is_none(
    home: Home, recorder: Recorder, status: int, headers: dict[str, str], body: bytes, code: int
) -> None:
    recorder.answer = lambda _: (status, headers, body)
    address = recorder.origin.replace("http://", "vault+http://") + "/secret/nuclia"
    words = ("profile", "pull", "acme", "--from", address, "--to", str(home.path / "out"))
    result = home.run(*words, VAULT_TOKEN="canary-token-0123456789", NUCLIACTL_TIMEOUT="5")
    assert result.code == code and "canary" not in result.err, result.err
    assert {request.path for request in recorder.requests} == {"/v1/secret/data/nuclia/acme"}
    assert not (home.path / "out").exists()
