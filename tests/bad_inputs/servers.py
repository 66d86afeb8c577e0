"""E: what a server answers (106-126)."""

import json
import socket
import struct
import time
from email.utils import formatdate

from hostile import test_bounds as bounds
from hostile import test_redirects as redirects
from support import Request
from wires import Wire, certificate, head_of, tls_server

from .world import CANARY, KB, World, case

ID = KB.rsplit("/", 1)[1]
WELCOME = {"uuid": ID, "slug": "box", "config": {}}


def log_in(w: World, code: int, says: str, origin: str = "", **variables: str) -> None:
    """Log in to a box; the answer is an error of this code, and nothing is kept."""
    words = ("auth", "kb", f"{origin or w.recorder.origin}/api/v1/kb/{ID}", "-")
    result = w.refuses(code, says, *words, stdin=CANARY, **variables)
    assert w.flags or len(result.err) < 1000, result


def answers(w: World, status: int, body: bytes, **headers: str) -> None:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    w.recorder.answer = lambda _: (status, given, body)


def raw(data: bytes) -> Wire:
    """A server that answers with these bytes and hangs up."""

    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(data)

    return Wire(talk)


@case(106)
def nobody_there(w: World) -> None:
    log_in(w, 5, "127.0.0.1:9", "http://127.0.0.1:9")
    log_in(w, 5, "nowhere.invalid", "https://nowhere.invalid")


@case(107)
def a_certificate_nobody_signed(w: World) -> None:
    for name, starts, ends in (("self-signed", "2020", "2040"), ("over", "2001", "2002")):
        with tls_server(certificate(w.home.path / name, starts, ends), b"") as wire:
            log_in(w, 5, "certificate", f"https://127.0.0.1:{wire.port}")
            assert (
                "insecure"
                not in w.run(
                    "auth",
                    "status",
                    NUCLIA_KB_URL=f"https://127.0.0.1:{wire.port}/api/v1/kb/x",
                    NUCLIA_API_KEY="k",
                ).out
            )


@case(108)
def a_page_of_a_proxy(w: World) -> None:
    answers(w, 502, b"<html><h1>Bad Gateway</h1>" + b"x" * 100_000, Content_Type="text/html")
    log_in(w, 5, "502")


@case(109)
def an_answer_cut_short(w: World) -> None:
    answers(w, 200, b'{"uuid": "' + ID.encode())
    log_in(w, 5, "")
    wire = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"uuid"')
    log_in(w, 5, "", f"http://127.0.0.1:{wire.port}")
    wire.close()


@case(110)
def an_empty_answer(w: World) -> None:
    for status in (200, 204):
        answers(w, status, b"")
        log_in(w, 1, "not a Knowledge Box")


@case(111)
def a_200_that_is_an_error(w: World) -> None:
    answers(w, 200, b'{"error": "boom"}')
    log_in(w, 1, "not a Knowledge Box")


@case(112)
def json_that_is_no_object(w: World) -> None:
    for body in (b"[]", b"null", b"3", b'"x"', b"{}"):
        answers(w, 200, body)
        log_in(w, 1, "not a Knowledge Box")
    for body in (b"{nan}", b"[" * 100_000, b"9" * 100_000):
        answers(w, 200, body)
        log_in(w, 5, "not JSON")


@case(113)
def no_text(w: World) -> None:
    answers(w, 200, b'{"uuid": "\xff\xfe"}')
    log_in(w, 5, "")
    answers(w, 403, b"\xff\xfe\x00no", Content_Type="text/plain; charset=no-such")
    log_in(w, 4, "")


@case(114)
def sent_to_another_origin(w: World) -> None:
    for kind in ("kb", "nua", "user"):
        redirects.test_validation_calls_refuse_a_foreign_redirect(w.home, w.recorder, w.sink, kind)
        (w.store / "profiles/p.toml").unlink()
    w.session()
    w.recorder.answer = lambda r: (307, {"Location": f"{w.sink.origin}/token"}, b"")
    w.run("auth", "token", "--profile", "ann")
    assert w.sink.requests == []


@case(115)
def sent_in_a_circle(w: World) -> None:
    w.recorder.answer = lambda r: (302, {"Location": r.path}, b"")
    log_in(w, 5, "")
    assert len(w.recorder.requests) < 30


@case(116)
def too_many_requests(w: World) -> None:
    past = formatdate(time.time() - 60, usegmt=True)
    for wait in ("0", past, "soon", "1000000000", "-1", "9" * 400):
        answers(w, 429, b"slow down", Retry_After=wait)
        log_in(w, 5, "", NUCLIACTL_TIMEOUT="3")


