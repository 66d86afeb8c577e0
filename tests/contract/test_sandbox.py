"""The sandbox keeps the service's rules, so that what works against it works there."""

import datetime
import json
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support import Home, sandbox_with

from nucliactl.sandbox.server import running
from nucliactl.sandbox.service import GLOBAL, REGIONAL

pytestmark = pytest.mark.once
OPEN = {
    "/",
    "/oauth2/auth",
    "/oauth2/login",
    "/oauth2/consent",
    "/oauth2/revoke",
}  # a client asks for a token


@pytest.fixture
def user(sandbox: dict[str, str]) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {sandbox['SANDBOX_USER_TOKEN']}"}
    with httpx.Client(base_url=sandbox["NUCLIA_GLOBAL_URL"], headers=headers) as http:
        yield http


@pytest.mark.parametrize(
    ("path", "header", "status", "detail"),
    [
        ("/api/v1/user/welcome", ("x-nuclia-nuakey", "SANDBOX_NUA_KEY"), 403, "Nuakeys are not valid in the global API"),
        ("/api/v1/user", ("x-nuclia-serviceaccount", "SANDBOX_KB_KEY"), 403, "not valid in the global API"),
        ("/api/v1/user", ("authorization", "wrong"), 403, "Hydra token is either unexistent or revoked"),
        ("/api/v1/user", None, 401, "Unauthorized"),
        ("KB", ("x-nuclia-nuakey", "SANDBOX_NUA_KEY"), 403, "NuaKeyUser cannot access context of type"),
        ("KB", ("x-nuclia-serviceaccount", "SANDBOX_KB2_KEY"), 403, "Not allowed"),
        ("KB", ("x-stf-serviceaccount", "SANDBOX_KB_KEY"), 200, None),
        ("KB", ("authorization", "SANDBOX_USER_TOKEN"), 200, None),
        ("KB", ("authorization", "SANDBOX_PERSONAL_TOKEN"), 200, None),
        ("KB", None, 401, None),
        ("/zones/nowhere/api/authorizer/info", None, 404, "no such zone"),
        ("/api/v1/nothing", None, 404, "Not Found"),
    ],
)  # fmt: skip
def test_it_rejects_as_the_service_does(
    sandbox: dict[str, str], path: str, header: tuple[str, str] | None, status: int, detail: str | None
) -> None:
    url = sandbox["SANDBOX_KB_URL"] if path == "KB" else sandbox["NUCLIA_GLOBAL_URL"] + path
    headers = {header[0]: f"Bearer {sandbox.get(header[1], header[1])}"} if header else {}
    response = httpx.get(url, headers=headers)
    assert response.status_code == status, response.text
    assert detail is None or detail in response.json()["detail"]
    both = {"x-nuclia-nuakey": "Bearer a", "authorization": "Bearer b"}
    assert httpx.get(url, headers=both).status_code in (401, 404)


def test_whoever_has_no_credential_is_told_nothing(sandbox: dict[str, str]) -> None:
    with httpx.Client(base_url=sandbox["NUCLIA_GLOBAL_URL"]) as http:
        for method, pattern, *_ in (*GLOBAL, *REGIONAL):
            path = pattern.replace("([A-Za-z0-9_-]+)", "x").replace("(?:s/)?", "")
            assert (http.request(method, path).status_code == 401) is (path not in OPEN), path


def test_requests_are_answered_one_at_a_time() -> None:
    with running() as sandbox, httpx.Client(base_url=sandbox.origin, timeout=1) as http:
        with sandbox.state.lock, pytest.raises(httpx.ReadTimeout):
            http.get("/")
        assert http.get("/", timeout=60).status_code == 200


def test_personal_tokens_live_and_end_as_there(user: httpx.Client) -> None:
    later = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).isoformat()
    made = user.post("/api/v1/user/pa_tokens", json={"description": "d", "expiration_date": later})
    assert made.status_code == 201 and made.json()["token"]
    listed = {row["id"]: row for row in user.get("/api/v1/user/pa_tokens").json()}
    assert listed[made.json()["id"]]["description"] == "d"
    theirs = {"Authorization": f"Bearer {made.json()['token']}"}
    assert user.get("/api/v1/user", headers=theirs).json()["email"] == "sam@sandbox.invalid"
    assert user.delete(f"/api/v1/user/pa_token/{made.json()['id']}").status_code == 204
    assert user.get("/api/v1/user", headers=theirs).status_code == 403
    assert user.delete("/api/v1/user/pa_token/nobody").status_code == 404
    for body in ({}, {"description": 1}, {"description": "d", "expiration_date": "soon"}):
        assert user.post("/api/v1/user/pa_tokens", json=body).status_code == 422
    too_long = {"description": "d", "expiration_date": "2999-01-01T00:00:00Z"}
    assert "1095 days" in user.post("/api/v1/user/pa_tokens", json=too_long).json()["detail"]


