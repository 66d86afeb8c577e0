"""`auth helper get` and `auth token -o json`: what programs in any language ask for."""

import datetime
import json
import sys
import time

import pytest
from support import COMMAND, Home

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48"
KEY = "canary-key"


def ask(home: Home, uri: object, *words: str, **variables: str):
    return home.run("auth", "helper", "get", *words, stdin=json.dumps({"uri": uri}), **variables)


@pytest.fixture
def box(home: Home) -> Home:
    home.define("box", f'kind = "kb"\nurl = "{KB}"\napi_key = "{KEY}"\n')
    home.environ["NUCLIA_PROFILE"] = "box"
    return home


HEADERS = {"headers": {"X-NUCLIA-SERVICEACCOUNT": [f"Bearer {KEY}"]}}


@pytest.mark.parametrize(
    "uri",
    [
        KB,
        "https://europe-1.dp.progress.cloud",
        "https://europe-1.dp.progress.cloud:443/other?x={y}#z",
        "HTTPS://EUROPE-1.dp.Progress.cloud/a%2Fb",
    ],
)
def test_an_address_of_the_credential_has_its_headers(box: Home, uri: str) -> None:
    result = ask(box, uri)
    assert (result.code, result.json, result.err) == (0, HEADERS, "")


@pytest.mark.parametrize(
    "uri",
    [
        "https://aws-us-east-2-1.dp.progress.cloud/",
        "https://europe-1.dp.progress.cloud.evil.example/",
        "https://evil-europe-1.dp.progress.cloud/",
        "https://europe-1.dp.progress.cloud@evil.example/",
        "https://evil.example/europe-1.dp.progress.cloud",
        "https://evil.example#europe-1.dp.progress.cloud",
        "https://europe-1.dp.progress.cloud:444/",
        "https://europe-1.dp.progress.cloud./",
        "https://europe-1.dp.progress.cloud.:443/",
        "http://europe-1.dp.progress.cloud/",
        "https://xn--eurpe-1-tza.dp.progress.cloud/",
        "https://europe-1.dp.progress.cl\u043eud/",
        "https://[::1]/",
        "ftp://europe-1.dp.progress.cloud/",
        "grpcs://europe-1.dp.progress.cloud/",
    ],
)
def test_any_other_address_is_refused_and_nothing_is_printed(box: Home, uri: str) -> None:
    result = ask(box, uri)
    assert (result.code, result.out) == (6, "") and KEY not in result.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        '"x"',
        "{}",
        '{"uri": 3}',
        '{"uri": null}',
        '{"url": "https://x"}',
        "[" * 9999,
        " " * 70000,
    ]
    + [
        json.dumps({"uri": uri})
        for uri in ("", "nonsense", "https://", "/x", "https://a b/", "https://x\\@y/", "https://x/\n")
    ],
)
def test_what_is_no_question_is_a_usage_error(box: Home, text: str) -> None:
    result = box.run("auth", "helper", "get", stdin=text)
    assert (result.code, result.out) == (2, ""), result
    assert "Traceback" not in result.err


def test_bytes_that_are_no_text_and_further_keys(box: Home) -> None:
    assert box.run("auth", "helper", "get", stdin="\udcff{").code == 2
    result = box.run("auth", "helper", "get", stdin=json.dumps({"more": 1, "uri": KB}))
    assert result.code == 0 and result.json == HEADERS


def test_the_action_is_said(box: Home) -> None:
    for words in ((), ("store",), ("get", "now")):
        assert box.run("auth", "helper", *words).code == 2
    assert ask(box, KB, "--protocol=bazel").code == 0
    assert ask(box, KB, "--protocol", "git").code == 2
    assert ask(box, KB, "-o", "name").json == HEADERS


def test_nothing_is_opened_for_a_foreign_address(home: Home) -> None:
    home.define("box", f'kind = "kb"\nurl = "{KB}"\napi_key_command = ["/bin/touch", "{home.path}/opened"]\n')
    assert ask(home, "https://evil.example/", NUCLIA_PROFILE="box").code == 6
    assert not (home.path / "opened").exists()


def test_two_profiles_each_for_its_own(box: Home) -> None:
    other = "https://aws-us-east-2-1.dp.progress.cloud/api/v1/kb/other"
    box.define("other", f'kind = "kb"\nurl = "{other}"\napi_key = "other-key"\n')
    assert ask(box, KB, "--profile", "box").json == HEADERS
    assert ask(box, other, "--profile", "other").json["headers"] == {
        "X-NUCLIA-SERVICEACCOUNT": ["Bearer other-key"]
    }
    assert ask(box, KB, "--profile", "other").code == ask(box, other, "--profile", "box").code == 6


def test_a_nucliadb_has_its_roles_and_a_public_box_has_nothing(home: Home) -> None:
    home.define("local", 'kind = "nucliadb"\nurl = "http://10.0.0.1:8080"\nroles = ["READER", "WRITER"]\n')
    home.define("open", f'kind = "kb"\nurl = "{KB}"\npublic = true\n')
    found = ask(home, "http://10.0.0.1:8080/api/v1/kbs", NUCLIA_PROFILE="local")
    assert found.json == {"headers": {"X-NucliaDB-ROLES": ["READER;WRITER"]}}
    assert ask(home, "http://10.0.0.1:8081/", NUCLIA_PROFILE="local").code == 6
    assert ask(home, KB, NUCLIA_PROFILE="open").json == {"headers": {}}
    token = home.run("auth", "token", "-o", "json", NUCLIA_PROFILE="local").json
    assert token == {
        "token": None,
        "expires_at": None,
        "header": "X-NucliaDB-ROLES",
        "value": "READER;WRITER",
        "headers": {"X-NucliaDB-ROLES": "READER;WRITER"},
        "base_url": "http://10.0.0.1:8080/api/v1",
        "origins": ["http://10.0.0.1:8080"],
    }
    token = home.run("auth", "token", "-o", "json", NUCLIA_PROFILE="open").json
    assert (token["token"], token["value"], token["headers"]) == (None, None, {})