@case(117)
def away_for_a_moment(w: World) -> None:
    before = [503, 503]

    def answer(_: Request) -> tuple[int, dict[str, str], bytes]:
        return (
            (before.pop(), {"Retry-After": "0"}, b"") if before else (200, {}, json.dumps(WELCOME).encode())
        )

    w.recorder.answer = answer
    result = w.run("auth", "kb", w.box, "-", stdin=CANARY)
    assert result.code in (0, 5), result
    assert w.ok("auth", "kb", w.box, "-", stdin=CANARY).code == 0


@case(118)
def one_byte_after_the_other(w: World) -> None:
    redirects.test_a_server_that_drips_meets_the_total_deadline(w.home)
    for name in ("a 403 that drips", "a 200 that drips"):
        wire = bounds.WIRES[name]()
        log_in(w, 5, "1 second", f"http://127.0.0.1:{wire.port}", NUCLIACTL_TIMEOUT="1")
        wire.close()


@case(119)
def a_bomb(w: World) -> None:
    w.home.environ["NUCLIACTL_TIMEOUT"] = "4"
    for name in ("a bomb in a 200", "a 200 without end"):
        bounds.test_our_own_calls_stay_small_and_end(w.home, name)


@case(120)
def a_header_of_100_kilobytes(w: World) -> None:
    wire = raw(b"HTTP/1.1 200 OK\r\nX-A: " + b"b" * 200_000 + b"\r\nContent-Length: 2\r\n\r\n{}")
    log_in(w, 5, "", f"http://127.0.0.1:{wire.port}")
    wire.close()


@case(121)
def cut_off_while_it_is_renewed(w: World) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    wire = Wire(talk)
    origin = f"http://127.0.0.1:{wire.port}"
    path = w.session(origins=[origin])
    w.profile((w.store / "profiles/ann.toml").read_text().replace(w.recorder.origin, origin), "ann")
    result = w.run("auth", "token", "--profile", "ann")
    assert result.code == 5 and json.loads(path.read_text())["refresh_token"] == f"{CANARY}-refresh", result
    assert wire.connections == 2  # once more with the same token, under the lock
    wire.close()


@case(122)
def refused_though_it_has_not_ended(w: World) -> None:
    now = int(time.time())
    path = w.session(issued_at=now, expires_at=now + 1800)
    answers(w, 403, b'{"detail": "no permission"}')
    assert w.run("auth", "status", "--profile", "ann").code == 4
    assert [r for r in w.recorder.requests if r.method == "POST"] == []
    w.renews()
    renewing = w.recorder.answer
    w.recorder.answer = lambda r: (
        (401, {}, b"") if r.headers.get("authorization") == f"Bearer {CANARY}-access" else renewing(r)
    )
    w.ok("auth", "status", "--profile", "ann")
    assert json.loads(path.read_text())["access_token"] == "new-access"
    assert len([r for r in w.recorder.requests if r.method == "POST"]) == 1


@case(123)
def a_clock_that_is_wrong(w: World) -> None:
    for days in (-1, 1):
        now = int(time.time()) + days * 86_400
        w.session(issued_at=now, expires_at=now + 1800)
        w.renews()
        renewing = w.recorder.answer
        old = f"Bearer {CANARY}-access"
        w.recorder.answer = lambda r, renewing=renewing, old=old: (
            (401, {}, b"") if r.headers.get("authorization") == old else renewing(r)
        )
        w.ok("auth", "status", "--profile", "ann")


@case(124)
def a_life_that_is_none(w: World) -> None:
    for life in (None, 0, -1, "3600", float("inf"), True, [], "soon", 10**30):
        path = w.session()
        w.renews(expires_in=life)
        result = w.run("auth", "token", "--profile", "ann")
        held = json.loads(path.read_text())
        assert result.code in (0, 5), (life, result)
        if result.code == 0:
            assert held["access_token"] == "new-access" and held["refresh_token"] == "new-refresh", life
            assert held["expires_at"] is None or isinstance(held["expires_at"], int)


@case(125)
def no_new_refresh_token(w: World) -> None:
    path = w.session()
    w.renews(refresh_token=None)
    w.ok("auth", "token", "--profile", "ann")
    assert json.loads(path.read_text())["refresh_token"] == f"{CANARY}-refresh"


@case(126)
def an_error_that_steers(w: World) -> None:
    w.session()
    said = {"error": "invalid_request\x1b[2J", "error_description": "<b>\x1b]0;x\x07\r\nforged: ok\u202e"}
    answers(w, 400, json.dumps(said).encode())
    result = w.refuses(1, "400", "auth", "token", "--profile", "ann")
    assert not {"\x07", "\r", "\u202e"} & {*result.err} and "\nforged" not in result.err
