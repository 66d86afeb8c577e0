"""Logging in by the command line, against the sandbox."""

import json
import stat
import tomllib

import pytest
from support import Home


def test_a_kb_login_from_stdin_saves_the_profile_and_makes_it_current(person: Home) -> None:
    result = person.run(
        "auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"]
    )
    assert (result.code, result.out) == (0, "")
    assert "saved as handbook (Staff handbook)" in result.err
    assert person.run("current").out == "handbook\n"
    assert person.run("auth", "token").out == person.environ["SANDBOX_KB_KEY"] + "\n"
    definition = tomllib.loads((person.store / "profiles/handbook.toml").read_text())
    assert definition["kind"] == "kb" and definition["url"] == person.environ["SANDBOX_KB_URL"]
    assert "SANDBOX_KB_KEY" not in str(definition) and definition["account"]


@pytest.mark.parametrize(
    "words",
    [
        ["auth", "kb", "URL", "KEY"],
        ["kb", "URL", "KEY"],
        ["auth", "kb", "URL", "--token", "KEY"],
        ["auth", "kb", "--url=URL", "--token=KEY"],
        ["auth", "kb", "--token", "KEY", "--url", "URL"],
        ["-o", "table", "auth", "kb", "URL", "KEY"],
    ],
)
def test_every_documented_spelling_of_a_kb_login_works(person: Home, words: list[str]) -> None:
    url, key = person.environ["SANDBOX_KB_URL"], person.environ["SANDBOX_KB_KEY"]
    result = person.run(*(word.replace("URL", url).replace("KEY", key) for word in words))
    assert result.code == 0, result.err
    assert person.run("current").out == "handbook\n"
    assert key not in result.err and "use - and stdin" in result.err


@pytest.mark.parametrize("words", [["KEY"], ["--token", "KEY"], ["--key", "KEY"], ["europe-1", "KEY"], ["-"]])
def test_every_documented_spelling_of_a_nua_login_works(person: Home, words: list[str]) -> None:
    key = person.environ["SANDBOX_NUA_KEY"]
    result = person.run("auth", "nua", *(w.replace("KEY", key) for w in words), stdin=key)
    assert result.code == 0, result.err
    assert person.run("current").out.startswith("nua-")


def test_user_and_personal_tokens_log_in_under_the_mails_local_part(person: Home) -> None:
    assert person.run("auth", "set-user-token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    assert person.run("auth", "personal_token", stdin=person.environ["SANDBOX_PERSONAL_TOKEN"]).code == 0
    rows = {row["name"]: row for row in person.run("list", "-o", "json").json}
    assert {name: row["kind"] for name, row in rows.items()} == {"sam": "user", "sam-2": "personal-token"}
    session = json.loads((person.store / "credentials/sam.json").read_text())
    assert session["access_token"] == person.environ["SANDBOX_USER_TOKEN"]
    assert session["refresh_token"] is None and session["login_required"] is False
    assert session["origins"] == [person.environ["NUCLIA_GLOBAL_URL"]]


def test_what_people_paste_around_a_key_is_taken_off_and_said(person: Home) -> None:
    pasted = f'  "Bearer {person.environ["SANDBOX_KB_KEY"]}"\r\n'
    result = person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=pasted)
    assert result.code == 0 and "took off the quotes and Bearer" in result.err
    assert person.run("auth", "token").out == person.environ["SANDBOX_KB_KEY"] + "\n"


