"""`--query`: picking from what is printed as JSON, as aws and az do it."""

import json
import re

import pytest
from support import Home, Recorder

KB = 'kind = "kb"\nurl = "https://{0}.dp.progress.cloud/api/v1/kb/x"\napi_key = "canary-{0}-key"\n'


@pytest.fixture
def two(home: Home) -> Home:
    for name in ("a", "b"):
        home.define(name, KB.format(name))
    assert home.run("use", "b").code == 0
    return home


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("list", "--query", "[].name"), ["a", "b"]),
        (("--query", "[?active].name | [0]", "list"), "b"),
        (("list", "--query=length(@)", "-o", "json"), 2),
        (("list", "--query", "[0].{n: name, k: kind}"), {"n": "a", "k": "kb"}),
        (("list", "--query", "[?name=='nobody']"), []),
        (("current", "--query", "nothing"), None),
        (("profile", "show", "a", "--query", "name"), "a"),
        (("explain", "--query", "candidates[?outcome=='chosen'].profile"), ["b"]),
        (
            ("auth", "token", "-o", "json", "--query", "headers"),
            {"X-NUCLIA-SERVICEACCOUNT": "Bearer canary-b-key"},
        ),
        (("version", "--query", "version == null"), False),
        (("use", "a", "--query", "name"), "a"),
    ],
)
def test_it_works_wherever_json_is_printed(two: Home, words: tuple[str, ...], found: object) -> None:
    result = two.run(*words)
    assert result.code == 0 and result.json == found, result


def test_with_o_name_texts_stand_without_quotes_a_line_each(two: Home) -> None:
    assert two.run("list", "--query", "[].name", "-o", "name").out == "a\nb\n"
    assert two.run("auth", "token", "--query", "value", "-o", "name").out == "Bearer canary-b-key\n"
    assert two.run("current", "--query", "nothing", "-o", "name").out == ""
    assert two.run("list", "--query", "[0].active", "-o", "name").out == "false\n"
    assert two.run("list", "--query", "[:1].{n: name}", "-o", "name").out == '{"n": "a"}\n'


def test_a_setting_does_not_change_what_it_prints(two: Home) -> None:
    for stated in ("table", "name", "json"):
        assert two.run("current", "--query", "name", NUCLIACTL_OUTPUT=stated).out == '"b"\n'
    result = two.run("current", "--query", "name", "-o", "table")
    assert (result.code, result.out) == (2, "") and "Leave out -o table" in result.err


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("[0].nam[", 9),
        ("a b", 3),
        ("na%me", 3),
        ('"open', 1),
        ("a..b", 3),
        ("[?a=='b'", 9),
        ("{a}", 3),
        ("'", 1),
    ],
)
def test_what_is_no_expression_is_shown_with_its_place(two: Home, expression: str, place: int) -> None:
    result = two.run("list", "--query", expression)
    assert (result.code, result.out) == (2, "")
    assert f"look at character {place}" in result.err
    shown, mark = result.err.splitlines()[1:3]
    assert shown.strip() == expression and mark.index("^") - 2 == place - 1


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("", "is empty"),
        ("   ", "is empty"),
        ("lenght(@)", "no function lenght()"),
        ("length(@, @)", "takes 1 argument, not 2"),
        ("merge()", "at least 1 argument"),
        ("[?contains(name, 'a', 'b')]", "takes 2 arguments, not 3"),
    ],
)
def test_what_could_never_work_is_said_before_anything_is_done(
    home: Home, recorder: Recorder, expression: str, said: str
) -> None:
    home.define("a", KB.format("a"))
    result = home.run("use", "a", "--query", expression)
    assert result.code == 2 and said in result.err
    assert home.run("current").code == 4


def test_an_expression_that_does_not_fit_repeats_no_value(two: Home) -> None:
    for expression in ("sum(token)", "sort(token)", "abs(token)", "keys(token)", "join(',', token)"):
        result = two.run("auth", "token", "--query", expression)
        assert (result.code, result.out) == (2, "") and "canary" not in result.err, result


def test_deep_nesting_is_refused(two: Home) -> None:
    assert two.run("list", "--query", "[" * 5000).code == 2
    assert two.run("list", "--query", "(" * 5000 + "a" + ")" * 5000).code == 2


def test_a_secret_that_is_shown_once_is_not_lost_by_a_query(person: Home) -> None:
    assert person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    words = ("auth", "create_personal_token", "--description", "one", "-o", "json", "--query")
    picked = person.run(*words, "token")
    assert picked.code == 0 and len(picked.json) > 20 and "leaves out" not in picked.err
    for expression in ("tokn", "id", "sum(token)"):
        result = person.run(*words, expression)
        assert result.code == 0 and result.json["token"] and "all of it is printed" in result.err


def test_every_command_takes_it(home: Home) -> None:
    from nucliactl.cli.registry import COMMANDS

    missing = [path for path in COMMANDS if "--query EXPR" not in home.run(*path, "--help").out]
    assert missing == []


@pytest.mark.parametrize(
    "words",
    [("run", "--", "true"), ("completion", "bash"), ("sandbox", "--", "true"), ("env", "--format", "posix")],
    ids=" ".join,
)
def test_where_no_json_is_printed_it_is_refused_before_anything_is_done(
    two: Home, words: tuple[str, ...]
) -> None:
    for line in (("--query", "name", *words), (words[0], "--query", "name", *words[1:])):
        result = two.run(*line)
        assert (result.code, result.out) == (2, "") and "--query picks from JSON" in result.err, result


def test_it_is_a_light_thing_where_it_is_not_given(two: Home) -> None:
    import sys

    from support import COMMAND

    def loaded(*words: str) -> set[str]:
        found = two.program(sys.executable, "-X", "importtime", COMMAND, *words).err
        return set(re.findall(r"\| +(jmespath)$", found, re.MULTILINE))

    assert loaded("current") == set()
    assert loaded("current", "--query", "name") == {"jmespath"}
    assert json.loads(two.run("current", "-o", "json").out)["name"] == "b"
