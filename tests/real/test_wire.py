"""What goes over the wire is what the official client sends for the same operation, recorded from the real package."""

import json
import sys
import time
from urllib.parse import parse_qsl

import pytest
from support import REPO, Home, Recorder, Request

from .conftest import missing

CLIENT = REPO / ".cache/nuclia/bin/python"
pytestmark = pytest.mark.usefixtures("callback_ports")

# A browser that comes back with a code at once.
COMES_BACK = """
import sys, urllib.request
from urllib.parse import parse_qs, urlsplit
asked = parse_qs(urlsplit(sys.argv[1]).query)
open(sys.argv[2], "w").write(" ".join(sorted(asked)))
urllib.request.urlopen(asked["redirect_uri"][0] + "?code=the-code&state=" + asked["state"][0]).read()
"""
THEIRS = """
import os, subprocess, sys, webbrowser
ORIGIN, BACK, SEEN = sys.argv[1:4]
import nuclia.sdk.auth as auth, nuclia.sdk.oauth as oauth
auth.get_global_url = lambda path: ORIGIN + path
auth.get_regional_url = lambda region, path, origin_url=None: ORIGIN + "/zones/" + region + path
oauth.authorization_endpoint = lambda: ORIGIN + "/oauth2/auth"
oauth.token_endpoint = lambda: ORIGIN + "/oauth2/token"
webbrowser.open = lambda url: subprocess.Popen([sys.executable, BACK, url, SEEN])
client = auth.NucliaAuth()
"""


@pytest.fixture
def wire(home: Home, recorder: Recorder) -> Recorder:
    if not CLIENT.exists():
        missing("the official client is not installed; run tests/provision.sh")
    (home.path / "back.py").write_text(COMES_BACK)

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        if request.path == "/oauth2/token":
            return (
                200,
                {},
                json.dumps({"access_token": "at", "refresh_token": "rt2", "expires_in": 1800}).encode(),
            )
        if request.path == "/api/v1/user/welcome" and request.headers.get("authorization") != "Bearer at":
            return 401, {}, b"{}"
        if request.path == "/api/v1/user":
            return 200, {}, b'{"name": "N", "email": "n@example.test", "type": "USER"}'
        if request.method == "POST":
            return 201, {}, b'{"id": "i", "token": "t", "expires": "2030-01-01T00:00:00+00:00"}'
        if request.method == "DELETE":
            return 204, {}, b""
        if "/kb/" in request.path:
            return 200, {}, b'{"uuid": "x", "slug": "x", "config": {"title": "T"}}'
        return 200, {}, b"[]"

    recorder.answer = answer
    zone = f"{recorder.origin}/zones/{{zone}}"
    urls = {
        "NUCLIA_GLOBAL_URL": recorder.origin,
        "NUCLIA_OAUTH_URL": recorder.origin,
        "NUCLIA_ZONE_URL": zone,
    }
    home.environ.update(urls)
    return recorder


def theirs(home: Home, wire: Recorder, code: str) -> list[Request]:
    wire.requests.clear()
    back, seen = str(home.path / "back.py"), str(home.path / "seen")
    result = home.program(str(CLIENT), "-c", THEIRS + code, wire.origin, back, seen)
    assert result.code == 0, result.err
    return list(wire.requests)


def ours(home: Home, wire: Recorder, code: str) -> list[Request]:
    wire.requests.clear()
    browser = f"{sys.executable} {home.path}/back.py %s {home.path}/seen"
    result = home.python("from nucliactl import sdk\nclient = sdk.NucliaAuth()\n" + code, BROWSER=browser)
    assert result.code == 0, result.err
    return list(wire.requests)


def shape(request: Request) -> tuple:
    """What has to be equal: method, path, the credential's header, the names of the body's fields."""
    credentials = {k: v for k, v in request.headers.items() if "auth" in k or "nuclia" in k or "stf" in k}
    if request.headers.get("content-type", "").startswith("application/x-www-form"):
        fields = sorted(name for name, _ in parse_qsl(request.body.decode()))
    else:
        fields = sorted(json.loads(request.body)) if request.body else []
    return request.method, request.path, credentials, fields


def test_signing_in_asks_and_exchanges_alike(home: Home, wire: Recorder) -> None:
    one = theirs(home, wire, "client.login()")
    asked = (home.path / "seen").read_text()
    two = ours(home, wire, "client.login()")
    assert (home.path / "seen").read_text() == asked
    exchange = [[shape(r) for r in found if r.path == "/oauth2/token"] for found in (one, two)]
    assert exchange[0] == exchange[1] and len(exchange[0]) == 1
    # Theirs asks with "Bearer None" before, and for accounts and zones after; ours asks who signed in.
    assert [r.path for r in two] == ["/oauth2/token", "/api/v1/user/welcome", "/api/v1/user"]
    assert one[0].headers["authorization"] == "Bearer None"


