"""Listing and switching, with definitions written by hand."""

import json

import pytest
from support import Home

from nucliactl.cli.flags import FORMATS


@pytest.fixture
def six(home: Home) -> Home:
    """Six customers' profiles on one laptop."""
    for name, account in (("acme", "a1"), ("globex", "g1"), ("initech", "i1")):
        url = f"https://europe-1.dp.progress.cloud/api/v1/kb/{name}"
        home.define(
            f"{name}-kb",
            f'kind = "kb"\nurl = "{url}"\naccount = "{account}"\napi_key = "{name}-api-key-0123"\n',
        )
        issuer = "https://europe-1.dp.progress.cloud/"
        home.define(
            f"{name}-nua",
            f'kind = "nua"\nissuer = "{issuer}"\naccount = "{account}"\nnua_key = "{name}-nua-key"\n',
        )
    return home


def test_list_shows_every_profile_with_its_shape(six: Home) -> None:
    six.run("use", "globex-kb")
    rows = six.run("list", "-o", "json").json
    assert [row["name"] for row in rows] == sorted(
        f"{a}-{k}" for a in ("acme", "globex", "initech") for k in ("kb", "nua")
    )
    assert [row["name"] for row in rows if row["active"]] == ["globex-kb"]
    assert rows[0] == {
        "name": "acme-kb",
        "kind": "kb",
        "target": "https://europe-1.dp.progress.cloud/api/v1/kb/acme",
        "account": "a1",
        "account_slug": None,
        "source": f"store: {six.store}/profiles/acme-kb.toml",
        "active": False,
        "expires_at": None,
        "storage": "inline",
        "login_needed": False,
        "title": None,
        "description": None,
        "zone": "europe-1",
    }


def test_list_filters_and_prints_names_and_a_table(six: Home) -> None:
    assert six.run("list", "--kind", "nua", "-o", "name").out.split() == [
        "acme-nua",
        "globex-nua",
        "initech-nua",
    ]
    assert six.run("list", "--account=g1", "--output", "name").out.split() == ["globex-kb", "globex-nua"]
    six.run("use", "acme-kb")
    table = six.run("list").out
    assert "\x1b" not in table
    assert [line.split()[:2] for line in table.splitlines() if line.startswith("*")] == [["*", "acme-kb"]]


def test_list_of_nothing_is_empty_and_creates_nothing(home: Home) -> None:
    assert home.run("list", "-o", "json").out.strip() == "[]"
    result = home.run("list")
    assert (result.code, result.out) == (0, "") and "no profiles yet" in result.err
    assert not home.store.exists()


def test_list_shows_both_credentials_of_an_environment(home: Home) -> None:
    variables = {"NUCLIA_PERSONAL_TOKEN": "p", "NUCLIADB_URL": "http://localhost:8080"}
    rows = home.run("list", "-o", "json", **variables).json
    assert [(row["name"], row["kind"], row["active"], row["storage"]) for row in rows] == [
        ("env", "personal-token", False, "environment"),
        ("env", "nucliadb", False, "none"),
    ]
    assert home.run("current", **variables).code == 3
    rows = home.run("list", "-o", "json", NUCLIA_KIND="nucliadb", **variables).json
    assert [row["active"] for row in rows] == [False, True]


def test_half_a_credential_is_no_error_of_listing_using_or_explaining(six: Home) -> None:
    half = {"NUCLIA_API_KEY": "lonely"}
    assert six.run("current", **half).code == 4
    assert six.run("list", "-o", "json", **half).code == 0
    assert six.run("use", "acme-kb", **half).code == 0
    found = six.run("explain", "-o", "json", **half)
    assert found.code == 0 and found.json["exit_code"] == 4 and "NUCLIA_API_KEY" in found.json["error"]
    assert "lonely" not in found.out


def test_use_switches_and_dash_goes_back_and_forth(six: Home) -> None:
    assert six.run("use", "acme-kb").out == ""
    six.run("use", "globex-kb")
    assert six.run("current").out == "globex-kb\n"
    assert six.run("use", "-").code == 0
    assert six.run("current").out == "acme-kb\n"
    six.run("auth", "switch", "-")
    assert six.run("current").out == "globex-kb\n"
    active = json.loads((six.store / "active.json").read_text())
    assert active == {
        "version": 1,
        "current": "globex-kb",
        "previous": "acme-kb",
        "last": {"kb": "globex-kb"},
    }


def test_use_of_an_unknown_name_suggests_the_nearest(six: Home) -> None:
    result = six.run("use", "acme-bk")
    assert result.code == 3 and "Did you mean 'acme-kb'?" in result.err
    assert six.run("use", "-").code == 3


def test_use_without_a_name_and_without_a_terminal_says_what_to_type(six: Home) -> None:
    result = six.run("use")
    assert result.code == 2 and "nucliactl use acme-kb" in result.err


def test_switching_while_a_variable_wins_says_so_and_switches(six: Home) -> None:
    result = six.run("use", "acme-kb", NUCLIA_PROFILE="globex-kb")
    assert (
        result.code == 0
        and "NUCLIA_PROFILE=globex-kb (environment) still wins: unset NUCLIA_PROFILE" in result.err
    )
    assert six.run("current").out == "acme-kb\n"
    assert six.run("current", NUCLIA_PROFILE="globex-kb").out == "globex-kb\n"
    result = six.run(
        "use", "acme-kb", NUCLIA_KB_URL="https://a.dp.progress.cloud/api/v1/kb/x", NUCLIA_API_KEY="k"
    )
    assert "still win: unset NUCLIA_KB_URL NUCLIA_API_KEY" in result.err


