"""`nucliactl api`: where a request goes, what it carries, what comes back, and what never happens."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from support import COMMAND, PATIENCE, Home, Recorder, Request, Terminal, until
from wires import Wire, head_of

KEY = "canary-key-of-this-test"
BOX = "57c19b48-0000-4000-8000-000000000001"
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def box(home: Home, recorder: Recorder) -> Home:
    """A home whose active profile is a Knowledge Box of the recorder."""
    return of(home, recorder.origin)


def of(home: Home, origin: str, more: str = "") -> Home:
    home.define("box", f'kind = "kb"\nurl = "{origin}/api/v1/kb/{BOX}"\napi_key = "{KEY}"\n{more}')
    home.environ["NUCLIA_PROFILE"] = "box"
    return home


def says(recorder: Recorder, body: bytes | dict | list, status: int = 200, **headers: str) -> None:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    recorder.answer = lambda _: (status, headers, data)


BASE = f"/api/v1/kb/{BOX}"


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("counters", f"{BASE}/counters"),
        ("/counters", f"{BASE}/counters"),
        ("", BASE),
        ("/", BASE),
        ("?show=basic", f"{BASE}?show=basic"),
        ("resources?page=1&size=2", f"{BASE}/resources?page=1&size=2"),
        ("/api/v1/kb/{kb}/search", f"{BASE}/search"),
        ("zone:kb/{kb}/search#top", f"{BASE}/search"),
        ("zone:/api/authorizer/info", "/api/authorizer/info"),
        ("zone:account/{account}/kb/{kb}", f"/api/v1/account/acme-1/kb/{BOX}"),
    ],
)
def test_a_path_is_below_the_profiles_own_address(
    box: Home, recorder: Recorder, path: str, sent: str
) -> None:
    of(box, recorder.origin, 'account = "acme-1"\n')
    result = box.run("api", path)
    assert (result.code, result.out, result.err) == (0, "{}", "")
    (request,) = recorder.requests
    assert (request.method, request.path) == ("GET", sent)
    assert request.headers["x-nuclia-serviceaccount"] == f"Bearer {KEY}"


def test_a_full_address_of_the_credentials_own_is_one_too(box: Home, recorder: Recorder) -> None:
    assert box.run("api", f"{recorder.origin}/anything").code == 0
    assert recorder.requests[0].path == "/anything"


@pytest.mark.parametrize(
    "path", ["{sink}/x", "https://127.0.0.1.evil.test/", "http://me@{host}/", "global:accounts", "ftp://x/y"]
)
def test_a_foreign_address_is_refused_and_nothing_is_sent(
    box: Home, recorder: Recorder, sink: Recorder, path: str
) -> None:
    path = path.replace("{sink}", sink.origin).replace("{host}", recorder.origin.partition("://")[2])
    result = box.run("api", path)
    assert (result.code, result.out) == (6, "") and "Nothing was sent" in result.err
    assert recorder.requests == sink.requests == []


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "resource/..",
        "../../x",
        "x/./y",
        "global:/../x",
        "a/%2E%2e/b",
        "..%2fx",
        "a%5c..",
        "{origin}/../x",
    ],
)
def test_a_path_that_climbs_is_refused_and_nothing_is_sent(box: Home, recorder: Recorder, path: str) -> None:
    result = box.run("api", "DELETE", path.replace("{origin}", recorder.origin))
    assert (result.code, result.out) == (2, "") and "lead elsewhere" in result.err
    assert recorder.requests == []
    for harmless in ("a..b", "...", ".x", "x?y=../z"):
        assert box.run("api", harmless).code == 0


def test_a_signed_in_user_reaches_the_global_api_and_a_zone(home: Home, recorder: Recorder) -> None:
    zones = [{"id": "z1", "slug": "europe-1"}, {"id": "z2", "slug": "aws-2"}]
    recorder.answer = lambda r: (200, {}, json.dumps(zones if r.path == "/api/v1/zones" else {}).encode())
    home.define(
        "sam",
        f'kind = "user"\nglobal_url = "{recorder.origin}"\nzone_url = "{recorder.origin}/zones/{{zone}}"\n'
        f'token = "{KEY}"\nzone = "europe-1"\naccount = "acme-1"\nkb = "{BOX}"\n',
    )
    for path in ("user", "global:user", "zone:account/{account}/kbs", "zone:kb/{kb}", "global:zones/{zone}"):
        assert home.run("api", path, NUCLIA_PROFILE="sam").code == 0
    user, zone = "/api/v1/user", "/zones/europe-1/api/v1"
    assert [r.path for r in recorder.requests if r.path != "/api/v1/zones"] == [
        user,
        user,
        f"{zone}/account/acme-1/kbs",
        f"{zone}/kb/{BOX}",
        "/api/v1/zones/europe-1",
    ]
    assert {r.headers["authorization"] for r in recorder.requests} == {f"Bearer {KEY}"}
    home.run("api", "zone:x", NUCLIA_PROFILE="sam", NUCLIA_ZONE="aws-2")
    assert recorder.requests[-1].path == "/zones/aws-2/api/v1/x"


def test_a_private_zone_is_asked_where_the_service_says_it_is(
    home: Home, recorder: Recorder, sink: Recorder
) -> None:
    zones = [{"id": "z1", "slug": "ours", "private": True, "origin": sink.origin}]
    zones.append({"id": "z2", "slug": "odd", "private": True, "origin": "ftp://x"})
    recorder.answer = lambda _: (200, {}, json.dumps(zones).encode())
    home.define("sam", f'kind = "user"\nglobal_url = "{recorder.origin}"\ntoken = "{KEY}"\nzone = "ours"\n')
    assert home.run("api", "zone:account/a/kbs", NUCLIA_PROFILE="sam").code == 0
    assert [(r.path, r.headers["authorization"]) for r in sink.requests] == [
        ("/api/v1/account/a/kbs", f"Bearer {KEY}")
    ]
    for zone, code, words in (("gone", 3, "There are: ours, odd"), ("odd", 6, "is not asked")):
        result = home.run("api", "zone:x", NUCLIA_PROFILE="sam", NUCLIA_ZONE=zone)
        assert result.code == code and words in result.err, result
    sink.answer = lambda _: (302, {"Location": f"{recorder.origin}/api/v1/user"}, b"")
    before = len(recorder.requests)
    assert home.run("api", "zone:x", NUCLIA_PROFILE="sam").code == 6
    assert len(recorder.requests) == before + 1  # the list of zones


def test_a_placeholder_without_a_value_and_one_that_is_none(home: Home, recorder: Recorder) -> None:
    home.define("sam", f'kind = "user"\nglobal_url = "{recorder.origin}"\ntoken = "{KEY}"\n')
    for path, words in (
        ("zone:x", "names no zone"),
        ("{account}", "nucliactl accounts default ACCOUNT --profile sam"),
        ("{kb}", "nucliactl profile set sam kb=KB"),
        ("{nothing}", "There are {kb}, {account}, {zone}"),
        ("{KB}/x", "There are {kb}, {account}, {zone}"),
    ):
        result = home.run("api", path, NUCLIA_PROFILE="sam")
        assert result.code == 2 and words in result.err, result
    assert recorder.requests == []


def test_a_box_by_its_slug_keeps_it_in_the_placeholder(home: Home, recorder: Recorder) -> None:
    home.define("box", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/s/notes"\napi_key = "{KEY}"\n')
    home.run("api", "/api/v1/kb/{kb}/x", NUCLIA_PROFILE="box")
    assert recorder.requests[0].path == "/api/v1/kb/s/notes/x"


def test_fields_are_a_json_object_and_make_it_a_post(box: Home, recorder: Recorder) -> None:
    (box.work / "notes.txt").write_bytes("grüße\n".encode())
    words = ["-f", "a=1", "-F", "n=1", "-F", "half=0.5", "-F", "yes=true", "-F", "no=null", "-F", "t=tru"]
    words += ["-F", "l[]=1", "-f", "l[]=x", "-F", "o[p][q]=@notes.txt", "-F", "in=@-", "-F", 'j={"k": [1]}']
    words += ["-f", "x[][n]=1", "-f", "x[][m]=2", "-f", "x[][n]=3", "-f", "at=@notes.txt", "-f", "eq=a=b"]
    assert box.run("api", *words, "resources", stdin="piped").code == 0
    (request,) = recorder.requests
    assert request.method == "POST" and request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "a": "1",
        "n": 1,
        "half": 0.5,
        "yes": True,
        "no": None,
        "t": "tru",
        "l": [1, "x"],
        "o": {"p": {"q": "grüße\n"}},
        "in": "piped",
        "j": {"k": [1]},
        "x": [{"n": "1", "m": "2"}, {"n": "3"}],
        "at": "@notes.txt",
        "eq": "a=b",
    }


def test_fields_of_a_get_are_its_query(box: Home, recorder: Recorder) -> None:
    assert (
        box.run(
            "api", "GET", "search?x=1", "-f", "query=a b&c", "-F", "n=2", "-f", "f[]=p", "-f", "f[]=q"
        ).code
        == 0
    )
    assert recorder.requests[0].path == f"{BASE}/search?x=1&query=a+b%26c&n=2&f=p&f=q"
    assert recorder.requests[0].body == b""


@pytest.mark.parametrize(
    "words", [["POST", "x"], ["-X", "post", "x"], ["post", "x", "--input", "-"], ["x", "--input=-"]]
)
def test_the_method_is_said_or_follows(box: Home, recorder: Recorder, words: list[str]) -> None:
    assert box.run("api", *words, stdin="raw").code == 0
    assert recorder.requests[0].method == "POST"


def test_input_is_sent_as_it_is_small_or_large(box: Home, recorder: Recorder) -> None:
    data = os.urandom(3 * 1024 * 1024)
    (box.work / "large").write_bytes(data)
    (box.work / "small").write_bytes(b"\x00\xff")
    for name in ("small", "large"):
        assert box.run("api", "PUT", "upload", "--input", name, "-H", "content-type: image/png").code == 0
    small, large = recorder.requests
    assert (small.body, large.body == data) == (b"\x00\xff", True)
    assert small.headers["content-type"] == large.headers["content-type"] == "image/png"


def test_a_header_is_added_and_the_credentials_own_is_not_replaced(box: Home, recorder: Recorder) -> None:
    assert box.run("api", "x", "-H", "X-Synchronous: true", "-H", "accept:text/plain").code == 0
    assert recorder.requests[0].headers["x-synchronous"] == "true"
    assert recorder.requests[0].headers["accept"] == "text/plain"
    for header in (
        "Authorization: Bearer mine",
        "x-nuclia-serviceaccount: mine",
        "X-STF-NUAKEY: mine",
        "X-NucliaDB-Roles: MANAGER",
        "Host: elsewhere",
        "Content-Length: 3",
        "mine",
        "a b: mine",
        "X: a\nmine: b",
        "X: ü-mine",
    ):
        result = box.run("api", "x", "-H", header)
        assert result.code == 2 and "mine" not in result.err, result
    assert len(recorder.requests) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["x", "-f", "canary"], "-f needs KEY=VALUE"),
        (["x", "-F", "=canary"], "-F needs KEY=VALUE"),
        (["x", "-f", "a=1", "-f", "a=2"], "'a' is given twice"),
        (["x", "-f", "a=1", "-f", "a[b]=2"], "'a[b]' is given twice"),
        (["x", "-f", "a[]=1", "-f", "a[b]=2"], "'a[b]' is given twice"),
        (["x", "-F", "a=@missing"], "missing cannot be read"),
        (["x", "-F", "a=@"], "named by nothing"),
        (["x", "-F", "a=1e999"], "The number of the field 'a' is too large"),
        (["x", "-F", "a[b]=" + "9" * 5000], "The number of the field 'a[b]' is too large"),
        (["x", "--input", "missing"], "missing cannot be read"),
        (["x", "--input", "."], "cannot be read"),
        (["x", "--input", "-", "-F", "a=@-"], "asked for twice"),
        (["-X", "PUT", "GET", "x"], "given twice"),
        (["G=T", "x"], "not one of HTTP"),
        (["DELETE", "x", "--paginate"], "--paginate is for lists"),
        (["x", "--slurp"], "--slurp needs --paginate"),
        (["a\\b"], "backslash"),
        (["GET", "x", "-f", "q=" + "y" * 70000], "too long"),
        ([], "required"),
    ],
)
def test_what_cannot_be_understood_is_said_and_nothing_is_sent(
    box: Home, recorder: Recorder, words: list[str], said: str
) -> None:
    result = box.run("api", *words)
    assert (result.code, result.out) == (2, "") and said in result.err and "canary" not in result.err
    assert recorder.requests == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(200, 0), (201, 0), (204, 0), (304, 0), (400, 1), (401, 4), (403, 4), (404, 1), (409, 1), (422, 1)]
    + [(429, 5), (500, 5), (502, 5), (503, 5)],
)
def test_the_exit_code_follows_the_status_and_the_service_has_the_word(
    box: Home, recorder: Recorder, status: int, code: int
) -> None:
    body = b"" if status in (204, 304) else b'{"detail": "the words of the service", "more": 1}'
    says(recorder, body, status)
    result = box.run("api", "POST", "x")
    assert (result.code, result.out) == (code, body.decode())
    assert ("the words of the service" in result.err) == (code != 0) == (result.err != "")
    assert KEY not in result.err and len(recorder.requests) == 1
    if code == 4:
        assert "kb credential from store" in result.err and "box.toml" in result.err
        assert ("role may not allow" in result.err) == (status == 403)


def test_what_a_validation_finds_wrong_is_told_part_by_part(box: Home, recorder: Recorder) -> None:
    detail = [{"loc": ["query", "size"], "msg": "Input should be an integer", "type": "int"}, {"no": 1}]
    says(recorder, {"detail": detail}, 422)
    result = box.run("api", "x", "-o", "json")
    assert result.code == 1 and "query.size: Input should be an integer" in json.loads(result.err)["error"]


def test_the_body_is_printed_byte_for_byte(box: Home, recorder: Recorder) -> None:
    data = bytes(range(256)) * 300
    says(recorder, data)
    finished = subprocess.run(
        [COMMAND, "api", "x"], env=box.environ, cwd=box.work, capture_output=True, check=True
    )
    assert finished.stdout == data


def test_on_a_terminal_nothing_in_a_body_controls_it(box: Home, recorder: Recorder) -> None:
    says(recorder, "\x1b]0;mine\x07 grüße\n\tend\r\n…\xff".encode()[:-2] + b"\xff")
    terminal = Terminal(box, "api", "x")
    assert terminal.close() == 0
    assert "\\x1b]0;mine\\x07 grüße\r\n\tend\r\n…\\xff\r\n" in terminal.seen.replace("\r\r", "\r")
    assert "\x1b]" not in terminal.seen


def test_include_prints_the_head_first(box: Home, recorder: Recorder) -> None:
    says(recorder, b"{}", 404, **{"X-A": "b"})
    result = box.run("api", "-i", "x")
    head, _, body = result.out.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 404 Not Found\r\n") and "X-A: b" in head.split("\r\n")
    assert (body, result.code) == ("{}", 1)


def test_a_service_that_repeats_the_credential_does_not_print_it(box: Home, recorder: Recorder) -> None:
    recorder.answer = lambda r: (
        200,
        {"X-Echo": r.headers["x-nuclia-serviceaccount"]},
        json.dumps(r.headers).encode(),
    )
    result = box.run("api", "-i", "x")
    assert result.code == 0 and KEY not in result.out and result.out.count("Bearer ****") == 2


def test_a_get_follows_redirects_at_home_and_nothing_else_does(
    box: Home, recorder: Recorder, sink: Recorder
) -> None:
    places = {"a": f"{BASE}/b", "away": f"{sink.origin}/x", "round": f"{BASE}/round"}

    def answer(request: Request) -> Answer:
        place = places.get(request.path.rpartition("/")[2])
        return (307, {"Location": place}, b"") if place else (200, {}, b"home")

    recorder.answer = answer
    assert box.run("api", "a").out == "home"
    assert box.run("api", "round").code == 5
    assert box.run("api", "away").code == 6
    before = len(recorder.requests)
    result = box.run("api", "POST", "a", "-f", "x=1")
    assert (result.code, result.out) == (6, "") and len(recorder.requests) == before + 1
    assert sink.requests == []


def test_a_post_whose_answer_is_lost_is_not_sent_twice(home: Home) -> None:
    seen: list[bytes] = []

    def talk(connection: socket.socket) -> None:
        seen.append(head_of(connection))

    wire = Wire(talk)
    of(home, f"http://127.0.0.1:{wire.port}")
    result = home.run("api", "POST", "x")
    assert (result.code, result.out) == (5, "") and "broke off" in result.err
    assert len(seen) == 1
    wire.close()


def page(number: int, last: int, size: int = 2) -> bytes:
    rows = [{"id": f"r{number}{n}"} for n in range(size)]
    return json.dumps(
        {"resources": rows, "pagination": {"page": number, "size": size, "last": number >= last}}
    ).encode()


def parameter(request: Request, name: str, default: str = "0") -> str:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(request.path).query).get(name, [default])[0]


def test_paginate_by_page_number(box: Home, recorder: Recorder) -> None:
    recorder.answer = lambda r: (200, {}, page(int(parameter(r, "page")), 2))
    result = box.run("api", "resources?size=2&show=basic", "--paginate")
    assert [json.loads(line)["pagination"]["page"] for line in result.out.splitlines()] == [0, 1, 2]
    assert all("size=2" in r.path and "show=basic" in r.path for r in recorder.requests)
    ids = [f"r{p}{n}" for p in range(3) for n in range(2)]
    assert (
        box.run("api", "resources", "--paginate", "--query", "resources[].id", "-o", "name").out.split()
        == ids
    )
    whole = box.run("api", "resources", "--paginate", "--slurp", "--query", "[].resources[].id")
    assert whole.json == ids
    recorder.requests.clear()
    assert len(box.run("api", "resources", "--paginate", "--slurp", "-f", "size=2").json) == 3
    assert {(r.method, parameter(r, "size")) for r in recorder.requests} == {("GET", "2")}
    recorder.requests.clear()
    box.run("api", "resources?page=1", "--paginate")
    assert [parameter(r, "page") for r in recorder.requests] == ["1", "2"]


def test_paginate_by_cursor_and_by_next_page(box: Home, recorder: Recorder) -> None:
    cursors = {"": "b", "b": "c", "c": None}

    def answer(request: Request) -> Answer:
        if request.method == "POST":
            number = json.loads(request.body).get("page_number", 0)
            found: dict = {"fulltext": {"page_number": number, "next_page": number < 2}}
        else:
            found = {"results": [1], "cursor": cursors[parameter(request, "cursor", "")]}
        return 200, {}, json.dumps(found).encode()

    recorder.answer = answer
    assert len(box.run("api", "status", "--paginate").out.splitlines()) == 3
    result = box.run("api", "POST", "catalog", "-f", "query=x", "--paginate")
    assert len(result.out.splitlines()) == 3
    bodies = [json.loads(r.body) for r in recorder.requests if r.method == "POST"]
    assert bodies == [{"query": "x"}, {"query": "x", "page_number": 1}, {"query": "x", "page_number": 2}]
    (box.work / "q.json").write_text('{"query": "y"}')
    assert box.run("api", "POST", "catalog", "--input", "q.json", "--paginate").code == 0
    assert json.loads(recorder.requests[-1].body) == {"query": "y", "page_number": 2}


def test_pages_that_go_in_a_circle_end(box: Home, recorder: Recorder) -> None:
    says(recorder, page(0, 1))
    result = box.run("api", "resources", "--paginate")
    assert result.code == 5 and "a second time" in result.err and len(recorder.requests) == 2


def test_pages_without_end_are_asked_for_up_to_a_bound(box: Home, recorder: Recorder) -> None:
    """Each of them has a cursor that no other has."""

    def answer(_: Request) -> Answer:
        return 200, {}, json.dumps({"cursor": f"c{len(recorder.requests)}"}).encode()

    recorder.answer = answer
    for words, printed in (
        (("--max-pages", "3"), 3),
        (("--max-pages", "1"), 1),
        (("--max-pages", "3", "--slurp"), 3),
    ):
        recorder.requests.clear()
        result = box.run("api", "status", "--paginate", *words)
        pages = result.json if "--slurp" in words else result.out.splitlines()
        assert (result.code, len(pages), len(recorder.requests)) == (0, printed, printed)
        assert f"names another page after {printed} page" in result.err
    for wrong in (
        ("--max-pages", "3"),
        ("--paginate", "--max-pages", "0"),
        ("--paginate", "--max-pages", "x"),
    ):
        assert box.run("api", "status", *wrong).code == 2


@pytest.mark.torture
def test_where_nobody_says_how_many_pages_are_wanted_there_is_a_bound_too(
    box: Home, recorder: Recorder
) -> None:
    recorder.answer = lambda _: (200, {}, json.dumps({"cursor": f"c{len(recorder.requests)}"}).encode())
    result = box.program("nucliactl", "api", "status", "--paginate", seconds=600)
    assert result.code == 1 and len(result.out.splitlines()) == 10_000, result.err
    assert "--max-pages 100000" in result.err


def test_a_page_that_fails_ends_it_and_what_came_before_stays(box: Home, recorder: Recorder) -> None:
    recorder.answer = lambda r: (
        (200, {}, page(0, 9)) if parameter(r, "page") == "0" else (500, {}, b'{"detail": "oh"}')
    )
    result = box.run("api", "resources", "--paginate")
    assert result.code == 5 and result.out == page(0, 9).decode() + "\n" and "oh" in result.err


def test_a_query_picks_and_says_where_there_is_nothing_to_pick_from(box: Home, recorder: Recorder) -> None:
    says(recorder, {"a": {"b": "grüße\n", "n": 1}})
    assert box.run("api", "x", "--query", "a.b").json == "grüße\n"
    assert box.run("api", "x", "--query", "a.b", "-o", "name").out == "grüße\\n\n"
    assert box.run("api", "x", "--query", "zz", "-o", "name").out == ""
    says(recorder, b"no json")
    result = box.run("api", "x", "--query", "a")
    assert (result.code, result.out) == (1, "") and "not JSON" in result.err
    for number in (b"NaN", b"-Infinity", b"1e999"):  # none of them is JSON when it is printed again
        says(recorder, b'{"a": %s, "b": 1}' % number)
        assert box.run("api", "x", "--query", "b").code == 1
        assert box.run("api", "x").out == recorder.answer(recorder.requests[-1])[2].decode()
    before = len(recorder.requests)
    assert box.run("api", "POST", "x", "--query", "a[").code == 2 and len(recorder.requests) == before


LEFT = """
import sys, nucliactl
from nucliactl.http.stream import opened
kept = []
with opened(nucliactl.resolve("box").connection()) as line:
    for _ in range(2):
        kept.append(line.send("GET", sys.argv[1], ()).pieces())
        print(next(kept[-1]), flush=True)
        input()
