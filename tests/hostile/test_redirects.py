"""A credential never follows a redirect to another origin, for any kind, by any client."""

import base64
import json
import sys

import pytest
from support import Home, Recorder

KINDS = ["kb", "nua", "user", "personal-token", "nucliadb"]
CODES = [301, 302, 303, 307, 308]
SECRET = "canary-secret-0451"


def nua_key(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.{SECRET}"


def definition(kind: str, origin: str) -> str:
    signed_in = f'global_url = "{origin}"\noauth_url = "{origin}"\nzone_url = "{origin}"\ntoken = "{SECRET}"'
    return {
        "kb": f'url = "{origin}/api/v1/kb/abc"\napi_key = "{SECRET}"',
        "nua": f'issuer = "{origin}"\nnua_key = "{nua_key(origin)}"',
        "user": signed_in,
        "personal-token": signed_in,
        "nucliadb": f'url = "{origin}"',
    }[kind]


PROGRAM = """
import asyncio, sys, nucliactl
way = sys.argv[1]
def call(http, method):
    return http.request(method, "x", content=b"body-canary", follow_redirects=True)
try:
    if way == "client":
        with nucliactl.client("p") as http:
            for method in ("GET", "POST"):
                try: call(http, method); sys.exit("not refused")
                except nucliactl.Refused as error:
                    assert "canary" not in str(error) and error.exit_code == 6
            answer = http.get("x")
            assert answer.next_request is not None
            for request in (answer.request, answer.next_request):
                assert "canary" not in str(request.headers.raw), request.headers.raw
    else:
        async def main():
            async with nucliactl.async_client("p") as http:
                for method in ("GET", "POST"):
                    try: await call(http, method); sys.exit("not refused")
                    except nucliactl.Refused: pass
        asyncio.run(main())
except BaseException as error:
    print(repr(error)); raise
print("refused")
"""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["client", "async_client"])
@pytest.mark.G8
def test_clients_refuse_a_foreign_redirect(
    home: Home, recorder: Recorder, sink: Recorder, kind: str, way: str
) -> None:
    home.define("p", f'kind = "{kind}"\n' + definition(kind, recorder.origin))
    for code in CODES:
        recorder.answer = lambda _, code=code: (code, {"Location": f"{sink.origin}/stolen"}, b"")
        result = home.program(sys.executable, "-c", PROGRAM, way)
        assert result.out == "refused\n", result
    assert sink.requests == []
    assert len(recorder.requests) >= len(CODES) * 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.G8
def test_validation_calls_refuse_a_foreign_redirect(
    home: Home, recorder: Recorder, sink: Recorder, kind: str
) -> None:
    origin = recorder.origin
    urls = {"NUCLIA_GLOBAL_URL": origin, "NUCLIA_OAUTH_URL": origin, "NUCLIA_ZONE_URL": origin}
    words, stdin = {
        "kb": (["kb", f"{origin}/api/v1/kb/abc", "-"], SECRET),
        "nua": (["nua", "-"], nua_key(origin)),
        "user": (["set_user_token", "-"], SECRET),
        "personal-token": (["personal_token", "-"], SECRET),
        "nucliadb": (["nucliadb", origin], ""),
    }[kind]
    for code in CODES:
        recorder.answer = lambda _, code=code: (code, {"Location": f"{sink.origin}/stolen"}, b"")
        result = home.run("auth", *words, stdin=stdin, **urls)
        assert result.code == 6, result
        assert "Refused to send" in result.err and "canary" not in result.err
    home.define("p", f'kind = "{kind}"\n' + definition(kind, origin))
    assert home.run("auth", "status", "--profile", "p").code == 6
    assert sink.requests == []
    assert home.files().keys() == {"profiles/p.toml"}


