"""What comes from outside never steers a terminal, and what is no text never ends in a traceback."""

import json
import os
import pickle
import sys
import traceback

import pytest
from support import BIN, Home, Recorder

import nucliactl
from nucliactl import errors
from nucliactl.cli.main import main
from nucliactl.cli.registry import ALIASES, COMMANDS
from nucliactl.text import printable

ESCAPES = "\x1b]0;owned\x07\x1b[31mred\u202edesrever\u200bnothing\r\x9b"
BAD = ("\x1b", "\x07", "\u202e", "\u200b", "\r", "\x9b")


def clean(text: str) -> bool:
    return not any(bad in text for bad in BAD)


def test_names_of_files_and_directories_are_escaped(home: Home) -> None:
    folder = home.path / f"dir-{ESCAPES}"
    folder.mkdir()
    for words in (
        ["list", "--config-dir", str(folder / "file")],
        ["list", "--profiles-dir", str(folder / "gone")],
        ["current", "--env-file", str(folder / "gone")],
        ["profile", "path", "--config-dir", str(folder)],
        ["explain", "--config-dir", str(folder)],
        ["auth", "nucliadb", f"http://{ESCAPES}/"],
        ["use", ESCAPES],
        [ESCAPES],
        ["auth", "delete_personal_token", ESCAPES],
    ):
        (folder / "file").write_text("")
        found = home.run(*words)
        assert clean(found.out + found.err), words
        assert found.out or found.err
        shown = home.run(*words, "-o", "json")
        assert clean(shown.out + shown.err), words
        if shown.code:
            assert json.loads(shown.err.splitlines()[-1])["exit_code"] == shown.code


