"""What a signed-in user reaches, in all zones at once; profiles made of it; and one bad zone."""

import base64
import json
import sys
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from support import Home, Recorder, Request, Terminal, one_sign_in, sandbox_with

VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"


@pytest.fixture
def sam(person: Home) -> Home:
    """Signed in with a session of the store."""
    assert person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    return person


def test_accounts_zones_boxes_and_agents_are_listed(sam: Home) -> None:
    assert [a["slug"] for a in sam.run("accounts", "list", "-o", "json").json] == ["acme", "globex"]
    assert sam.run("zones", "list", "-o", "name").out == "europe-1\naws-us-east-2-1\n"
    boxes = {b["slug"]: b for b in sam.run("kbs", "list", "-o", "json").json}
    assert set(boxes) == {"handbook", "open", "catalogue"} and boxes["catalogue"]["zone"] == "aws-us-east-2-1"
    assert boxes["handbook"]["url"].endswith("/zones/europe-1/api/v1/kb/" + boxes["handbook"]["id"])
    assert [a["slug"] for a in sam.run("agents", "-o", "json").json] == ["helpdesk"]
    assert sam.run("kbs", "list", "--account", "globex", "-o", "name").out == "catalogue\n"
    assert sam.run("kbs", "--zone", "europe-1", "-o", "name").out == "handbook\nopen\n"
    assert sam.run("kbs", "list", "--account", "nobody").code == 3
    assert "Staff handbook" in sam.run("kbs", "list").out and "SLUG" in sam.run("zones").out


def test_defaults_are_set_on_the_signed_in_profile(sam: Home) -> None:
    account = sam.run("accounts", "list", "-o", "json").json[0]["id"]
    assert (
        sam.run("accounts", "default", "acme").code == 0 and sam.run("zones", "default", "europe-1").code == 0
    )
    found = sam.python("import nucliactl; p = nucliactl.resolve('sam'); print(p.account, p.zone)")
    assert found.out == f"{account} europe-1\n"
    assert sam.run("zones", "default", "nowhere").code == 3


def test_show_has_everything_and_marks_what_is_keyed_and_active(sam: Home) -> None:
    env = sam.environ
    sam.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    found = sam.run("auth", "show", "-o", "json").json
    assert found["user"] == {"name": "Sam Sandbox", "email": "sam@sandbox.invalid", "type": "USER"}
    assert [a["slug"] for a in found["accounts"]] == ["acme", "globex"] and found["warnings"] == []
    boxes = {b["slug"]: b for b in found["kbs"]}
    box = boxes["handbook"]
    assert (box["profiles"], box["active"], box["role"]) == (["handbook"], True, "OWNER")
    assert boxes["catalogue"]["profiles"] == [] and [a["slug"] for a in found["agents"]] == ["helpdesk"]
    text = sam.run("auth", "show").out
    for words in (
        "User\n",
        "Accounts\n",
        "Knowledge Boxes you can use\n",
        "Agents you can use\n",
        "Staff handbook",
    ):
        assert words in text
    assert "\x1b" not in text


@pytest.mark.parametrize("status", [403, 500, 503])
def test_one_bad_zone_costs_a_warning_and_nothing_else(home: Home, status: int) -> None:
    with sandbox_with("--fail", f"europe-1={status}") as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", stdin=found["SANDBOX_USER_TOKEN"])
        result = home.run("kbs", "list", "-o", "json")
        assert result.code == 0 and [b["slug"] for b in result.json] == ["catalogue"]
        assert result.err.count("zone europe-1:") == 1
        shown = home.run("auth", "show", "-o", "json").json
        assert [b["slug"] for b in shown["kbs"]] == ["catalogue"] and len(shown["warnings"]) == 1
        code = """
import logging; logging.basicConfig(format="%(message)s")
from nucliactl import sdk
account = sdk.NucliaAuth().get_account_id("globex")
print([b.slug for b in sdk.NucliaAuth().kbs(account)])
"""
        result = home.python(code)
        assert result.out == "['catalogue']\n" and "europe-1" in result.err


def test_a_dead_zone_costs_its_deadline_only(home: Home, tmp_path: Path) -> None:
    world = {
        "accounts": [{"slug": f"a{n}"} for n in range(5)],
        "zones": [{"slug": f"z{n}", "slow": 900 if n == 5 else 0.1} for n in range(6)],
        "kbs": [{"slug": f"kb{n}", "account": f"a{n}", "zone": f"z{n}"} for n in range(5)],
    }
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world))
    with sandbox_with("--state", str(path)) as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", stdin=found["SANDBOX_USER_TOKEN"])
        result = home.run("kbs", "list", "-o", "json", NUCLIACTL_TIMEOUT="9")
        assert {b["slug"] for b in result.json} == {f"kb{n}" for n in range(5)}
        assert result.err.count("zone z5:") == 1 and "9 seconds" in result.err