def test_everything_in_the_store_is_private_from_birth_whatever_the_umask(person: Home) -> None:
    login = f"nucliactl auth kb {person.environ['SANDBOX_KB_URL']} -"
    for umask in ("000", "022", "077", "777"):
        person.environ["NUCLIA_CONFIG_DIR"] = str(person.path / f"above-{umask}/store")
        result = person.program("sh", "-c", f"umask {umask}; {login}", stdin=person.environ["SANDBOX_KB_KEY"])
        assert result.code == 0, result.err
        found = list((person.path / f"above-{umask}").rglob("*"))
        assert len(found) >= 6
        for path in found:
            assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["kb", "URL", "wrong-key"], 4, "rejected the API key (401"),
        (["kb", "URLx", "KEY"], 1, "There is no Knowledge Box at"),
        (["kb", "http://127.0.0.1:1/api/v1/kb/abc", "KEY"], 5, "cannot be reached"),
        (["kb", "https://rag.progress.cloud/at/acme", "KEY"], 2, "dashboard"),
        (["kb", "https://europe-1.dp.progress.cloud/api/v1", "KEY"], 2, "has no Knowledge Box ID"),
        (["kb", "https://user:pw@x.dp.progress.cloud/api/v1/kb/a", "KEY"], 2, "user name or password"),
        (["kb", "http://x.dp.progress.cloud/api/v1/kb/a", "KEY"], 2, "in the clear"),
        (["kb", "https://x.dp.progress.cloud/api/v1/kb/a"], 2, "needs an API key"),
        (["kb"], 2, "needs the URL"),
        (["kb", "DBURL/api/v1/kb/00000000-0000-0000-0000-000000000000"], 1, "There is no Knowledge Box"),
        (["nua", "not-a-jwt"], 2, "is not a valid NUA key"),
        (["nua", "e30.e30.e30"], 2, "names no issuer"),
        (["nua", "KEY"], 2, "names no issuer"),
        (["nucliadb", "URLHOST"], 1, "is not a NucliaDB"),
        (["nucliadb", "http://127.0.0.1:1"], 5, "cannot be reached"),
        (["set_user_token", "wrong-token"], 4, "rejected the token"),
        (["personal_token", "wrong-token"], 4, "rejected the token"),
    ],
)
def test_a_login_that_fails_says_why_in_its_own_words_and_saves_nothing(
    person: Home, words: list[str], code: int, sentence: str
) -> None:
    values = {
        "DBURL": person.environ["SANDBOX_NUCLIADB_URL"],
        "URLHOST": person.environ["NUCLIA_GLOBAL_URL"],
        "URL": person.environ["SANDBOX_KB_URL"],
        "KEY": "e30.e30.e30" if words[0] == "nua" else person.environ["SANDBOX_KB_KEY"],
    }
    for name, value in values.items():
        words = [word.replace(name, value) for word in words]
    result = person.run("auth", *words)
    assert result.code == code, result.err
    assert sentence in result.err
    assert person.files() == {}
    assert result.out == "" and values["KEY"] not in result.err.replace("e30.e30.e30", "")


def test_no_validate_saves_anyway_and_says_so(person: Home) -> None:
    result = person.run("auth", "kb", "http://127.0.0.1:1/api/v1/kb/abc", "-", "--no-validate", stdin="k")
    assert result.code == 0 and "without asking the service" in result.err
    assert person.run("auth", "token").out == "k\n"


def test_logging_in_again_updates_the_same_profile_and_keeps_its_comments(person: Home) -> None:
    url, key = person.environ["SANDBOX_KB_URL"], person.environ["SANDBOX_KB_KEY"]
    person.run("auth", "kb", url, "-", stdin=key)
    path = person.store / "profiles/handbook.toml"
    path.write_text("# the staff's\n" + path.read_text() + 'description = "ours" # mine\nnew_key = 1\n')
    result = person.run("auth", "kb", url + "/", "-", stdin=key)
    assert result.code == 0 and "updated handbook" in result.err
    text = path.read_text()
    assert (
        text.startswith("# the staff's\n") and 'description = "ours" # mine' in text and "new_key = 1" in text
    )
    assert [p.name for p in path.parent.iterdir()] == ["handbook.toml"]


def test_a_slug_url_and_an_id_url_are_one_profile(person: Home) -> None:
    url, key = person.environ["SANDBOX_KB_URL"], person.environ["SANDBOX_KB_KEY"]
    by_slug = url.rsplit("/", 1)[0] + "/s/handbook"
    assert person.run("auth", "kb", url, "-", stdin=key).code == 0
    assert "updated handbook" in person.run("auth", "kb", by_slug, "-", stdin=key).err


