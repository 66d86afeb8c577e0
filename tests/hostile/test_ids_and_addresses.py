"""What the service, a key or a person names never steers an address; and where a token may go."""

import json
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support import Home, Recorder, Request

from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask
from nucliactl.model.definition import define
from nucliactl.model.ending import is_near
from nucliactl.model.profile import SecretRef, Source
from nucliactl.model.segment import is_segment
from nucliactl.service.inventory import zones

HOSTILE = [
    "..",
    ".",
    "x?evil=1",
    "x#evil",
    "../../evil",
    "%2e%2e%2fevil",
    "a\r\nX-Evil: 1",
    "a\\evil",
    "x;evil",
]


@pytest.mark.parametrize("text", [*HOSTILE, "", "a\udcff", "x" * 251])
def test_what_is_more_than_one_segment_is_none(text: str) -> None:
    assert not is_segment(text)
    assert is_segment("auth0|4f2a-client") and is_segment("b0c1d2e3-0000-4000-8000-aabbccddeeff")


@pytest.mark.parametrize("place", ["account", "kb", "service_account", "key", "client", "typed", "agent"])
def test_a_hostile_id_reaches_no_path(home: Home, recorder: Recorder, place: str) -> None:
    addresses = "".join(f'{n}_url = "{recorder.origin}"\n' for n in ("global", "oauth"))
    home.define(
        "sam", f'kind = "user"\ntoken = "u-token"\n{addresses}zone_url = "{recorder.origin}/{{zone}}"\n'
    )
    home.run("use", "sam")
    for text in ("x?evil=1", "..", "a\r\nX-Evil: 1"):
        named = {
            name: text if name == place else f"{name}-1"
            for name in ("account", "kb", "service_account", "key")
        }

        def answer(request: Request, named: dict[str, str] = named) -> tuple[int, dict[str, str], bytes]:
            last = request.path.partition("?")[0].rsplit("/", 1)[1]
            keys = [{"id": named["key"]}]
            found: object = {
                "accounts": [{"id": named["account"], "slug": "acme"}],
                "zones": [{"id": "z", "slug": "europe-1"}],
                "kbs": [{"id": named["kb"], "slug": "handbook"}],
                "service_accounts": [{"id": named["service_account"], "keys": keys}],
            }.get(last, {"id": named["service_account"], "token": "t"})
            return (
                200,
                {},
                json.dumps({"id": named["service_account"]} if request.method == "POST" else found).encode(),
            )

        recorder.answer = answer
        nua = f'kind = "nua"\nissuer = "{recorder.origin}"\naccount = {json.dumps(named["account"])}\n'
        client = json.dumps(text if place == "client" else "client-1")
        home.define("pipeline", f'{nua}identity = {client}\nnua_key = "a.b.c"\n')
        commands = {
            "typed": [["delete_personal_token", text], ["delete_api_key", "handbook", text]],
            "client": [["rotate_nua_key", "pipeline"]],
            "agent": [["agent", recorder.origin, text, "agent-1", "key"]],
        }.get(place, [["create_api_key", "handbook"], ["delete_api_key", "handbook", named["key"]]])
        for words in commands:
            assert home.run("auth", *words).code != 0, (place, text, words)
    steered = [r.path for r in recorder.requests if "evil" in r.path or ".." in r.path or "/./" in r.path]
    assert steered == [] and all("x-evil" not in r.headers for r in recorder.requests)


def zone(global_url: str, origin: object) -> tuple[str | None, str | None]:
    """What is made of one private zone that a service names."""
    import httpx

    user: Any = SimpleNamespace(global_url=global_url)
    flow = zones(Connection(user, None, (), global_url, 1.0))
    asked = next(flow)
    assert isinstance(asked, Ask)
    rows = [{"id": "z", "slug": "private", "private": True, "origin": origin}]
    try:
        flow.send(httpx.Response(200, json=rows, request=asked.request))
    except StopIteration as stop:
        return stop.value[0].origin, stop.value[0].problem
    raise AssertionError


@pytest.mark.parametrize(
    "origin",
    [
        "http://localhost:8080",
        "https://localhost",
        "https://127.0.0.1:9",
        "https://[::1]",
        "https://0.0.0.0",
        "https://x.localhost",
        "http://nuclia.example.com",
        "https://user@nuclia.example.com",
        ["https://nuclia.example.com"],
    ],
)
def test_a_private_zone_is_elsewhere_and_by_https(origin: object) -> None:
    found, problem = zone("https://accounts.progress.cloud", origin)
    assert found is None and problem
    assert zone("https://accounts.progress.cloud", "https://nuclia.example.com") == (
        "https://nuclia.example.com",
        None,
    )
    assert zone("http://localhost:1", "http://127.0.0.1:9") == ("http://127.0.0.1:9", None)


def test_a_refused_zone_is_said_and_not_asked(home: Home, recorder: Recorder, sink: Recorder) -> None:
    rows = {
        "accounts": [{"id": "a"}],
        "zones": [{"id": "z", "slug": "private", "private": True, "origin": "ftp://x"}],
    }
    recorder.answer = lambda r: (200, {}, json.dumps(rows.get(r.path.rsplit("/", 1)[1], [])).encode())
    addresses = "".join(f'{n}_url = "{recorder.origin}"\n' for n in ("global", "oauth"))
    home.define("sam", f'kind = "user"\ntoken = "u-token"\n{addresses}')
    result = home.run("kbs", "list", "--profile", "sam")
    assert result.code == 6 and "private is not asked" in result.err, result
    assert "private is not asked" in home.run("zones", "list", "--profile", "sam").err


