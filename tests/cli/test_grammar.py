"""One grammar: which profile a command works on, help, and what is suggested for a word that is no command."""

import pytest
from support import Home, Terminal

CLOUD = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-0000-4000-8000-00000000000"


@pytest.fixture
def two(home: Home) -> Home:
    for number, name in enumerate(("one", "two")):
        home.define(name, f'kind = "kb"\nurl = "{CLOUD}{number}"\napi_key = "k"\n')
    assert home.run("use", "one").code == 0
    return home


TAKING = (
    ("use",),
    ("profile", "show"),
    ("profile", "path"),
    ("profile", "set", "description=x"),
    ("profile", "unset", "description"),
    ("profile", "rename", "three"),
    ("profile", "copy", "four"),
    ("profile", "edit"),
    ("profile", "delete"),
    ("auth", "logout"),
    ("auth", "token"),
    ("explain",),
)


@pytest.mark.parametrize("words", TAKING, ids=" ".join)
def test_a_name_and_profile_mean_the_same(two: Home, words: tuple[str, ...]) -> None:
    size = 1 if words[0] in ("use", "explain") else 2
    path, rest = words[:size], words[size:]
    two.environ["EDITOR"] = "true"
    results = []
    for argv in ((*path, "two", *rest), (*path, "--profile", "two", *rest), (*path, *rest, "--profile=two")):
        before = two.files()
        results.append(two.run(*argv))
        after = two.files()
        for name, data in before.items():
            if after.get(name) != data:
                (two.store / name).write_bytes(data)
                (two.store / name).chmod(0o600)
        for name in after.keys() - before.keys():
            (two.store / name).unlink()
    assert {result.code for result in results} == {0}, results
    assert len({result.out for result in results}) == 1 and len({result.err for result in results}) == 1
    assert "two" in results[0].out + results[0].err or words == ("auth", "token")
    if not rest:
        both = two.run(*path, "two", "--profile", "one")
        assert both.code == 2 and "Two profiles are named" in both.err


@pytest.mark.parametrize("words", [("auth", "token"), ("auth", "status"), ("explain",)], ids=" ".join)
@pytest.mark.parametrize("name", ["nobody", "NOBODY", "env", "nuclia:kb", "one,two", "one,one", ","])
def test_an_error_calls_a_name_what_it_was(two: Home, words: tuple[str, ...], name: str) -> None:
    as_argument, as_option = two.run(*words, name), two.run(*words, "--profile", name)
    said = [(result.out + result.err).partition("\n\n")[0] for result in (as_argument, as_option)]
    assert as_argument.code == as_option.code and "--profile" not in said[0] and "argument" in said[0], said
    assert "--profile" in said[1] and "argument" not in said[1], said


@pytest.mark.parametrize("words", ["current", "list", "version", "auth token", "use two", "profile show"])
def test_what_ends_the_options_is_no_argument(two: Home, words: str) -> None:
    assert two.run(*words.split(), "--") == two.run(*words.split())


def test_a_command_that_needs_a_profile_says_so(two: Home) -> None:
    for words in ("delete", "edit", "set", "unset", "rename", "copy"):
        result = two.run("profile", words)
        assert result.code == 2 and "nucliactl" in result.err, result


@pytest.mark.parametrize("words", ["help auth kb", "auth help kb", "help kb", "auth kb --help"])
def test_help_of_a_command_has_a_usage_of_its_own_options(home: Home, words: str) -> None:
    result = home.run(*words.split())
    usage = result.out.split("\n\n")[0]
    assert result.code == 0 and usage.startswith("usage: nucliactl auth kb ")
    assert "--public" in usage and "--config-dir" not in usage and "--config-dir" in result.out
    assert all(len(line) <= 100 for line in usage.splitlines())


@pytest.mark.parametrize("group", ["auth", "profile"])
def test_help_of_a_group_lists_it(home: Home, group: str) -> None:
    assert home.run("help", group).out == home.run(group, "help").out == home.run(group, "--help").out