def test_boxes_and_agents_stand_in_their_account_and_zone(user: httpx.Client) -> None:
    accounts = {a["slug"]: a["id"] for a in user.get("/api/v1/accounts").json()}
    assert {z["slug"] for z in user.get("/api/v1/zones").json()} == {"europe-1", "aws-us-east-2-1"}
    base = "/zones/europe-1/api/v1/account/{}/kbs"
    assert {b["slug"] for b in user.get(base.format(accounts["acme"])).json()} >= {"handbook", "open"}
    assert user.get(base.format(accounts["globex"])).json() == []
    agents = user.get(base.format(accounts["acme"]), params={"mode": "agent"}).json()
    assert [a["slug"] for a in agents] == ["helpdesk"]
    assert user.get(base.format("acme")).status_code == 403  # slugs are rejected


def test_keys_are_made_used_and_taken_away(user: httpx.Client, sandbox: dict[str, str]) -> None:
    account = next(a["id"] for a in user.get("/api/v1/accounts").json() if a["slug"] == "acme")
    box = sandbox["SANDBOX_KB_URL"].rsplit("/", 1)[1]
    base = f"/zones/europe-1/api/v1/account/{account}/kb/{box}"
    made = user.post(f"{base}/service_accounts", json={"title": "t", "role": "SREADER"}).json()
    until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)).isoformat()
    key = user.post(f"{base}/service_account/{made['id']}/keys", json={"expires": until}).json()
    theirs = {"x-nuclia-serviceaccount": f"Bearer {key['token']}"}
    whose = httpx.get(user.base_url.join("/api/authorizer/info"), headers=theirs).json()["user"]
    assert (whose["role"], whose["kb_id"], whose["account_id"]) == ("SREADER", box, account)
    for path in ("/api/v1/ephemeral_token", "/api/v1/service_account_temporal_key"):
        assert httpx.post(user.base_url.join(path), headers=theirs, json={}).status_code == 201
    assert user.delete(f"{base}/service_account/{made['id']}/key/{key['id']}").status_code == 204
    assert httpx.get(sandbox["SANDBOX_KB_URL"], headers=theirs).status_code == 401
    expired = user.post(f"{base}/service_account/{made['id']}/keys", json={"expires": "2020-01-01T00:00:00Z"})
    theirs = {"x-nuclia-serviceaccount": f"Bearer {expired.json()['token']}"}
    assert httpx.get(sandbox["SANDBOX_KB_URL"], headers=theirs).json()["detail"] == "JWT has expired"
    assert user.delete(f"{base}/service_account/{made['id']}").status_code == 204


def test_a_state_file_says_what_exists_and_a_wrong_one_is_explained(tmp_path: Path, home: Home) -> None:
    world = {
        "accounts": [{"slug": "one"}],
        "kbs": [{"slug": "a", "account": "one", "key": "k-1", "id": "kb-1"}],
    }
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world))
    with sandbox_with("--state", str(path)) as found:
        assert found["SANDBOX_KB_KEY"] == "k-1" and found["SANDBOX_KB_URL"].endswith("/kb-1")
        answer = httpx.get(found["SANDBOX_KB_URL"], headers={"x-nuclia-serviceaccount": "Bearer k-1"})
        assert answer.json()["slug"] == "a"
    for text, sentence in (
        ("{", "not valid JSON"),
        ('{"boxes": []}', "no part 'boxes'"),
        ('{"kbs": [{"slug": "a", "account": "nobody"}]}', "names the account 'nobody'"),
        ('{"kbs": [{"account": "x"}]}', "lacks 'slug'"),
        ('{"zones": [{"slug": "z", "fast": 1}]}', "unknown key 'fast'"),
    ):
        path.write_text(text)
        result = home.run("sandbox", "--state", str(path), "--", "true")
        assert result.code == 2 and sentence in result.err, result
    for flags in (["--slow", "nowhere=1"], ["--fail", "europe-1=x"], ["--token-seconds", "0"]):
        assert home.run("sandbox", *flags, "--", "true").code == 2


def test_zones_can_be_slow_or_out_of_order() -> None:
    with sandbox_with("--fail", "europe-1", "--slow", "aws-us-east-2-1=0.2") as found:
        base = found["NUCLIA_ZONE_URL"]
        assert httpx.get(base.replace("{zone}", "europe-1") + "/api/authorizer/info").status_code == 503
        answer = httpx.get(base.replace("{zone}", "aws-us-east-2-1") + "/api/authorizer/info")
        assert answer.status_code == 401 and answer.elapsed.total_seconds() >= 0.2


def test_a_client_that_leaves_before_its_answer_is_not_spoken_of(capfd: pytest.CaptureFixture[str]) -> None:
    at_once = struct.pack("ii", 1, 0)  # a reset, not a goodbye
    with running() as sandbox:
        address = ("127.0.0.1", int(sandbox.origin.rpartition(":")[2]))
        for request in [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HT"] * 20:
            with socket.create_connection(address) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
                connection.sendall(request)
        assert httpx.get(sandbox.origin).status_code == 200
    assert capfd.readouterr().err == ""


def test_its_page_shows_what_exists_and_the_last_requests_without_keys(person: Home) -> None:
    env = person.environ
    person.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    response = httpx.get(env["NUCLIA_GLOBAL_URL"] + "/")
    text = response.text
    assert "Staff handbook" in text and "/api/authorizer/info" in text and "Bearer ****" in text
    assert env["SANDBOX_KB_KEY"] not in text and env["SANDBOX_NUA_KEY"] not in text
    assert "default-src 'none'" in response.headers["content-security-policy"]
