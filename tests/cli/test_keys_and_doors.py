"""Keys made from a sign-in, the sixth kind, and secrets at the wrong door."""

import datetime
import tomllib

import httpx
import pytest
from support import Home, sandbox_with


@pytest.fixture
def sam(person: Home) -> Home:
    assert person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    return person


def test_a_key_is_made_printed_alone_listed_and_ended(sam: Home) -> None:
    result = sam.run(
        "auth", "create_api_key", "handbook", "--role", "READER", "--days", "30", "--title", "container"
    )
    key = result.out.strip()
    assert (
        result.code == 0 and "SREADER" in result.err and "in 30 days" in result.err and key not in result.err
    )
    url = sam.environ["SANDBOX_KB_URL"]
    assert sam.run("auth", "kb", url, "-", "--name", "reader", stdin=key).code == 0
    row = next(
        r
        for r in sam.run("auth", "list_api_keys", "handbook", "-o", "json").json
        if r["title"] == "container"
    )
    until = datetime.datetime.fromisoformat(row["expires"])
    assert row["role"] == "SREADER" and (until - datetime.datetime.now(datetime.UTC)).days in (29, 30)
    assert sam.run("auth", "delete_api_key", "handbook", row["id"]).code == 0
    assert sam.run("auth", "status", "--profile", "reader").code == 4
    assert sam.run("auth", "delete_api_key", "handbook", row["id"]).code == 1


def test_a_person_goes_from_a_sign_in_to_a_containers_key(sam: Home) -> None:
    result = sam.run(
        "auth", "create_api_key", "catalogue", "--role", "WRITER", "--save-as", "catalogue-write"
    )
    assert (result.code, result.out) == (0, ""), result.err
    assert sam.run("current").out == "catalogue-write\n" and sam.run("auth", "status").code == 0
    definition = tomllib.loads((sam.store / "profiles/catalogue-write.toml").read_text())
    assert definition["account"] and "session" not in definition
    key = sam.run("auth", "token").out.strip()
    container = {"NUCLIA_KB_URL": definition["url"], "NUCLIA_API_KEY": key, "NUCLIA_CONFIG_DIR": "/nowhere"}
    assert sam.run("auth", "status", **container).code == 0


def test_a_nua_key_is_rotated_and_the_old_one_is_dead(home: Home) -> None:
    with sandbox_with() as found:  # of its own: the others' key must live
        home.environ.update(found)
        home.run("auth", "set_user_token", "-", stdin=found["SANDBOX_USER_TOKEN"])
        home.run("auth", "nua", "-", "--name", "pipeline", stdin=found["SANDBOX_NUA_KEY"])
        assert home.run("auth", "rotate_nua_key", "pipeline").code == 0
        assert home.run("auth", "token", "--profile", "pipeline").out != found["SANDBOX_NUA_KEY"] + "\n"
        assert home.run("auth", "status", "--profile", "pipeline").code == 0
        assert home.run("auth", "nua", "-", "--name", "old", stdin=found["SANDBOX_NUA_KEY"]).code == 4


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create_api_key", "nothing"], 1),
        (["create_api_key", "handbook", "--days", "0"], 2),
        (["create_api_key", "handbook", "--days", "5000"], 1),
        (["create_api_key", "handbook", "--role", "a b"], 2),
        (["create_api_key"], 2),
        (["create_temporal_key", "nobody"], 3),
        (["rotate_nua_key", "nobody"], 3),
    ],
)
def test_what_cannot_be_made_is_said(sam: Home, words: list[str], code: int) -> None:
    result = sam.run("auth", *words)
    assert result.code == code and result.out == "", result


def test_a_temporal_key_lives_seconds(sam: Home) -> None:
    env = sam.environ
    sam.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    key = sam.run("auth", "create_temporal_key", "--ttl", "10", "--group", "readers").out.strip()
    headers = {"x-nuclia-serviceaccount": f"Bearer {key}"}
    assert httpx.get(env["SANDBOX_KB_URL"], headers=headers, trust_env=False).status_code == 200
    assert sam.run("auth", "create_temporal_key", "--ttl", "11").code == 1


def agent_words(home: Home) -> list[str]:
    return ["europe-1", home.environ["SANDBOX_AGENT_ACCOUNT"], home.environ["SANDBOX_AGENT_ID"]]