def test_one_kb_can_have_a_read_and_a_write_profile(person: Home) -> None:
    url, key = person.environ["SANDBOX_KB_URL"], person.environ["SANDBOX_KB_KEY"]
    for name in ("reader", "writer"):
        assert person.run("auth", "kb", url, "-", "--name", name, stdin=key).code == 0
    # Without a name the active one of the two is updated; with none of them active nobody guesses.
    assert "updated writer" in person.run("auth", "kb", url, "-", stdin=key).err
    person.run("auth", "nucliadb", person.environ["SANDBOX_NUCLIADB_URL"])
    result = person.run("auth", "kb", url, "-", stdin=key)
    assert result.code == 3 and "reader, writer" in result.err


def test_a_name_of_another_identity_is_taken_unless_forced(person: Home) -> None:
    first, second = person.environ["SANDBOX_KB_URL"], person.environ["SANDBOX_KB2_URL"]
    person.run("auth", "kb", first, "-", "--name", "box", stdin=person.environ["SANDBOX_KB_KEY"])
    words = ("auth", "kb", second, "-", "--name", "box")
    before = person.files()
    result = person.run(*words, stdin=person.environ["SANDBOX_KB2_KEY"])
    assert result.code == 3 and "belongs to another" in result.err
    assert person.files() == before
    assert person.run(*words, "--force", stdin=person.environ["SANDBOX_KB2_KEY"]).code == 0
    assert person.run("auth", "token").out == person.environ["SANDBOX_KB2_KEY"] + "\n"
    assert person.run("list", "-o", "json").json[0]["target"] == second


def test_a_default_name_that_is_taken_gets_a_number(person: Home) -> None:
    person.define("handbook", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    assert person.run("current").out == "handbook-2\n"


@pytest.mark.parametrize("name", ["env", "none", "all", "A", "../x", "-x", "a b", "x.", "", "é", "a" * 65])
def test_impossible_names_are_refused_before_anything_is_asked(person: Home, name: str) -> None:
    url = person.environ["SANDBOX_KB_URL"]
    result = person.run("auth", "kb", url, "-", f"--name={name}", stdin=person.environ["SANDBOX_KB_KEY"])
    assert result.code == 2, result.err
    assert person.files() == {}


def test_a_login_while_the_environment_wins_says_so(person: Home) -> None:
    words = ("auth", "kb", person.environ["SANDBOX_KB_URL"], "-")
    result = person.run(*words, stdin=person.environ["SANDBOX_KB_KEY"], NUCLIA_PERSONAL_TOKEN="x")
    assert result.code == 0
    assert "here NUCLIA_PERSONAL_TOKEN (environment) still wins: unset NUCLIA_PERSONAL_TOKEN" in result.err
    assert person.run("current").out == "handbook\n"


def test_a_public_kb_needs_no_key_and_sends_none(person: Home) -> None:
    assert person.run("auth", "kb", person.environ["SANDBOX_PUBLIC_KB_URL"], "--public").code == 0
    assert person.run("auth", "status").code == 0
    result = person.run("auth", "token")
    assert result.code == 1 and "has no secret" in result.err


def test_without_any_home_a_login_says_where_a_store_could_be(person: Home) -> None:
    del person.environ["NUCLIA_CONFIG_DIR"]
    person.environ["HOME"] = "relative"
    program = (
        "import os; os.getuid = lambda: 4242424\n"
        "from nucliactl.cli.main import main\n"
        "raise SystemExit(main(['auth', 'nucliadb', '%s']))"
    )
    result = person.python(program % person.environ["SANDBOX_NUCLIADB_URL"])
    assert result.code == 1 and "NUCLIA_CONFIG_DIR" in result.err
    assert not (person.work / "relative").exists()


def test_a_read_only_store_is_an_error_that_changes_nothing(person: Home) -> None:
    blocked = person.path / "blocked"
    blocked.write_text("a file where the store's directory should be")
    person.environ["NUCLIA_CONFIG_DIR"] = str(blocked / "store")
    result = person.run("auth", "nucliadb", person.environ["SANDBOX_NUCLIADB_URL"])
    assert result.code == 1 and "cannot be written" in result.err
