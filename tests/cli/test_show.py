"""auth show, auth nuas and the defaults by id, with keys only."""

import pytest
from support import Home


@pytest.fixture
def keys(person: Home) -> Home:
    env = person.environ
    for words, secret in (
        (("kb", env["SANDBOX_KB_URL"], "-"), "SANDBOX_KB_KEY"),
        (("kb", env["SANDBOX_KB2_URL"], "-"), "SANDBOX_KB2_KEY"),
        (("nua", "-", "--name", "pipeline"), "SANDBOX_NUA_KEY"),
        (("personal_token", "-"), "SANDBOX_PERSONAL_TOKEN"),
    ):
        assert person.run("auth", *words, stdin=env[secret]).code == 0
    person.run("use", "handbook")
    return person


def test_show_needs_no_user_and_marks_what_is_active(keys: Home) -> None:
    found = {row["name"]: row for row in keys.run("auth", "show", "-o", "json").json["profiles"]}
    assert [name for name, row in found.items() if row["active"]] == ["handbook"]
    box = found["handbook"]
    assert (box["title"], box["role"], box["state"]) == ("Staff handbook", "OWNER", "valid")
    assert box["id"] == keys.environ["SANDBOX_KB_URL"].rsplit("/", 1)[1] and box["account"]
    assert found["pipeline"]["account"] == box["account"]
    text = keys.run("auth", "show").out
    assert (
        "Knowledge Boxes\n" in text and "NUA keys\n" in text and "Sam Sandbox <sam@sandbox.invalid>" in text
    )
    marks = {
        line.split()[-1]: line[:3]
        for line in text.split("Knowledge Boxes\n")[1].split("\n\n")[0].split("\n")[1:]
    }
    assert sorted(marks.values())[-2:] == ["*  ", "all"] and "   " in marks.values()
    assert "all have STATE valid" in text
    assert keys.environ["SANDBOX_KB_KEY"] not in text and "\x1b" not in text


def test_show_after_a_key_was_taken_away_is_a_state_and_no_crash(keys: Home) -> None:
    keys.run("auth", "logout", "handbook")
    found = keys.run("auth", "show")
    assert found.code == 0 and "login needed" in found.out and "Product catalogue" in found.out


def test_show_of_nothing_or_half_a_credential_is_four(person: Home) -> None:
    assert person.run("auth", "show").code == 4
    assert person.run("auth", "show", NUCLIA_API_KEY="k").code == 4


def test_nuas_and_defaults_by_id(keys: Home) -> None:
    (key,) = keys.run("auth", "nuas", "-o", "json").json
    assert key["name"] == "pipeline" and key["client_id"] in keys.run("auth", "nuas").out
    assert keys.run("auth", "default_nua", key["client_id"]).code == 0
    assert keys.run("current").out == "pipeline\n"
    identity = keys.environ["SANDBOX_KB2_URL"].rsplit("/", 1)[1]
    assert keys.run("auth", "default_kb", identity, "-o", "json").json == {"name": "catalogue", "kind": "kb"}
    assert keys.run("auth", "default-nua", "nobody").code == 3