def test_of_more_than_is_asked_at_once_a_zone_that_is_broken_is_asked_one_question(
    home: Home, recorder: Recorder
) -> None:
    rows = {
        "accounts": [{"id": f"a{n}", "slug": f"a{n}"} for n in range(5)],
        "zones": [{"id": f"z{n}", "slug": f"z{n}"} for n in range(6)],
        "user": {"name": "Ann", "email": "ann@example.com", "type": "USER"},
        "kbs": [],
    }

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        broken = {"Content-Encoding": "gzip"} if request.path.startswith("/z2/") else {}
        return 200, broken, json.dumps(rows.get(urlsplit(request.path).path.split("/")[-1], {})).encode()

    recorder.answer = answer
    urls = "".join(f'{key}_url = "{recorder.origin}"\n' for key in ("global", "oauth"))
    urls += f'zone_url = "{recorder.origin}/{{zone}}"\n'
    home.define("ann", f'kind = "personal-token"\n{urls}token = "a.b.c"\n')
    found = home.run("--profile", "ann", "auth", "show", "-o", "json")
    assert [text for text in found.json["warnings"] if "zone z2" in text and "compressed" in text], found
    asked = Counter(request.path.split("/")[1] for request in recorder.requests if "mode" in request.path)
    assert asked == {f"z{n}": 10 for n in range(6) if n != 2}
    assert sum(request.path.startswith("/z2/") for request in recorder.requests) == 1


def test_a_box_by_slug_becomes_a_profile_that_rides_on_the_session(sam: Home) -> None:
    result = sam.run("auth", "kb", "handbook")
    assert result.code == 0, result.err
    definition = (sam.store / "profiles/handbook.toml").read_text()
    assert 'session = "sam"' in definition and "account" in definition
    code = "import nucliactl\nwith nucliactl.client('handbook') as http: print(http.get(nucliactl.resolve('handbook').url).json()['slug'])"
    assert sam.python(code).out == "handbook\n"
    assert sam.run("auth", "status", "--profile", "handbook").code == 0
    identity = sam.run("kbs", "list", "-o", "json").json[-1]["id"]
    assert sam.run("auth", "kb", identity, "--profile", "sam", "--name", "by-id").code == 0
    assert sam.run("auth", "kb", "nothing").code == 1
    assert "used that session" in sam.run("auth", "logout", "sam").err
    assert sam.run("auth", "token", "--profile", "handbook").code == 4


def test_a_stored_key_is_never_taken_away_by_a_session(sam: Home) -> None:
    env = sam.environ
    zone = env["NUCLIA_ZONE_URL"].replace("{zone}", "europe-1")
    url = f"{zone}/api/v1/kb/{env['SANDBOX_KB_URL'].rsplit('/', 1)[1]}"
    sam.run("auth", "kb", url, "-", stdin=env["SANDBOX_KB_KEY"])
    assert sam.run("auth", "kb", "handbook").code == 0
    assert sam.run("current").out == "handbook-2\n"
    assert sam.run("auth", "kb", "handbook", "--name", "handbook").code == 3
    assert sam.run("auth", "token", "--profile", "handbook").out == env["SANDBOX_KB_KEY"] + "\n"
    sam.run("auth", "kb", url, "-", stdin=env["SANDBOX_KB_KEY"])
    assert sam.run("current").out == "handbook\n"


def test_a_slug_in_two_accounts_has_to_be_narrowed_or_picked(home: Home, tmp_path: Path) -> None:
    world = {
        "accounts": [{"slug": "one"}, {"slug": "two"}],
        "kbs": [{"slug": "same", "account": "one"}, {"slug": "same", "account": "two"}],
    }
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world))
    with sandbox_with("--state", str(path)) as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", "--name", "me", stdin=found["SANDBOX_USER_TOKEN"])
        result = home.run("auth", "kb", "same")
        assert result.code == 3 and "one in europe-1, two in europe-1" in result.err
        assert home.run("auth", "kb", "same", "--account", "two").code == 0
        terminal = Terminal(home, "auth", "kb", "--profile", "me", "--name", "picked")
        terminal.expect("Knowledge Box (number or name)")
        terminal.type("1\n")
        assert terminal.close() == 0 and home.run("current").out == "picked\n"


