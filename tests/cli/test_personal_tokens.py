"""Personal and ephemeral tokens, by command and by SDK."""

import datetime
import json
import sys

import httpx
import pytest
from support import Home, Recorder

VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"


@pytest.fixture
def signed_in(person: Home) -> Home:
    assert person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    return person


def welcome(home: Home, token: str) -> int:
    url = home.environ["NUCLIA_GLOBAL_URL"] + "/api/v1/user/welcome"
    return httpx.get(url, headers={"Authorization": f"Bearer {token}"}, trust_env=False).status_code


@pytest.mark.parametrize(
    "words",
    [
        ["create_personal_token", "My token", "30"],
        ["create_personal_token", "--description", "My token", "--days", "30"],
        ["create-personal-token", "My token", "--days=30"],
        ["create_personal_token", "--description=My token", "30"],
    ],
)
def test_a_token_is_made_printed_once_alone_and_deleted(signed_in: Home, words: list[str]) -> None:
    result = signed_in.run("auth", *words)
    token = result.out.strip()
    assert result.code == 0 and result.out.count("\n") == 1 and welcome(signed_in, token) == 200
    assert "in 29 days" in result.err or "in 30 days" in result.err
    assert token not in result.err
    row = signed_in.run("auth", "list_personal_tokens", "-o", "json").json[-1]
    assert row["description"] == "My token" and row["expires"].endswith("Z")
    listed = signed_in.run("auth", "list_personal_tokens").out
    assert row["id"] in listed and token not in listed and "never" in listed
    for spelling in (["delete_personal_token", f"--token_id={row['id']}"],):
        assert signed_in.run("auth", *spelling).code == 0
    assert welcome(signed_in, token) == 403
    gone = signed_in.run("auth", "delete_personal_token", row["id"])
    assert gone.code == 1 and "There is no token" in gone.err


def test_a_token_can_become_the_active_profile(signed_in: Home) -> None:
    result = signed_in.run("auth", "create_personal_token", "laptop", "--login", "--name", "laptop")
    assert (result.code, result.out) == (0, ""), result
    assert signed_in.run("current", "-o", "json").json["kind"] == "personal-token"
    definition = (signed_in.store / "profiles/laptop.toml").read_text()
    assert signed_in.environ["NUCLIA_GLOBAL_URL"] in definition
    fresh = dict.fromkeys(("NUCLIA_GLOBAL_URL", "NUCLIA_OAUTH_URL", "NUCLIA_ZONE_URL"), "")
    assert signed_in.run("auth", "status", **fresh).code == 0
    assert signed_in.run("auth", "list_personal_tokens").code == 0  # a personal token may, too


def test_a_deletion_names_the_profile_that_it_ends(signed_in: Home) -> None:
    maker = signed_in.run("current", "-o", "json").json["name"]
    for name, days in (("nightly", "5"), ("other", "90")):
        words = ("--description", name, "--days", days, "--login", "--name", name, "--profile", maker)
        assert signed_in.run("auth", "create_personal_token", *words).code == 0
    assert signed_in.run("auth", "status", "--expires-within", "7d", "-o", "name").out == "nightly\n"
    assert signed_in.run("auth", "create_personal_token", "unused", "5", "--profile", maker).code == 0
    tokens = signed_in.run("auth", "list_personal_tokens", "--profile", maker, "-o", "json").json
    ids = {row["description"]: row["id"] for row in tokens}
    deleted = signed_in.run("auth", "delete_personal_token", ids.pop("nightly"), "--profile", maker)
    assert deleted.code == 0 and "the profile nightly was made of it and no longer works" in deleted.err
    assert "nucliactl auth personal_token - --name nightly" in deleted.err and "other" not in deleted.err
    unused = signed_in.run("auth", "delete_personal_token", ids["unused"], "--profile", maker)
    assert unused.code == 0 and "the profile" not in unused.err