def test_the_usage_of_help_has_the_arguments_too(home: Home) -> None:
    for words, argument in {("explain",): "[name]", ("profile", "set"): "[KEY=VALUE ...]"}.items():
        for line in ((*words, "--help"), ("help", *words)):
            assert argument in home.run(*line).out.partition("\n\n")[0], line


def test_what_is_suggested_never_prints_a_secret(home: Home) -> None:
    secret = ("auth token", "token", "env", "profile env", "auth helper")
    for typed in ("tokens", "toke", "auth tokn", "auth tokens", "enf", "envs", "auth helpr", "profile envi"):
        result = home.run(*typed.split())
        assert result.code == 2
        assert not any(result.err.rstrip().endswith(f"nucliactl {name}") for name in secret), result.err
    for typed, meant in (("auth lgin", "auth login"), ("lsit", "list"), ("profile renam", "profile rename")):
        assert f"Did you mean: nucliactl {meant}" in home.run(*typed.split()).err


def test_a_session_that_renews_itself_is_not_replaced_without_a_word(
    person: Home, sandbox: dict[str, str]
) -> None:
    person.run("auth", "set_user_token", "-", "--name", "sam", stdin=sandbox["SANDBOX_USER_TOKEN"])
    quiet = person.run("auth", "set_user_token", "-", stdin=sandbox["SANDBOX_USER_TOKEN"])
    assert quiet.code == 0 and "renews itself" not in quiet.err
    path = person.store / "credentials/sam.json"
    held = path.read_text()
    path.write_text(held.replace('"refresh_token": null', '"refresh_token": "r1"'))
    before = person.files()
    terminal = Terminal(person, "auth", "set_user_token")
    terminal.expect("user token: ")
    terminal.type(sandbox["SANDBOX_USER_TOKEN"] + "\n")
    terminal.expect("Replace it? [y/N]")
    terminal.type("n\n")
    assert terminal.close() == 1 and person.files() == before
    said = person.run("auth", "set_user_token", "-", stdin=sandbox["SANDBOX_USER_TOKEN"])
    assert said.code == 0 and "sam has a session that renews itself" in said.err


def test_a_rejection_names_profile_host_source_and_the_command(person: Home) -> None:
    made = person.run("auth", "personal_token", "-", "--no-validate", "--name", "ci", stdin="0123456789" * 4)
    assert made.code == 0
    for words in (
        ("kbs", "list"),
        ("accounts", "list"),
        ("zones", "list"),
        ("auth", "list_personal_tokens"),
        ("auth", "status", "ci"),
    ):
        result = person.run(*words)
        assert result.code == 4
        for part in ("ci", "127.0.0.1", "personal-token", str(person.store / "profiles/ci.toml")):
            assert part in result.err + result.out, result
        assert "nucliactl auth personal_token - --name ci" in result.err


def test_a_token_is_not_passed_over_for_a_user_who_is_signed_out(
    person: Home, sandbox: dict[str, str]
) -> None:
    person.run("auth", "set_user_token", "-", "--name", "sam", stdin=sandbox["SANDBOX_USER_TOKEN"])
    person.run("auth", "personal_token", "-", "--name", "ci", stdin=sandbox["SANDBOX_PERSONAL_TOKEN"])
    person.run("auth", "kb", sandbox["SANDBOX_KB_URL"], "-", stdin=sandbox["SANDBOX_KB_KEY"])
    assert person.run("auth", "logout", "sam").code == 0
    result = person.run("accounts", "list", "-o", "name")
    assert result.code == 0 and "sam is signed out; using ci" in result.err and result.out
    assert person.run("accounts", "list", "--profile", "sam").code == 4
    states = {row["name"]: row["state"] for row in person.run("auth", "status", "--all", "-o", "json").json}
    assert states["sam"] == "login needed" and states["ci"] == "valid"