def test_a_private_zones_origin_is_learned_from_the_service_alone(
    home: Home, tmp_path: Path, recorder: Recorder
) -> None:
    def answer(request) -> tuple[int, dict[str, str], bytes]:
        if request.path.endswith("/kbs"):
            return 200, {}, b'[{"id": "p1", "slug": "private", "title": "P"}]'
        return 200, {}, b'{"uuid": "p1", "slug": "private", "config": {"title": "P"}}'

    recorder.answer = answer
    world = {"accounts": [{"slug": "one"}], "zones": [{"slug": "own", "origin": recorder.origin}]}
    path = tmp_path / "world.json"
    path.write_text(json.dumps(world))
    with sandbox_with("--state", str(path)) as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", "--name", "me", stdin=found["SANDBOX_USER_TOKEN"])
        code = f"import nucliactl; nucliactl.client('me').get('{recorder.origin}/x')"
        assert "Refused" in home.python(code).err and recorder.requests == []
        listed = home.run("kbs", "list", "-o", "json")
        assert [b["slug"] for b in listed.json] == ["private"], listed
        assert home.run("auth", "kb", "private").code == 0
        assert home.run("auth", "status").code == 0
        assert all(r.headers["authorization"].startswith("Bearer ") for r in recorder.requests)
        held = json.loads((home.store / "credentials/me.json").read_text())
        assert recorder.origin in held["origins"]


def test_reaching_needs_a_user(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    for words in (
        ["kbs"],
        ["accounts"],
        ["zones"],
        ["agents"],
        ["auth", "kb", "handbook"],
        ["auth", "create_api_key", "x"],
    ):
        result = person.run(*words)
        assert result.code == 4 and "of kind user" in result.err, words
        assert "nucliactl auth login" in result.err


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_sdk_reaches_the_same(sam: Home, kind: str) -> None:
    env = sam.environ
    body = """
    account = {w}auth.get_account_id("acme")
    assert [a.slug for a in {w}auth.accounts()] == ["acme", "globex"]
    assert ({w}auth.post_login()) is None
    zones = {w}auth.zones()
    assert [z.slug for z in zones] == ["europe-1", "aws-us-east-2-1"] and zones[0].origin is None
    boxes = {w}auth.kbs(account)
    assert [(b.slug, b.region, b.account) for b in boxes] == [("handbook", "europe-1", account), ("open", "europe-1", account)]
    assert {w}auth.kbs("acme", "aws-us-east-2-1") == []
    (agent,) = {w}auth.agents(account, zone="europe-1")
    assert agent.slug == "helpdesk" and agent.memory is True
    assert {w}auth.agent("europe-1", account, agent.id, sys.argv[1]) == agent.id
    assert nucliactl.resolve(kind="agent").base_url.endswith("/api/v1/agent/" + agent.id)
    found = {w}auth.validate_agent(account, agent.id, "europe-1", token=sys.argv[1])
    assert (found.id, found.slug, found.title) == (agent.id, "helpdesk", "Help desk")
    assert {w}auth.agent("europe-1", account, agent.id, "wrong-key") is None
    print("done")
"""
    name, wait = ("NucliaAuth", "") if kind == "sync" else ("AsyncNucliaAuth", "await ")
    head = f"import asyncio, sys, nucliactl\nfrom nucliactl import sdk\nasync def main():\n    auth = sdk.{name}()"
    code = head + body.replace("{w}", wait) + "asyncio.run(main())"
    result = sam.python(code, env["SANDBOX_AGENT_KEY"])
    assert result.out == "done\n", result.err


def test_a_nua_key_asks_for_boxes_with_itself(home: Home, recorder: Recorder) -> None:
    claims = (
        base64.urlsafe_b64encode(json.dumps({"iss": recorder.origin, "sub": "c"}).encode())
        .decode()
        .rstrip("=")
    )
    recorder.answer = lambda _: (200, {}, b'[{"id": "x", "slug": "s", "title": "t"}]')
    code = "from nucliactl import sdk; print([b.url for b in sdk.NucliaAuth().kbs_nua('acc')])"
    result = home.python(code, NUCLIA_NUA_KEY=f"e30.{claims}.sig")
    assert result.out == f"['{recorder.origin}/api/v1/kb/x']\n"
    assert recorder.requests[0].path == "/api/v1/account/acc/kbs"


def test_what_is_forbidden_spends_no_refresh_token(home: Home) -> None:
    with sandbox_with("--fail", "europe-1=403") as found, one_sign_in():
        home.environ.update(found)
        assert home.run("auth", "login", BROWSER=VISITOR).code == 0
        path = home.store / "credentials/sam.json"
        before = path.read_bytes()
        result = home.run("kbs", "list")
        assert result.code == 0 and "zone europe-1:" in result.err
        assert path.read_bytes() == before


def test_an_outage_of_every_zone_is_no_empty_list(home: Home) -> None:
    with sandbox_with("--fail", "europe-1", "--fail", "aws-us-east-2-1") as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", stdin=found["SANDBOX_USER_TOKEN"])
        for words in (["kbs"], ["agents"], ["auth", "kb", "handbook"]):
            result = home.run(*words)
            assert (result.code, result.out) == (5, ""), words
        assert home.run("auth", "show").code == 0
    with sandbox_with("--fail", "europe-1") as found:
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", "--name", "two", stdin=found["SANDBOX_USER_TOKEN"])
        result = home.run("auth", "kb", "handbook")
        assert result.code == 5 and "zones that answered" in result.err
        assert home.run("auth", "kb", "").code == 2
