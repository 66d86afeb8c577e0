"""What a person is asked, and that nobody is asked where nobody can answer."""

import shutil

import pytest
from support import COMMAND, Home, Recorder, Terminal

pytestmark = pytest.mark.once

KEY = "pasted-key-" + "k" * 60


def box(recorder: Recorder, home: Home) -> str:
    """A service with one box, which wants a key; its URL."""

    def answer(request) -> tuple[int, dict[str, str], bytes]:
        if request.headers.get("x-nuclia-serviceaccount") != f"Bearer {KEY}":
            return 401, {}, b"{}"
        return 200, {}, b'{"uuid": "abc", "slug": "handbook", "config": {"title": "The handbook"}}'

    recorder.answer = answer
    home.environ.update(
        HTTPS_PROXY="", NUCLIA_CONFIG_DIR=str(home.store), HISTFILE=str(home.path / "history"), TERM="xterm"
    )
    return f"{recorder.origin}/api/v1/kb/abc"


def test_a_key_pasted_into_a_shell_session_is_saved_and_stands_nowhere_else(
    home: Home, recorder: Recorder
) -> None:
    url = box(recorder, home)
    shell = Terminal(home, "--norc", "--noprofile", "-i", program=shutil.which("bash") or "bash")
    # Of a NucliaDB on this machine no key is asked for: the secret stands for the argument that asks.
    shell.type(f"{COMMAND} auth kb {url} -\n")
    shell.expect("API key: ")
    shell.type(f"\x1b[200~{KEY}\n\x1b[201~")
    shell.type("\r")
    shell.expect("saved as handbook")
    shell.type("exit\n")
    assert shell.close() == 0 and KEY not in shell.seen and "command not found" not in shell.seen
    assert KEY not in (home.path / "history").read_text() and url in (home.path / "history").read_text()
    assert recorder.requests and all("x-nuclia-serviceaccount" in r.headers for r in recorder.requests)
    assert home.run("auth", "token").out == f"{KEY}\n"


CLOUD = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-0000-4000-8000-000000000001"


def test_a_box_in_the_cloud_asks_for_its_key_before_anything_is_sent(home: Home, recorder: Recorder) -> None:
    home.environ.update(HTTPS_PROXY=recorder.origin, TERM="xterm")
    recorder.answer = lambda _: (502, {}, b"")
    terminal = Terminal(home, "auth", "kb", CLOUD)
    terminal.expect("API key: ")
    assert recorder.requests == []
    terminal.type("\x03")
    assert terminal.close() == 130 and recorder.requests == [] and home.files() == {}
    terminal = Terminal(home, "auth", "kb", CLOUD)
    terminal.expect("API key: ")
    terminal.type(f"\x1b[200~{KEY}\x1b[201~\x7f\x7fkk\r")
    assert terminal.close() == 5 and KEY not in terminal.seen
    assert {request.method for request in recorder.requests} == {"CONNECT"}


@pytest.mark.parametrize("why", ["CI", "stderr", "background"])
def test_nobody_is_asked_where_nobody_answers(home: Home, why: str) -> None:
    home.environ["TERM"] = "xterm"
    home.define("keep", f'kind = "kb"\nurl = "{CLOUD}"\napi_key = "k"\n')
    if why == "CI":
        home.environ["CI"] = "true"
    tail = {"CI": "", "stderr": f"2>{home.path}/err", "background": f"2>{home.path}/err & wait $!"}[why]
    shell = Terminal(home, "--norc", "--noprofile", "-i", program=shutil.which("bash") or "bash")
    for words, code in (
        (f"auth kb {CLOUD}", 2),
        ("auth nua", 2),
        ("use", 2),
        ("auth kb", 2),
        ("profile delete keep", 0),
    ):
        shell.type(f"{COMMAND} {words} {tail}; echo code=$?.\n")
        shell.expect(f"code={code}.")
        shell.seen = ""
    shell.type("exit\n")
    shell.close()
    assert home.run("list", "-o", "name").out == ""