def test_its_end_is_sent_as_utc_with_an_offset(home: Home, recorder: Recorder) -> None:
    recorder.answer = lambda _: (201, {}, b'{"id": "i", "token": "t", "expires": "2030-01-01T00:00:00"}')
    home.define(
        "me",
        f'kind = "user"\ntoken = "u"\nglobal_url = "{recorder.origin}"\noauth_url = "{recorder.origin}"\nzone_url = "{recorder.origin}/{{zone}}"\n',
    )
    home.run("use", "me")
    result = home.run("auth", "create_personal_token", "d", "10", "-o", "json", TZ="Pacific/Auckland")
    assert result.json == {"id": "i", "token": "t", "expires": "2030-01-01T00:00:00Z"}
    sent = json.loads(recorder.requests[0].body)
    until = datetime.datetime.fromisoformat(sent["expiration_date"])
    assert until.utcoffset() == datetime.timedelta(0) and sent["description"] == "d"
    left = until - datetime.datetime.now(datetime.UTC)
    assert datetime.timedelta(days=9, hours=23) < left <= datetime.timedelta(days=10)
    assert recorder.requests[0].headers["authorization"] == "Bearer u"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["create_personal_token"], 2),
        (["create_personal_token", " "], 2),
        (["create_personal_token", "d", "soon"], 2),
        (["create_personal_token", "d", "--days", "0"], 2),
        (["create_personal_token", "d", "2000"], 1),
        (["create_personal_token", "a", "1", "b"], 2),
        (["delete_personal_token"], 2),
        (["delete_personal_token", "../accounts"], 1),
        (["create_ephemeral_token", "nobody"], 3),
    ],
)
def test_what_cannot_be_done_is_said(signed_in: Home, words: list[str], code: int) -> None:
    result = signed_in.run("auth", *words)
    assert result.code == code and result.out == "" and "Traceback" not in result.err, result


def test_without_a_user_it_says_who_is_needed(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    result = person.run("auth", "list_personal_tokens")
    assert result.code == 4 and "user or personal-token" in result.err


def test_an_ephemeral_token_is_made_of_a_key(signed_in: Home) -> None:
    env = signed_in.environ
    signed_in.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    identity = env["SANDBOX_KB_URL"].rsplit("/", 1)[1]
    for words in ([], [identity], ["handbook", "60"], [identity, "--ttl", "60"]):
        result = signed_in.run("auth", "create_ephemeral_token", *words)
        assert result.code == 0 and len(result.out.strip()) > 20, result
    assert signed_in.run("auth", "create_ephemeral_token", "--ttl", "0").code == 2
    assert signed_in.run("auth", "create_ephemeral_token", "--ttl", "99999").code == 1


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_the_sdk_does_the_same(signed_in: Home, kind: str) -> None:
    env = signed_in.environ
    body = """
    made = {w}auth.create_personal_token(description="sdk", days=3)
    assert made.token not in repr(made) and made.expires.tzinfo
    assert [t.description for t in {w}auth.list_personal_tokens() if t.id == made.id] == ["sdk"]
    {w}auth.delete_personal_token(token_id=made.id)
    assert made.id not in [t.id for t in {w}auth.list_personal_tokens()]
    user = {w}auth.get_user()
    assert (user.name, user.email, user.type) == ("Sam Sandbox", "sam@sandbox.invalid", "USER")
    kbid = {w}auth.kb(sys.argv[1], sys.argv[2])
    assert ({w}auth.create_ephemeral_token(kbid, ttl=60)).token
    {w}auth.create_personal_token("mine", login=True)
    assert nucliactl.resolve().kind == "personal-token"
    print("done")
"""
    name, wait = ("NucliaAuth", "") if kind == "sync" else ("AsyncNucliaAuth", "await ")
    code = (
        f"import asyncio, sys, nucliactl\nfrom nucliactl import sdk\nasync def main():\n    auth = sdk.{name}()"
        + body.replace("{w}", wait)
        + "asyncio.run(main())"
    )
    result = signed_in.python(code, env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    assert result.out == "done\n", result.err