def test_current_names_its_source(six: Home) -> None:
    six.run("use", "acme-kb")
    assert six.run("current", "-o", "json").json == {
        "name": "acme-kb",
        "kind": "kb",
        "source": f"active: {six.store}/active.json",
    }
    assert six.run("--profile", "globex-nua", "current", "-o", "json").json["source"] == "flag: --profile"
    assert (
        six.run("current", "-o", "json", NUCLIA_PROFILE="initech-kb").json["source"] == "env: NUCLIA_PROFILE"
    )


def test_a_current_profile_that_is_gone_is_an_error_not_a_fall_through(six: Home) -> None:
    six.run("use", "acme-kb")
    (six.store / "profiles/acme-kb.toml").unlink()
    result = six.run("current")
    assert result.code == 3 and "acme-kb" in result.err


def test_a_damaged_definition_hurts_only_itself(six: Home) -> None:
    six.define("broken", "kind = \n")
    six.run("use", "acme-kb")
    result = six.run("list", "-o", "json")
    assert result.code == 0 and len(result.json) == 6
    names = six.run("list", "-o", "name")  # opens none
    assert (names.code, len(names.out.split()), names.err) == (0, 7, "") and "broken" in names.out
    assert "broken.toml" in result.err and "line 1" in result.err
    assert six.run("current").out == "acme-kb\n"
    assert six.run("--profile", "broken", "auth", "token").code == 7


def test_a_damaged_active_file_is_seven_and_never_overwritten(six: Home) -> None:
    six.run("use", "acme-kb")
    (six.store / "active.json").write_text("{")
    assert six.run("current").code == 7
    assert six.run("use", "globex-kb").code == 7
    assert (six.store / "active.json").read_text() == "{"


def test_unknown_keys_are_warned_about_and_damage_nothing(six: Home) -> None:
    six.define("typo", 'kind = "kb"\nurl = "https://a.dp.progress.cloud/api/v1/kb/x"\napi_kye = "k"\n')
    result = six.run("list", "-o", "json")
    assert "typo" in result.out and "did you mean 'api_key'" in result.err


def test_errors_are_json_on_stderr_when_json_is_asked(home: Home) -> None:
    result = home.run("current", "-o", "json")
    assert result.code == 4 and result.out == ""
    error = json.loads(result.err)
    assert set(error) == {"error", "hint", "exit_code"} and error["exit_code"] == 4
    for command in ("auth kb URL", "use NAME", "NUCLIA_KB_URL"):
        assert command in error["hint"]


@pytest.mark.parametrize(
    "words",
    [
        ["auth", "kb", "--tokne", "s3cret-value"],
        ["auth", "kb", "--tokne=s3cret-value"],
        ["auth", "kb", "u", "s3cret-value", "s3cret-value"],
        ["auth", "s3cret-value=="],
        ["s3cret-value=="],
        ["-o", "s3cret-value", "list"],
        ["list", "--kind", "s3cret-value"],
        ["auth", "kb", "--tok", "s3cret-value"],
        ["auth", "kb", "--name"],
        ["list", "-o"],
    ],
)
def test_wrong_usage_is_exit_two_and_repeats_no_value(home: Home, words: list[str]) -> None:
    result = home.run(*words)
    assert result.code == 2, result.err
    assert "s3cret" not in result.err and result.out == ""
    assert len(result.err.splitlines()) <= 3


def test_help_is_a_command_too(home: Home) -> None:
    for words in ([], ["auth"], ["auth", "kb"], ["use"]):
        asked, helped = home.run("help", *words), home.run(*words, "--help")
        assert asked.code == 0 and asked.out == helped.out and "usage: nucliactl" in asked.out
    assert home.run("help", "nonsense").code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nonsense"], "There is no --nonsense here."),
        (["--nonsense", "--more"], "There are no --nonsense, --more here."),
        (["--nonsense", "x"], "There is no --nonsense here, and there is 1 argument too many."),
        (["-n", "x"], "There is no -n here, and there is 1 argument too many."),
        (["-nx"], "There is 1 argument too many."),
        (["x", "y"], "There are 2 arguments too many."),
        (["x y"], "There is 1 argument too many."),
        (["--", "x"], "There is 1 argument too many."),
        (["--", "--"], "There is 1 argument too many."),
    ],
)
def test_what_a_command_does_not_take_is_said_in_a_sentence(home: Home, words: list[str], said: str) -> None:
    assert home.run("current", *words).err.splitlines()[0] == f"nucliactl: {said}"


def test_global_flags_work_before_and_after_the_command(six: Home) -> None:
    before = six.run("--profile", "acme-kb", "-o", "json", "current").json
    assert before == six.run("current", "--profile=acme-kb", "--output=json").json
    other = six.path / "other"
    assert six.run("--config-dir", str(other), "list", "-o", "name").out == ""


def test_the_output_setting_may_come_from_a_variable(six: Home) -> None:
    assert len(six.run("list", NUCLIACTL_OUTPUT="name").out.split()) == 6
    assert six.run("list", NUCLIACTL_OUTPUT="yaml").code == 2


def test_a_reader_that_goes_away_is_no_error(six: Home) -> None:
    result = six.program("sh", "-c", "nucliactl list -o json | head -n 1; nucliactl list >/dev/full")
    assert "Traceback" not in result.err and "Broken pipe" not in result.err
    assert "No space left" in result.err


def test_every_output_format_prints_what_a_command_has_to_say(home: Home) -> None:
    home.define("a", 'kind = "nucliadb"\nurl = "http://127.0.0.1:1"\n')
    home.run("use", "a")
    for shape in FORMATS:
        for command in (
            ["list"],
            ["current"],
            ["explain"],
            ["profile", "show"],
            ["profile", "path"],
            ["version"],
        ):
            assert home.run(*command, "-o", shape).out.strip(), (shape, command)