def test_the_reason_why_nobody_is_asked_is_said(home: Home) -> None:
    home.define("one", f'kind = "kb"\nurl = "{CLOUD}"\n')
    terminal = Terminal(home, "use")
    terminal.expect("number or name")
    terminal.type("\n")
    assert terminal.close() == 2
    home.environ["CI"] = "1"
    for words, said in (
        (("use",), "this is a CI job (CI is set)"),
        (("auth", "nua"), "The NUA key cannot be asked for"),
        (("auth", "nua"), "Give it on standard input: nucliactl auth nua - < FILE"),
        (("auth", "agent", "europe-1", "acme", "helper"), "nucliactl auth agent ZONE ACCOUNT AGENT - < FILE"),
        (("auth", "login", "--with-token"), "nucliactl auth set_user_token - < FILE"),
        (("auth", "personal_token"), "nucliactl auth personal_token - < FILE"),
    ):
        terminal = Terminal(home, *words)
        assert terminal.close() == 2 and said in terminal.seen
    result = home.run("use")
    assert result.code == 2 and "standard input is not a terminal" in result.err


QUESTIONS = {
    "delete": (("profile", "delete", "one"), "Delete one (kb, "),
    "logout": (("auth", "logout", "--all"), "Forget the secrets of one and two? [y/N]"),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_what_cannot_be_had_again_is_asked_first(home: Home, recorder: Recorder, what: str) -> None:
    recorder.answer = lambda _: (200, {}, b'{"uuid": "abc", "config": {}}')
    for name in ("one", "two"):
        home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/{name}", KEY, "--name", name)
    words, question = QUESTIONS[what]
    before = home.files()
    for answer, code in (("\n", 1), ("no\n", 1), ("\x04", 1), ("\x03", 130)):
        terminal = Terminal(home, *words)
        terminal.expect("[y/N]")
        terminal.type(answer)
        assert terminal.close() == code and question in terminal.seen, terminal.seen
        assert home.files() == before
    terminal = Terminal(home, *words)
    terminal.expect("[y/N]")
    terminal.type("y\n")
    assert terminal.close() == 0 and home.files() != before
    home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/one", KEY, "--name", "one")
    before = home.files()
    terminal = Terminal(home, *words, "--yes")
    assert terminal.close() == 0 and "[y/N]" not in terminal.seen and home.files() != before


def test_what_is_refused_anyway_is_not_asked(home: Home) -> None:
    home.define("base", f'kind = "kb"\nurl = "{CLOUD}"\n')
    home.define("more", f'kind = "kb"\nurl = "{CLOUD}"\nextends = "base"\n')
    for name, code in (("nobody", 3), ("base", 3)):
        terminal = Terminal(home, "profile", "delete", name)
        assert terminal.close() == code and "[y/N]" not in terminal.seen


def test_a_key_at_the_service_is_asked_about(person: Home, sandbox: dict[str, str]) -> None:
    person.run("auth", "set_user_token", "-", "--name", "me", stdin=sandbox["SANDBOX_USER_TOKEN"])
    made = person.run("auth", "create_personal_token", "trial", "-o", "json").json
    terminal = Terminal(person, "auth", "delete_personal_token", made["id"])
    terminal.expect("[y/N]")
    terminal.type("n\n")
    assert terminal.close() == 1
    assert made["id"] in person.run("auth", "list_personal_tokens").out
    assert person.run("auth", "delete_personal_token", made["id"]).code == 0
    person.run("auth", "nua", "-", "--name", "n", stdin=sandbox["SANDBOX_NUA_KEY"])
    before = person.files()
    terminal = Terminal(person, "auth", "rotate_nua_key", "n")
    terminal.expect("The old one stops working at once. [y/N]")
    terminal.type("\n")
    assert terminal.close() == 1 and person.files() == before
    assert person.run("auth", "status", "n").code == 0