def signed_in(**values: str) -> tuple[str, ...]:
    return define("me", "user", values, Source("flag", "x"), SecretRef("none")).origins


def test_a_users_token_may_go_to_both_names_of_the_data_plane() -> None:
    assert "https://*.rag.progress.cloud" in signed_in()
    assert "https://*.rag.stashify.cloud" in signed_in(domain="stashify.cloud")
    assert not [o for o in signed_in(zone_url="https://{zone}.dp.example.com") if ".rag." in o]


@pytest.mark.parametrize(("zone_url", "code"), [("", 0), ('zone_url = "https://{zone}.dp.example.com"\n', 6)])
def test_a_session_stored_before_may_go_there_too(home: Home, zone_url: str, code: int) -> None:
    base = "example.com" if zone_url else "progress.cloud"
    home.define("me", f'kind = "user"\n{zone_url}')
    path = home.store / "credentials/me.json"
    path.parent.mkdir()
    origins = ["https://accounts.progress.cloud", "https://oauth.progress.cloud", f"https://*.dp.{base}"]
    path.write_text(json.dumps({"version": 1, "kind": "user", "origins": origins, "access_token": "t"}))
    path.chmod(0o600)
    home.define("box", f'kind = "kb"\nurl = "https://europe-1.rag.{base}/api/v1/kb/k"\nsession = "me"\n')
    assert home.run("auth", "token", "--profile", "me").code == 0
    assert home.run("auth", "token", "--profile", "box").code == code


def test_a_login_honours_the_timeout_and_the_domain_of_the_settings(home: Home, recorder: Recorder) -> None:
    home.store.mkdir()
    settings = home.store / "config.toml"
    settings.write_text("timeout = 1\n")
    recorder.answer = lambda _: (time.sleep(30), (200, {}, b"{}"))[1]
    result = home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/k", "key")
    assert result.code == 5 and "within 1 seconds" in result.err, result
    settings.write_text('domain = "stashify.cloud"\n')
    home.run("auth", "set_user_token", "a-token", "--no-validate", "--name", "me")
    assert 'domain = "stashify.cloud"' in (home.store / "profiles/me.toml").read_text()


def test_a_login_writes_the_credential_alone_where_a_link_says_the_rest(home: Home, tmp_path: Path) -> None:
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/k"
    theirs = tmp_path / "checkout.toml"
    theirs.write_text(f'# mine\nkind = "kb"\nurl = "{url}"\n')
    (home.store / "profiles").mkdir(parents=True)
    (home.store / "profiles/box.toml").symlink_to(theirs)
    before = theirs.read_bytes()
    assert home.run("auth", "kb", url, "key-1", "--no-validate", "--name", "box").code == 0
    assert home.run("auth", "token", "--profile", "box").out == "key-1\n" and theirs.read_bytes() == before
    result = home.run("auth", "kb", url[:-1] + "other", "key-2", "--no-validate", "--name", "box", "--force")
    assert result.code == 1 and 'url = "' + url[:-1] + "other" in result.err and str(theirs) in result.err, (
        result
    )
    assert theirs.read_bytes() == before and (home.store / "profiles/box.toml").is_symlink()
    assert home.run("auth", "token", "--profile", "box").out == "key-1\n"


DAY = 86400


@pytest.mark.parametrize(
    ("ends", "begins", "near"),
    [
        (-1, None, True),
        (6 * DAY, None, True),
        (8 * DAY, None, False),
        (6 * DAY, -300 * DAY, True),
        (6 * DAY, -4 * DAY, False),
        (DAY - 1, -9 * DAY, True),
        (600, 600 - 1800, False),
        (170, 170 - 1800, True),
        (None, None, False),
    ],
)
def test_an_end_is_near(ends: int | None, begins: int | None, near: bool) -> None:
    now = 1_900_000_000
    assert is_near(ends and now + ends, begins and now + begins, now) is near


def test_an_end_that_is_near_is_said_once_by_what_uses_the_credential(home: Home) -> None:
    home.define("box", 'kind = "kb"\nurl = "https://europe-1.dp.progress.cloud/api/v1/kb/k"\n')
    path = home.store / "credentials/box.json"
    path.parent.mkdir()
    found = {"version": 1, "kind": "kb", "origins": ["https://europe-1.dp.progress.cloud"], "secret": "key"}
    for ends, said in ((3 * DAY, "ends in"), (-DAY, "has expired"), (90 * DAY, None)):
        path.write_text(json.dumps({**found, "expires_at": int(time.time()) + ends}))
        path.chmod(0o600)
        code = "import logging, nucliactl; logging.basicConfig(); p = nucliactl.resolve('box')\np.client(); p.client()"
        for err in (home.run("use", "box").err, home.run("auth", "token").err, home.python(code).err):
            assert err.count("API key of box") == (1 if said else 0) and (said or "") in err, err