def test_a_refresh_is_the_same_request(home: Home, wire: Recorder) -> None:
    body = "client._config.set_oauth_tokens('at0', 'rt1', expires_in=1); client._do_refresh()"
    one = [r for r in theirs(home, wire, body) if r.path == "/oauth2/token"]
    ours(home, wire, "client.login()")
    (path,) = (home.store / "credentials").glob("*.json")
    held = json.loads(path.read_text())
    path.write_text(json.dumps({**held, "refresh_token": "rt1", "expires_at": int(time.time()) - 9}))
    wire.requests.clear()
    assert home.run("auth", "token").code == 0
    assert [(r.method, r.path, sorted(parse_qsl(r.body.decode()))) for r in wire.requests] == [
        (r.method, r.path, sorted(parse_qsl(r.body.decode()))) for r in one
    ]


@pytest.mark.parametrize(
    "call",
    [
        "client.create_personal_token(description='d', days=3)",
        "client.list_personal_tokens()",
        "client.delete_personal_token(token_id='i')",
        "client.get_user()",
    ],
)
def test_personal_tokens_are_asked_for_alike(home: Home, wire: Recorder, call: str) -> None:
    one = theirs(home, wire, f"client._config.set_user_token('at')\n{call}")
    home.run("auth", "set_user_token", "-", "--no-validate", stdin="at")
    two = ours(home, wire, call)
    assert [shape(r) for r in two] == [shape(r) for r in one if r.path != "/api/v1/user/welcome"]


def test_keys_are_validated_and_used_alike(home: Home, wire: Recorder) -> None:
    url = f"{wire.origin}/zones/z/api/v1/kb/x"
    one = theirs(home, wire, f"client.kb(url={url!r}, token='k')")
    two = ours(home, wire, f"client.kb(url={url!r}, token='k')")
    assert shape(two[0]) == shape(one[0]) and [r.path for r in two[1:]] == ["/zones/z/api/authorizer/info"]


def test_an_ephemeral_token_is_asked_for_alike(home: Home, wire: Recorder) -> None:
    url = f"{wire.origin}/zones/z/api/v1/kb/x"
    body = f"""
client.kb(url={url!r}, token="k")
box = client._config.get_kb("x"); box.region = "z"; box.origin = None
client.create_ephemeral_token("x", ttl=5)
"""
    one = [r for r in theirs(home, wire, body) if "ephemeral" in r.path]
    two = [
        r
        for r in ours(
            home, wire, f"client.kb(url={url!r}, token='k'); client.create_ephemeral_token('x', ttl=5)"
        )
        if "ephemeral" in r.path
    ]
    assert [shape(r) for r in two] == [shape(r) for r in one] and len(one) == 1


def test_what_is_reached_is_asked_for_alike(home: Home, wire: Recorder) -> None:
    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        rows = {
            "/api/v1/accounts": [{"id": "acc", "slug": "one", "title": "One"}],
            "/api/v1/zones": [{"id": "z-id", "slug": "z", "title": "Z"}],
        }
        return 200, {}, json.dumps(rows.get(request.path, [])).encode()

    wire.answer = answer
    home.run("auth", "set_user_token", "-", "--no-validate", stdin="at")
    for call in ("client.accounts()", "client.zones()", "client.kbs('acc')", "client.agents('acc')"):
        one = theirs(home, wire, f"client._config.set_user_token('at')\n{call}")
        two = ours(home, wire, call)
        asked = {(r.method, r.path, r.headers["authorization"]) for r in one}
        # Ours asks for the accounts too, so that a slug will do, and for both sorts of agents at once.
        assert asked <= {(r.method, r.path, r.headers["authorization"]) for r in two}, call
        extra = {r.path for r in two} - {r.path for r in one}
        assert extra <= {"/api/v1/accounts"}, call


def test_an_agent_is_validated_alike(home: Home, wire: Recorder) -> None:
    wire.answer = lambda _: (
        200,
        {},
        b'{"id": "ag", "slug": "s", "title": "t", "account_id": "acc", "zone": "z"}',
    )
    call = "client.validate_agent(account_id='acc', agent_id='ag', region='z', token='key-of-agent')"
    one, two = theirs(home, wire, call), ours(home, wire, call)
    assert [shape(r) for r in two] == [shape(r) for r in one] and len(one) == 1