def test_a_redirect_within_the_origin_is_followed_by_validation(home: Home, recorder: Recorder) -> None:
    def answer(request):
        if request.path.endswith("/"):
            return 200, {}, b'{"uuid": "abc", "slug": "abc", "config": {}}'
        return 307, {"Location": request.path + "/"}, b""

    recorder.answer = answer
    assert home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/abc", "-", stdin=SECRET).code == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/x",
        "http://localhost:{main}/x",
        "http://[::1]:{main}/x",
        "http://u:p@127.0.0.1:{main}/x",
    ],
)
@pytest.mark.G8
def test_an_absolute_url_elsewhere_is_refused_before_anything_is_sent(
    home: Home, recorder: Recorder, sink: Recorder, url: str
) -> None:
    home.define("p", 'kind = "kb"\n' + definition("kb", recorder.origin))
    url = url.format(port=sink.port, main=recorder.port)
    result = home.python(f"import nucliactl; nucliactl.client('p').get({url!r})")
    assert result.code == 1 and "Refused" in result.err and "canary" not in result.err
    assert sink.requests == recorder.requests == []


@pytest.mark.G8
def test_look_alike_hosts_are_other_origins() -> None:
    from nucliactl.model.endpoint import origin_allows

    allowed = ("https://accounts.progress.cloud", "https://*.dp.progress.cloud")
    assert origin_allows(allowed, "https://europe-1.dp.progress.cloud")
    for origin in (
        "https://accounts.progress.cloud.evil.example",
        "https://evil.example",
        "https://a.b.dp.progress.cloud",
        "https://.dp.progress.cloud",
        "http://europe-1.dp.progress.cloud",
        "https://europe-1.dp.progress.cloud:444",
        "https://xdp.progress.cloud",
    ):
        assert not origin_allows(allowed, origin), origin


def test_no_secret_stays_on_errors_requests_or_tracebacks(home: Home) -> None:
    home.define("p", f'kind = "kb"\nurl = "http://127.0.0.1:1/api/v1/kb/abc"\napi_key = "{SECRET}"\n')
    program = (
        "import httpx, nucliactl, traceback\n"
        "http = nucliactl.client('p')\n"
        "try: http.get('x')\n"
        "except httpx.ConnectError as error:\n"
        "    print(error.request.headers.raw, repr(error), repr(http._auth), vars(http._auth))\n"
        "    traceback.print_exc()\n"
    )
    result = home.python(program)
    assert result.code == 0 and "canary" not in result.out + result.err


@pytest.mark.G8
def test_loopback_is_never_proxied(home: Home, recorder: Recorder, sink: Recorder) -> None:
    home.define("p", 'kind = "kb"\n' + definition("kb", recorder.origin))
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), sink.origin)
    result = home.python("import nucliactl; print(nucliactl.client('p').get('x').status_code)", **proxies)
    assert result.out == "200\n", result.err
    assert sink.requests == [] and len(recorder.requests) == 1


def test_a_proxy_is_honoured_for_other_hosts(home: Home, sink: Recorder) -> None:
    home.define("db", 'kind = "nucliadb"\nurl = "http://nucliadb.example:8080"\n')
    result = home.run("auth", "status", "--profile", "db", HTTP_PROXY=sink.origin)
    assert [r.path for r in sink.requests] == ["http://nucliadb.example:8080/"], result


@pytest.mark.G11
def test_a_server_that_drips_meets_the_total_deadline(home: Home) -> None:
    import socket
    import threading
    import time

    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        connection, _ = listener.accept()
        try:
            connection.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                connection.sendall(b"X-A: b\r\n")
                time.sleep(0.1)
        except OSError:
            pass

    threading.Thread(target=drip, daemon=True).start()
    port = listener.getsockname()[1]
    result = home.run(
        "auth", "kb", f"http://127.0.0.1:{port}/api/v1/kb/a", "-", stdin="k", NUCLIACTL_TIMEOUT="1"
    )
    assert result.code == 5 and "within 1 seconds" in result.err
    listener.close()