@pytest.mark.parametrize("flags", [False, True])
def test_an_agent_is_logged_in_to(person: Home, flags: bool) -> None:
    region, account, agent = agent_words(person)
    key = person.environ["SANDBOX_AGENT_KEY"]
    words = (
        [f"--region={region}", f"--account_id={account}", f"--agent-id={agent}", f"--token={key}"]
        if flags
        else [region, account, agent, key]
    )
    result = person.run("auth", "agent", *words)
    assert result.code == 0 and "saved as helpdesk (Help desk)" in result.err, result
    row = person.run("list", "-o", "json").json[0]
    assert row["kind"] == "agent" and row["target"].endswith(f"/zones/europe-1/api/v1/agent/{agent}")
    assert row["account"] == account and row["expires_at"]
    assert person.run("auth", "status").code == 0 and person.run("auth", "token").out == key + "\n"
    person.run("auth", "nucliadb", person.environ["SANDBOX_NUCLIADB_URL"])
    assert person.run("auth", "default_agent", agent).code == 0 and person.run("current").out == "helpdesk\n"
    assert (
        "log in again: nucliactl auth agent europe-1" in person.run("auth", "logout").err
        or person.run("auth", "token").code == 4
    )


def test_an_agent_comes_from_the_environment(person: Home) -> None:
    zone = person.environ["NUCLIA_ZONE_URL"].replace("{zone}", "europe-1")
    variables = {
        "NUCLIA_ARAG_BASE_URL": zone,
        "NUCLIA_ARAG_AGENT_ID": person.environ["SANDBOX_AGENT_ID"],
        "NUCLIA_ARAG_API_KEY": person.environ["SANDBOX_AGENT_KEY"],
    }
    assert person.run("current", "-o", "json", **variables).json["kind"] == "agent"
    assert person.run("auth", "status", **variables).code == 0
    assert (
        person.run("auth", "status", **variables, NUCLIA_ACCOUNT=person.environ["SANDBOX_AGENT_ACCOUNT"]).code
        == 0
    )
    for missing in variables:
        result = person.run("current", **{k: v for k, v in variables.items() if k != missing})
        assert result.code == 4 and missing in result.err, result
    wrong = {**variables, "NUCLIA_ARAG_API_KEY": person.environ["SANDBOX_KB_KEY"]}
    assert person.run("auth", "status", **wrong).code == 4


@pytest.mark.parametrize(
    ("words", "secret", "instead"),
    [
        (["kb", "URL"], "SANDBOX_NUA_KEY", "nucliactl auth nua -"),
        (["kb", "URL"], "SANDBOX_USER_TOKEN", "nucliactl auth personal_token -"),
        (["nua"], "SANDBOX_KB_KEY", "nucliactl auth kb URL -"),
        (["set_user_token"], "SANDBOX_NUA_KEY", "nucliactl auth nua -"),
        (["personal_token"], "SANDBOX_KB_KEY", "nucliactl auth kb URL -"),
        (["set_user_token"], "an-opaque-token-of-nobody-at-all", "revoked"),
    ],
)
def test_a_secret_at_the_wrong_door_is_told_the_right_one(
    person: Home, words: list[str], secret: str, instead: str
) -> None:
    value = person.environ.get(secret, secret)
    given = [person.environ["SANDBOX_KB_URL"] if word == "URL" else word for word in words]
    result = person.run("auth", *given, "-", stdin=value)
    assert result.code == 4 and instead in result.err and value not in result.err, result
    assert person.files() == {}


def test_show_says_what_a_profile_opens(sam: Home) -> None:
    assert "it opens everything its user has access to" in sam.run("profile", "show", "sam").out
    assert sam.run("profile", "show", "sam", "-o", "json").json["opens"].startswith("everything")


def test_nothing_is_made_under_a_name_it_cannot_bear(sam: Home) -> None:
    env = sam.environ
    sam.run("auth", "kb", env["SANDBOX_KB2_URL"], "-", stdin=env["SANDBOX_KB2_KEY"])
    before = sam.run("auth", "list_api_keys", "handbook", "-o", "name").out
    for name, code in (("bad name!", 2), ("", 2), ("sam", 3), ("catalogue", 3)):
        assert sam.run("auth", "create_api_key", "handbook", "--save-as", name).code == code
    assert sam.run("auth", "list_api_keys", "handbook", "-o", "name").out == before
    tokens = sam.run("auth", "list_personal_tokens", "-o", "name").out
    for name, code in (("bad name!", 2), ("catalogue", 3)):
        assert sam.run("auth", "create_personal_token", "d", "--login", "--name", name).code == code
    assert sam.run("auth", "list_personal_tokens", "-o", "name").out == tokens
