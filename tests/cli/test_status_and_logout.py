"""Asking the service, logging out, and the terminal."""

import base64
import json
import sys
import threading

import pytest
from support import PATIENCE, Home, Recorder, Terminal


def key(exp: int) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"exp": exp}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


def box(origin: str, secret: str) -> str:
    return f'kind = "kb"\nurl = "{origin}/api/v1/kb/abc"\napi_key = "{secret}"\n'


def test_status_tells_five_states_apart_with_honest_exit_codes(home: Home, recorder: Recorder) -> None:
    def answer(request):
        if "good" in request.headers.get("x-nuclia-serviceaccount", ""):
            return 200, {}, b'{"uuid": "abc", "slug": "abc", "config": {"title": "A\\u001b[31m"}}'
        return 401, {}, b'{"detail": "no"}'

    recorder.answer = answer
    home.define("fine", box(recorder.origin, "good-key"))
    assert home.run("auth", "status", "--all").code == 0
    home.define("dead", box("http://127.0.0.1:1", "good-key"))
    assert home.run("auth", "status", "--all").code == 5
    home.define("spent", box(recorder.origin, key(1000)))
    home.define("wrong", box(recorder.origin, "wrong-key"))
    home.define("later", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/abc"\napi_key_env = "UNSET"\n')
    result = home.run("auth", "status", "--all", "-o", "json")
    assert result.code == 4
    assert {row["name"]: row["state"] for row in result.json} == {
        "dead": "unreachable",
        "fine": "valid",
        "later": "unchecked",
        "spent": "expired",
        "wrong": "rejected",
    }
    codes = {
        name: home.run("auth", "status", "--profile", name).code
        for name in ("fine", "dead", "spent", "wrong", "later")
    }
    assert codes == {"fine": 0, "dead": 5, "spent": 4, "wrong": 4, "later": 4}
    table = home.run("auth", "status", "--all")
    assert "\x1b" not in table.out  # a title no terminal should see is not shown at all
    assert f"log in again: nucliactl auth kb {recorder.origin}/api/v1/kb/abc - --name wrong" in table.err


def test_status_asks_all_profiles_at_once(home: Home, recorder: Recorder) -> None:
    together = threading.Barrier(20)

    def answer(request):
        together.wait(PATIENCE)  # nobody is answered before everybody has asked
        return 200, {}, b'{"uuid": "abc", "config": {}}'

    recorder.answer = answer
    for number in range(20):
        home.define(f"p{number}", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/abc"\npublic = true\n')
    result = home.run("auth", "status", "--all", NUCLIACTL_TIMEOUT=str(PATIENCE))
    assert result.code == 0, result.err


@pytest.mark.parametrize(
    ("status", "headers", "body", "code", "words"),
    [
        (500, {}, b"<html>", 5, "failed with 500"),
        (429, {}, b"", 5, "rate-limiting"),
        (200, {}, b"<html>", 5, "not JSON"),
        (200, {}, b"[]", 1, "not a Knowledge Box"),
        (200, {}, b'{"uuid": 7}', 1, "not a Knowledge Box"),
        (204, {}, b"", 1, "not a Knowledge Box"),
        (418, {}, b'{"detail": "\\u001b[2J"}', 1, "418: \\x1b[2J"),
        (301, {"Location": "http://exa mple/"}, b"", 5, ""),
        (200, {"Content-Encoding": "gzip"}, b"nonsense", 5, ""),
    ],
)
def test_odd_answers_of_a_server_are_put_in_words(
    home: Home, recorder: Recorder, status: int, headers: dict[str, str], body: bytes, code: int, words: str
) -> None:
    recorder.answer = lambda _: (status, headers, body)
    result = home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/abc", "-", stdin="k")
    assert result.code in (code, 6 if "Location" in headers else code), result
    assert words in result.err and "\x1b" not in result.err
    assert home.files() == {}


def test_logout_forgets_the_secret_and_keeps_the_profile(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    person.define("rider", f'kind = "kb"\nurl = "{person.environ["SANDBOX_KB_URL"]}"\nsession = "handbook"\n')
    result = person.run("auth", "logout", "handbook")
    assert (
        result.code == 0
        and "logged out of handbook" in result.err
        and "rider used that session" in result.err
    )
    assert not list((person.store / "credentials").iterdir())
    result = person.run("auth", "token")
    assert result.code == 4 and f"auth kb {person.environ['SANDBOX_KB_URL']} - --name handbook" in result.err
    assert "login needed" in person.run("list").out
    assert person.run("explain", "-o", "json").json["exit_code"] == 4
    assert "nothing" in person.run("logout").err
    assert (
        "updated handbook"
        in person.run(
            "auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"]
        ).err
    )


def test_logout_of_all_forgets_everything_even_without_a_definition(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    person.run("auth", "nua", "-", "--name", "n", stdin=person.environ["SANDBOX_NUA_KEY"])
    (person.store / "profiles/n.toml").unlink()
    assert person.run("auth", "logout", "--all").code == 0
    assert not list((person.store / "credentials").iterdir())
    assert person.run("auth", "logout", "nope").code == 3
    assert person.run("auth", "logout", "--all", "x").code == 2


def test_logout_while_a_variable_wins_acts_on_the_store_and_says_so(person: Home) -> None:
    person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=person.environ["SANDBOX_KB_KEY"])
    result = person.run("auth", "logout", NUCLIA_PERSONAL_TOKEN="t")
    assert (
        "logged out of handbook" in result.err
        and "NUCLIA_PERSONAL_TOKEN (environment) still wins" in result.err
    )


def test_an_inline_secret_is_not_ours_to_forget(home: Home) -> None:
    path = home.define("p", box("https://a.dp.progress.cloud", "k"))
    result = home.run("auth", "logout", "p")
    assert result.code == 0 and str(path) in result.err and path.exists()


def test_token_as_json_tells_header_and_expiry(home: Home) -> None:
    found = home.run(
        "auth",
        "token",
        "-o",
        "json",
        NUCLIA_KB_URL="https://a.dp.progress.cloud/api/v1/kb/x",
        NUCLIA_API_KEY=key(1800000000),
    )
    assert found.json == {
        "token": key(1800000000),
        "expires_at": "2027-01-15T08:00:00Z",
        "header": "X-NUCLIA-SERVICEACCOUNT",
        "value": f"Bearer {key(1800000000)}",
        "headers": {"X-NUCLIA-SERVICEACCOUNT": f"Bearer {key(1800000000)}"},
        "base_url": "https://a.dp.progress.cloud/api/v1/kb/x",
        "origins": ["https://a.dp.progress.cloud"],
    }


posix = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


@posix
def test_a_key_is_asked_for_without_echo_and_may_be_long(person: Home) -> None:
    terminal = Terminal(person, "auth", "personal_token", "--no-validate", "--name", "long")
    terminal.expect("personal access token: ")
    secret = "s3cret" + "x" * 9000
    terminal.type(secret + "\n")
    assert terminal.close() == 0
    shown = "s3cret" in terminal.seen
    assert not shown
    assert person.run("auth", "token").out == secret + "\n"


@posix
def test_use_without_a_name_lets_a_person_pick(home: Home) -> None:
    for name in "ab":
        home.define(name, box("https://a.dp.progress.cloud", name))
    home.run("use", "a")
    for answer, chosen in (("9\n2\n", "b"), ("a\n", "a"), ("\u00b2\n2\n", "b"), ("\u0662\n1\n", "a")):
        terminal = Terminal(home, "use")
        terminal.expect("number or name")
        terminal.type(answer)
        assert terminal.close() == 0 and f"now using {chosen}" in terminal.seen
    terminal = Terminal(home, "use")
    terminal.expect("number or name")
    terminal.type("\n")
    assert terminal.close() == 2
    assert home.run("current").out == "a\n"


@posix
def test_control_c_at_a_prompt_restores_the_terminal_and_is_130(person: Home) -> None:
    terminal = Terminal(person, "auth", "set_user_token")
    terminal.expect("user token: ")
    terminal.type("\x03")
    assert terminal.close() == 130 and "Traceback" not in terminal.seen
    assert person.files() == {}


def test_verbose_says_what_is_used_and_asked_without_the_secret(home: Home, recorder: Recorder) -> None:
    home.define("p", box(recorder.origin, "canary-secret-0451"))
    result = home.run("-v", "auth", "status", "--profile", "p")
    assert "using p, chosen by flag: --profile" in result.err
    assert f"GET {recorder.origin}/api/v1/kb/abc" in result.err and "canary" not in result.err


def test_what_is_recognisably_no_secret_needs_a_login(home: Home, recorder: Recorder) -> None:
    home.define("fake", box(recorder.origin, "<your-key>"))
    result = home.run("auth", "status", "--all", "-o", "json")
    assert (result.code, result.json[0]["state"], recorder.requests) == (4, "login needed", [])


def test_logout_takes_copies_of_damaged_credentials_along(home: Home, recorder: Recorder) -> None:
    recorder.answer = lambda _: (200, {}, b'{"uuid": "abc", "config": {}}')
    url = f"{recorder.origin}/api/v1/kb/abc"
    for name in ("one", "two"):
        for _ in range(2):
            assert home.run("auth", "kb", url, "key", "--name", name, "--force").code == 0
            (home.store / f"credentials/{name}.json").write_text("{")
        assert home.run("auth", "kb", url, "key", "--name", name).code == 0
    folder = home.store / "credentials"
    assert len(list(folder.glob("*.damaged*"))) == 4
    assert home.run("auth", "logout", "one").code == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "two.json",
        "two.json.damaged",
        "two.json.damaged-2",
    ]
    (folder / "two.json").unlink()
    assert home.run("auth", "logout", "--all").code == 0
    assert list(folder.iterdir()) == []