def test_auth_token_says_what_is_sent_and_where(box: Home) -> None:
    assert box.run("auth", "token", "-o", "json").json == {
        "token": KEY,
        "expires_at": None,
        "header": "X-NUCLIA-SERVICEACCOUNT",
        "value": f"Bearer {KEY}",
        "headers": {"X-NUCLIA-SERVICEACCOUNT": f"Bearer {KEY}"},
        "base_url": KB,
        "origins": ["https://europe-1.dp.progress.cloud"],
    }
    assert box.run("auth", "token").out == KEY + "\n"


def test_the_profile_is_an_argument_as_with_profile(box: Home) -> None:
    other = "https://aws-us-east-2-1.dp.progress.cloud/api/v1/kb/other"
    box.define("other", f'kind = "kb"\nurl = "{other}"\napi_key = "other-key"\n')
    for words in (
        ["other"],
        ["-o", "json", "other"],
        ["other", "--profile", "other"],
        ["--profile", "other"],
    ):
        assert "other-key" in box.run("auth", "token", *words).out
    assert ask(box, other, "other").json["headers"]["X-NUCLIA-SERVICEACCOUNT"] == ["Bearer other-key"]
    assert ask(box, KB, "other").code == 6
    shown = box.run("explain", "other", "-o", "json").json
    assert shown["profile"]["name"] == "other" and shown["candidates"][0]["outcome"] == "chosen"
    assert box.run("auth", "status", "other", "-o", "json", NUCLIACTL_TIMEOUT="1").json[0]["name"] == "other"
    for words, code, said in (
        (["token", "nope"], 3, "no profile 'nope'"),
        (["token", "other", "--profile", "box"], 2, "Two profiles are named"),
        (["token", "other", "--env-file", "x"], 2, "exclude each other"),
        (["status", "other", "--all"], 2, "exclude each other"),
        (["token", "other", "box"], 2, "too many"),
    ):
        result = box.run("auth", *words)
        assert (result.code, result.out) == (code, "") and said in result.err, result


def test_a_nua_key_in_a_file_names_its_own_address(person: Home) -> None:
    (person.path / "nua").write_text(person.environ["SANDBOX_NUA_KEY"])
    origin = person.environ["NUCLIA_GLOBAL_URL"]
    given = {"NUCLIA_NUA_KEY_FILE": str(person.path / "nua"), "NUCLIA_NUA_ORIGIN": origin}
    found = person.run("auth", "token", "-o", "json", **given).json
    assert found["origins"] == [origin] and found["base_url"] == f"{origin}/api/v1"
    assert found["value"] == f"Bearer {person.environ['SANDBOX_NUA_KEY']}"
    assert ask(person, origin + "/x", **given).json["headers"] == {"X-NUCLIA-NUAKEY": [found["value"]]}
    assert ask(person, "https://evil.example/", **given).code == 6


@pytest.fixture
def session(person: Home, callback_ports: None) -> Home:
    visitor = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    assert person.run("auth", "login", "--name", "sam", BROWSER=visitor).code == 0
    return person


def imported(home: Home, uri: str) -> set[str]:
    words = (sys.executable, "-X", "importtime", COMMAND, "auth", "helper", "get")
    result = home.program(*words, stdin=json.dumps({"uri": uri}))
    assert result.code == 0, result.err
    return {
        line.rsplit("|", 1)[-1].strip() for line in result.err.splitlines() if line.startswith("import time:")
    }


HTTP = {"httpx", "httpcore", "h11", "anyio", "ssl", "asyncio"}


def test_a_session_says_its_end_and_httpx_is_imported_only_to_renew_it(session: Home) -> None:
    uri = session.environ["NUCLIA_GLOBAL_URL"] + "/api/v1/user"
    found = ask(session, uri).json
    ends = datetime.datetime.fromisoformat(found["expires"])
    assert 0 < (ends - datetime.datetime.now(datetime.UTC)).total_seconds() <= 1800
    assert imported(session, uri) & HTTP == set()
    path = session.store / "credentials/sam.json"
    held = json.loads(path.read_text())
    path.write_text(json.dumps({**held, "expires_at": int(time.time()) - 5}))
    assert "httpx" in imported(session, uri)
    after = json.loads(path.read_text())
    assert after["access_token"] != held["access_token"]
    assert ask(session, uri).json["headers"] == {"Authorization": [f"Bearer {after['access_token']}"]}
    assert imported(session, uri) & HTTP == set()


def test_a_key_needs_no_httpx_nor_dynaconf(box: Home) -> None:
    names = imported(box, KB)
    assert names & (HTTP | {"dynaconf"}) == set() and "nucliactl.service.headers" in names


def test_a_session_that_has_ended_says_how_to_log_in(session: Home) -> None:
    path = session.store / "credentials/sam.json"
    held = json.loads(path.read_text())
    path.write_text(json.dumps({**held, "login_required": True}))
    result = ask(session, session.environ["NUCLIA_GLOBAL_URL"])
    assert (result.code, result.out) == (4, "") and "auth login" in result.err