def test_a_log_record_of_the_sdk_is_one_printable_line(home: Home) -> None:
    home.define("acme", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.work = home.path / f"dir-{ESCAPES}\nWARNING:nucliactl:forged"
    home.work.mkdir()
    (home.work / ".nuclia-profile").write_text("acme\n")
    code = "import logging; logging.basicConfig(); import nucliactl; print(nucliactl.resolve().name)"
    found = home.python(code)
    assert found.out == "acme\n" and "chosen by" in found.err
    assert clean(found.err) and len(found.err.splitlines()) == 1


def test_what_a_server_says_is_escaped(home: Home, recorder: Recorder) -> None:
    for status in (401, 403, 404, 409, 500, 503, 302):
        recorder.answer = lambda _, s=status: (
            s,
            {"Location": "http://\x1b[31m/"} if s == 302 else {},
            json.dumps({"detail": ESCAPES}).encode(),
        )
        found = home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/x", "-", stdin="key")
        assert found.code and clean(found.err), found
    body = {"uuid": "x", "slug": ESCAPES, "config": {"title": ESCAPES}}
    recorder.answer = lambda _: (200, {}, json.dumps(body).encode())
    found = home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/x", "-", stdin="key")
    assert found.code == 0 and clean(found.err)
    for words in (["list"], ["auth", "show"], ["explain"], ["list", "-o", "json"], ["auth", "status"]):
        found = home.run(*words)
        assert clean(found.out + found.err), words


def test_a_description_is_escaped_wherever_it_is_shown(home: Home) -> None:
    text = json.dumps(ESCAPES + ' $(touch ran) `touch ran` %{x%} "').replace("\\u009b", "\\u009B")
    for name in ("box", "other"):
        home.define(name, f'kind = "nucliadb"\nurl = "http://localhost:1"\ndescription = {text}\n')
    for words in (["list"], ["profile", "show", "box"], ["explain", "box"], ["list", "-o", "json"]):
        found = home.run(*words)
        assert clean(found.out + found.err), words
    for shell in ("bash", "zsh", "fish"):
        variables = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SHELL": shell}
        variables |= {"COMP_LINE": "nucliactl use ", "COMP_POINT": "14", "_ARGCOMPLETE_DFS": "\t"}
        found = home.program("sh", "-c", "exec nucliactl 8>&1 9>/dev/null", **variables)
        assert "box" in found.out and clean(found.out)


def test_a_variable_is_escaped(home: Home) -> None:
    for variable in ("NUCLIA_PROFILE", "NUCLIA_KB_URL", "NUCLIA_ZONE", "NUCLIA_KIND", "NUCLIA_DOMAIN",
                     "NUCLIA_CONFIG_DIR", "NUCLIA_PROFILES_PATH", "NUCLIACTL_TIMEOUT"):  # fmt: skip
        for value in (ESCAPES, f"/{ESCAPES}"):
            for words in (["current"], ["explain"], ["list"]):
                found = home.run(*words, **{"NUCLIA_API_KEY": "k", variable: value})
                assert clean(found.out + found.err), (variable, words)


@pytest.mark.parametrize("nasty", ["\udcff", "\x1b[31m", "\n", "", "x" * 100_000, "\ud800", "--\udcff"])
def test_no_argument_ends_in_a_traceback(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], nasty: str
) -> None:
    monkeypatch.chdir(home.work)
    for name in [n for n in os.environ if n.startswith(("NUCLIA", "NUA_", "ARAG_"))]:
        monkeypatch.delenv(name)
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("EDITOR", "true")
    monkeypatch.setenv("NUCLIA_GLOBAL_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("NUCLIA_OAUTH_URL", "http://127.0.0.1:1")
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        for path in sorted({*COMMANDS, *ALIASES}):
            if path[0] == "sandbox" or path[-1] == "login":
                continue  # they wait
            for words in ([nasty], [nasty, nasty], ["--profile", nasty], ["--name", nasty]):
                code = main([*path, *words])
                out, err = capsys.readouterr()
                assert clean(out + err), (path, words)
                if any("\ud800" <= c <= "\udfff" for c in nasty):
                    assert code == 2 and err.startswith("nucliactl: Argument "), (path, words)
                    assert len(err.splitlines()) == 2


def test_bytes_that_are_no_text_are_one_clear_sentence(home: Home) -> None:
    found = home.program(str(BIN / "nucliactl"), "use", os.fsdecode(b"\xff"))
    assert found.code == 2 and found.err.startswith("nucliactl: Argument 2 is not UTF-8 text.\n")
    assert home.run("-o", "json", "use", os.fsdecode(b"\xff")).code == 2
    assert home.program("sh", "-c", "nucliactl sandbox -- printf %s $(printf '\\377') >/dev/null").code == 0


def test_surrogates_given_to_the_sdk_are_malformed(person: Home) -> None:
    person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"])
    code = r"""
import nucliactl
from nucliactl import sdk
auth = sdk.NucliaAuth()
for call in (lambda: auth.kb(url="http://127.0.0.1:1/api/v1/kb/\udcff", token="x"), lambda: auth.kb(url="http://\udcff/api/v1/kb/x", token="x"),
             lambda: auth.create_personal_token("d\udcff"), lambda: auth.delete_personal_token(token_id="\udcff"),
             lambda: auth.kbs("\udcff"), lambda: auth.nucliadb("http://127.0.0.1:1/\udcff"), lambda: nucliactl.resolve("\udcff"),
             lambda: auth.set_user_token("\udcff"), lambda: auth.nua("a.\udcff.b")):
    try: call(); print("nothing")
    except nucliactl.NucliactlError as error: print(type(error).__name__)
"""
    found = person.python(code).out.split()
    assert (
        len(found) == 9
        and "nothing" not in found
        and set(found) <= {"Malformed", "UnknownProfile", "NotThere"}
    )


def test_every_public_error_is_a_name_of_the_package() -> None:
    family = {
        name
        for name, thing in vars(errors).items()
        if isinstance(thing, type) and issubclass(thing, errors.NucliactlError)
    }
    assert family <= set(nucliactl.__all__)
    for name in nucliactl.__all__:
        assert getattr(nucliactl, name) is not None


def test_an_error_carries_its_hint_as_a_note() -> None:
    error = nucliactl.Refused(f"No {ESCAPES}.", hint=f"Say yes:\n  {ESCAPES}")
    for one in (error, pickle.loads(pickle.dumps(error))):
        text = "".join(traceback.format_exception(one))
        assert "Say yes:\n  " in text and clean(text) and one.hint == error.hint
        assert one.message == f"No {ESCAPES}."
    error.hint = "Otherwise."
    assert "Say yes" not in "".join(traceback.format_exception(error))


def test_what_is_printable_stays_as_it_is() -> None:
    assert printable("naïve 日本 e\u0301 🙂") == "naïve 日本 e\u0301 🙂"
    assert printable("a\x1b\u200d\udcff\n") == "a\\x1b\\u200d\\udcff\\n"