print("left", flush=True)
input()
"""


def test_an_answer_left_before_its_end_is_closed_by_the_next_request_and_with_the_line(home: Home) -> None:
    """Else a second request would wait for the connection, and the server would go on sending to nobody."""
    gone = threading.Semaphore(0)

    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\npiece")
        if not connection.recv(1):
            gone.release()

    wire = Wire(talk)
    url = f"http://127.0.0.1:{wire.port}/api/v1/kb/x"
    home.define("box", f'kind = "kb"\nurl = "{url}"\npublic = true\n')
    words = [sys.executable, "-c", LEFT, url]
    with subprocess.Popen(
        words, env=home.environ, cwd=home.work, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin and running.stdout
        for said in ("b'piece'", "b'piece'", "left"):
            assert running.stdout.readline() == f"{said}\n"
            assert said == "left" or not gone.acquire(blocking=False)
            running.stdin.write("\n")
            if said != "left":
                running.stdin.flush()
                assert gone.acquire(timeout=50)  # while the program goes on
        running.stdin.close()
        assert running.wait(50) == 0
    wire.close()


class Stream:
    """A server that sends an answer line by line, each when it is told to."""

    def __init__(self) -> None:
        self.sent, self.ended, self.allowed = 0, False, 1
        self.wire = Wire(self._talk)
        self.origin = f"http://127.0.0.1:{self.wire.port}"

    def _talk(self, connection: socket.socket) -> None:
        request, _, body = head_of(connection).partition(b"\r\n\r\n")
        size = re.search(rb"content-length: (\d+)", request.lower())
        while size and len(body) < int(size[1]):
            body += connection.recv(4096)
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head.encode())
        try:
            while self.sent < 3:
                until(lambda: self.allowed > self.sent)
                line = json.dumps({"item": {"text": f"t{self.sent}"}}).encode() + b"\n"
                connection.sendall(b"%x\r\n%s\r\n" % (len(line), line))
                self.sent += 1
            connection.sendall(b"0\r\n\r\n")
            connection.recv(1)  # until the client closes
        finally:
            self.ended = True


@pytest.fixture
def stream() -> Iterator[Stream]:
    found = Stream()
    yield found
    found.wire.close()


@contextlib.contextmanager
def started(home: Home, *words: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [COMMAND, "api", *words],
        env={**home.environ, **variables},
        cwd=home.work,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], '{{"item": {{"text": "t{0}"}}}}'),
        (["--query", "item.text"], '"t{0}"'),
        (["--query", "item.text", "-o", "name"], "t{0}"),
    ],
)
def test_an_answer_is_printed_line_by_line_as_it_comes(
    home: Home, stream: Stream, words: list[str], shown: str
) -> None:
    of(home, stream.origin)
    with started(home, "ask", "-f", "query=x", *words) as process:
        assert process.stdout and process.stderr
        for number in range(3):
            assert process.stdout.readline() == shown.format(number) + "\n"
            assert stream.sent <= number + 1  # the server may not have counted this one yet
            stream.allowed += 1
        assert process.stdout.read() == "" and process.wait(PATIENCE) == 0 and process.stderr.read() == ""


def test_a_stream_that_is_alive_outlives_the_deadline_and_a_silent_one_does_not(
    home: Home, stream: Stream
) -> None:
    of(home, stream.origin)
    with started(home, "ask", "-f", "query=x", NUCLIACTL_TIMEOUT="4") as process:
        assert process.stdout and process.stderr
        begin = time.monotonic()
        assert process.stdout.readline()
        time.sleep(2.5)
        stream.allowed = 2
        assert process.stdout.readline()
        time.sleep(2.5)
        stream.allowed = 3
        assert process.stdout.readline() and process.wait(PATIENCE) == 0
        assert time.monotonic() - begin > 4.5
    quiet = Stream()
    of(home, quiet.origin)
    result = home.run("api", "ask", "-f", "query=x", NUCLIACTL_TIMEOUT="1")
    assert result.code == 5 and "t0" in result.out and "has sent nothing for 1 seconds" in result.err
    quiet.wire.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_ends_a_stream_cleanly(home: Home, stream: Stream, number: int, code: int) -> None:
    of(home, stream.origin)
    with started(home, "ask", "-f", "query=x") as process:
        assert process.stdout and process.stderr and process.stdout.readline()
        process.send_signal(number)
        assert process.wait(PATIENCE) == code
        said = process.stderr.read()
        assert "Traceback" not in said and ("Interrupted." in said) == (code == 130)


def test_a_reader_that_has_gone_is_quiet(home: Home, stream: Stream) -> None:
    of(home, stream.origin)
    with started(home, "ask", "-f", "query=x") as process:
        assert process.stdout and process.stderr and process.stdout.readline()
        process.stdout.close()
        stream.allowed = 3
        assert process.wait(PATIENCE) == 0 and process.stderr.read() == ""
        process.stdout = None


def test_what_is_no_list_of_boxes_is_not_an_empty_one(home: Home, recorder: Recorder) -> None:
    home.define("local", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    for body, code in ((b"", 5), (b"{}", 5), (b'{"kbs": {}}', 5), (b"[]", 5), (b'{"kbs": []}', 0)):
        says(recorder, body)
        result = home.run("kbs", "list", "-o", "json", NUCLIA_PROFILE="local")
        assert result.code == code and ("not a list" in result.err) == (code == 5), result


def test_an_answer_that_breaks_off_is_an_error(home: Home) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")

    wire = Wire(talk)
    of(home, f"http://127.0.0.1:{wire.port}")
    result = home.run("api", "x")
    assert (result.code, result.out) == (5, "half") and "broke off" in result.err
    wire.close()


@pytest.mark.parametrize(
    ("status", "words", "said"),
    [
        ("200 OK", ["--query", "a"], "too large to be looked into"),
        ("500 Broken", ["--query", "a"], "failed with 500"),
        ("200 OK", ["--paginate", "--slurp"], "too large to be looked into"),
    ],
)
def test_a_body_without_end_is_left_where_it_has_to_be_whole(
    home: Home, status: str, words: list[str], said: str
) -> None:
    def talk(connection: socket.socket) -> None:
        head_of(connection)
        head = f"HTTP/1.1 {status}\r\nContent-Type: application/x-ndjson\r\n\r\n"
        connection.sendall(head.encode())
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"x" * 1_000_000)

    wire = Wire(talk)
    of(home, f"http://127.0.0.1:{wire.port}")
    result = home.run("api", "x", *words)
    assert result.code in (1, 5) and said in result.err
    assert len(result.err.splitlines()) == 2, result.err  # nothing of what was left open
    wire.close()


def test_an_encoding_nobody_asked_for_is_refused_and_one_asked_for_is_passed_on(
    box: Home, recorder: Recorder
) -> None:
    says(recorder, b"packed", **{"Content-Encoding": "gzip"})
    assert box.run("api", "x").code == 5
    assert box.run("api", "x", "-H", "Accept-Encoding: gzip").out == "packed"
    assert [r.headers["accept-encoding"] for r in recorder.requests] == ["identity", "gzip"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_session_is_renewed_and_the_request_sent_again(
    person: Home, callback_ports: None, status: int
) -> None:
    """A token that the service refuses is renewed once; the body goes with the second request."""
    import sys

    visitor = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    assert person.run("auth", "login", "--name", "sam", BROWSER=visitor).code == 0
    path = person.store / "credentials/sam.json"
    held = json.loads(path.read_text())
    dead = "x.y.z" if status == 401 else "dead-opaque-token-of-a-session"
    path.write_text(json.dumps({**held, "access_token": dead}))
    assert person.run("api", "accounts", "--query", "[].slug").json == ["acme", "globex"]


def test_a_large_body_may_take_longer_than_the_deadline_while_it_is_sent(home: Home) -> None:
    size, got = 24 * 1024 * 1024, 0

    def talk(connection: socket.socket) -> None:
        nonlocal got
        got = len(head_of(connection).partition(b"\r\n\r\n")[2])
        begin = time.monotonic()
        while got < size:
            while time.monotonic() - begin < 5 * got / size:  # five seconds in all
                time.sleep(0.02)
            got += len(connection.recv(1024 * 1024))
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\n{}")

    wire = Wire(talk)
    of(home, f"http://127.0.0.1:{wire.port}")
    (home.work / "large").write_bytes(b"x" * size)
    result = home.run("api", "POST", "upload", "--input", "large", NUCLIACTL_TIMEOUT="3")
    assert (result.code, result.out, got) == (0, "{}", size), result
    wire.close()


def test_ctrl_c_on_a_terminal_ends_a_stream(home: Home, stream: Stream) -> None:
    of(home, stream.origin)
    terminal = Terminal(home, "api", "ask", "-f", "query=x")
    terminal.expect("t0")
    terminal.type("\x03")
    assert terminal.close() == 130
    assert "Interrupted." in terminal.seen and "Traceback" not in terminal.seen
