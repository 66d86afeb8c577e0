"""Variables that look like ours and are not read: said where they were probably meant, listed by explain."""

import re
from pathlib import Path

import pytest
from support import Home

from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Resolution
from nucliactl.sources.sources import Sources, sources_of

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-40f9-4f0f-9a3c-0c0f0d2c1a11"
STORED = f'kind = "kb"\nurl = "{KB}"\napi_key = "k"\n'


def machine(tmp_path: Path, variables: dict[str, str], dotenv: str = "", *, stored: bool = True) -> Sources:
    """A store whose current profile is `catalogue`, a project with a `.env`, and variables."""
    (tmp_path / "store/profiles").mkdir(parents=True)
    (tmp_path / "repo/.git").mkdir(parents=True)
    if stored:
        definition = tmp_path / "store/profiles/catalogue.toml"
        definition.write_text(STORED)
        definition.chmod(0o600)
        (tmp_path / "store/active.json").write_text('{"version": 1, "current": "catalogue"}')
    if dotenv:
        (tmp_path / "repo/.env").write_text(dotenv)
    base = {"NUCLIA_CONFIG_DIR": str(tmp_path / "store"), "HOME": str(tmp_path)}
    return sources_of({**base, **variables}, cwd=str(tmp_path / "repo"))


def said(found: Resolution) -> str:
    return "\n".join((*found.notices, found.error.hint or "" if found.error else ""))


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("NUCLIACTL_PROFILE", "NUCLIA_PROFILE"),
        ("NUCLIA_DEFAULT_PROFILE", "NUCLIA_PROFILE"),
        ("NUCLIACTL_CONFIG_DIR", "NUCLIA_CONFIG_DIR"),
        ("NUCLIA_APIKEY", "NUCLIA_API_KEY"),
        ("NUCLIA_KB_ULR", "NUCLIA_KB_URL"),
        ("nuclia_api_key", "NUCLIA_API_KEY"),
        ("NUCLIACTL_TIMEOT", "NUCLIACTL_TIMEOUT"),
        ("NUCLIACTL_KIND", "NUCLIA_KIND"),
        ("VITE_NUCLIA_API_KEY", "NUCLIA_API_KEY"),
        ("NEXT_PUBLIC_NUCLIA_KB_URL", "NUCLIA_KB_URL"),
        ("REACT_APP_NUCLIA_KBID", "NUCLIA_KBID"),
        ("NUCLIA_READER_KEY", "NUCLIA_API_KEY"),
        ("NUCLIA_SERVICE_KEY", "NUCLIA_API_KEY"),
        ("NUCLIA_CLOUD_URL", "NUCLIA_KB_URL"),
        ("NUCLIA_KB_TOKEN", "NUCLIA_API_KEY"),
        ("NUCLIA_SECRET", "NUCLIA_API_KEY"),
        ("NUCLIA_PAT", "NUCLIA_PERSONAL_TOKEN"),
        ("NUCLIA_NUA_TOKEN", "NUCLIA_NUA_KEY"),
        ("NUA_TOKEN", "NUCLIA_NUA_KEY"),
        ("NUCLIA_AUTH_TOKEN", "NUCLIA_USER_TOKEN"),
        ("GATSBY_NUCLIA_KEY", "NUCLIA_API_KEY"),
        ("EXPO_PUBLIC_NUCLIA_API_KEY", "NUCLIA_API_KEY"),
        ("PUBLIC_NUCLIA_KBID", "NUCLIA_KBID"),
    ],
)
def test_one_line_says_what_was_meant_where_another_answers(
    tmp_path: Path, variable: str, meant: str
) -> None:
    found = resolve(machine(tmp_path, {variable: "x"}))
    assert found.require().name == "catalogue"
    assert len(found.notices) == 1 and f"{variable} is set but not read (did you mean {meant}?)" in said(
        found
    )


@pytest.mark.parametrize("variable", ["NUCLIA_READER_KEY", "NUCLIA_TOKEN", "NUCLIA_APIKEY"])
def test_the_same_in_a_projects_env_file_names_its_line(tmp_path: Path, variable: str) -> None:
    found = resolve(machine(tmp_path, {}, f"# ours\nexport {variable}=x\n"))
    assert f"{variable} in {tmp_path}/repo/.env:2 is set but not read" in said(found)


def test_a_public_browser_key_is_called_so(tmp_path: Path) -> None:
    assert "a key there is public" in said(resolve(machine(tmp_path, {}, "VITE_NUCLIA_API_KEY=x\n")))


@pytest.mark.parametrize(
    ("variables", "dotenv"),
    [
        ({"NUCLIA_LOG_LEVEL": "debug", "NUCLIADB_ENV": "x", "NUA_ZONE": "europe-1"}, ""),
        ({"ARAG_API_KEY": "sk-1", "ARAG_BASE_URL": "https://api.openai.com/v1"}, ""),
        ({"NUCLIACTL_COMMAND_CHAIN": "a", "NUCLIACTL_OUTPUT": "json", "NUCLIA_ACCOUNT": "a"}, ""),
        ({"SANDBOX_KB_URL": KB, "OTHER_API_KEY": "x", "NUCLIA_APIKEY": ""}, ""),
        (
            {"MYAPP_NUCLIA_API_KEY": "x", "EXTERNAL_NUCLIADB_URL": KB, "NUCLIA_HOST": "n", "NUANCE_KEY": "x"},
            "",
        ),
        ({"ARAG_BASE_URL": "https://europe-1.dp.progress.cloud", "ARAG_MODEL": "m"}, ""),
        ({"ARAG_URL": "https://progress.cloud.evil.example", "ARAG_KEY": "x"}, ""),
        ({}, "ARAG_BASE_URL=https://api.openai.com/v1\nARAG_API_KEY=sk-1\n"),
        ({"NUCLIA_READER_KEY": "x", "NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": "k"}, ""),
        ({}, "OTHER_API_KEY=x\n# NUCLIA_APIKEY=x\nTEXT='see NUCLIA_APIKEY=x'\n"),
    ],
)
def test_nothing_is_said_of_what_concerns_nobody(
    tmp_path: Path, variables: dict[str, str], dotenv: str
) -> None:
    assert resolve(machine(tmp_path, variables, dotenv)).notices == ()


def test_a_missing_half_names_what_was_probably_meant_as_it(tmp_path: Path) -> None:
    found = resolve(machine(tmp_path, {"NUCLIA_KB_URL": KB, "NUCLIA_APIKEY": "x"}))
    assert found.error is not None and found.error.exit_code == 4
    assert "there is no NUCLIA_API_KEY" in found.error.message
    assert "NUCLIA_APIKEY is set but not read (did you mean NUCLIA_API_KEY?)" in (found.error.hint or "")


@pytest.mark.parametrize(
    ("variables", "lines"),
    [
        (
            {"NUCLIA_API_KEY": "x", "NUCLIA_ZONE": "europe-1", "NUCLIA_KNOWLEDGE_BOX_ID": "x"},
            ["NUCLIA_KNOWLEDGE_BOX_ID is set but not read (did you mean NUCLIA_KBID?)"],
        ),
        (
            {"NUCLIA_API_KEY": "x", "NUCLIA_ENDPOINT": KB},
            ["NUCLIA_ENDPOINT is set but not read (did you mean NUCLIA_KB_URL?)"],
        ),
        (
            {"NUCLIA_KB_URL": KB, "MYAPP_NUCLIA_API_KEY": "x"},
            ["MYAPP_NUCLIA_API_KEY is set but not read (did you mean NUCLIA_API_KEY?)"],
        ),
        ({"NUCLIA_API_KEY": "x", "NUCLIA_KB_URL_FILE": "/x"}, ["NUCLIA_KB_URL_FILE", "only a secret is"]),
        (
            {"ARAG_BASE_URL": KB.partition("/api")[0], "ARAG_API_KEY": "x"},
            ["ARAG_BASE_URL is set but not read: it counts only beside ARAG_KB_ID"],
        ),
    ],
)
def test_a_missing_half_names_all_that_may_be_it(
    tmp_path: Path, variables: dict[str, str], lines: list[str]
) -> None:
    for number, (process, dotenv) in enumerate(
        ((variables, ""), ({}, "".join(f"{k}={v}\n" for k, v in variables.items())))
    ):
        error = resolve(machine(tmp_path / str(number), process, dotenv)).error
        assert error is not None and error.exit_code == 4
        said_without_place = re.sub(r" in \S+/\.env:\d+", "", error.hint or "")
        assert all(line in said_without_place for line in lines), error.hint


def test_an_env_file_given_by_flag_names_what_it_holds_instead(home: Home) -> None:
    (home.work / "prod.env").write_text(f"NUCLIA_KB_URL={KB}\nNUCLIA_APIKEY=x\n")
    result = home.run("--env-file", "prod.env", "auth", "token", NUCLIA_TOKEN="t")
    assert result.code == 4 and "NUCLIA_APIKEY in" in result.err and "prod.env:2" in result.err, result
    assert "NUCLIA_TOKEN" not in result.err


@pytest.mark.parametrize("dotenv", [True, False])
def test_arag_names_are_ours_beside_an_address_of_nuclias(tmp_path: Path, dotenv: bool) -> None:
    """Another program's stay silent; these two would be somebody's key, and another account answers."""
    variables = {"ARAG_URL": KB, "ARAG_API_KEY": "x"}
    written = "".join(f"{k}='{v}'\n" for k, v in variables.items())
    found = resolve(machine(tmp_path, {} if dotenv else variables, written if dotenv else ""))
    assert found.require().name == "catalogue"
    assert "did you mean ARAG_KB_URL?" in said(found) and "ARAG_API_KEY" in said(found)


def test_a_token_beside_no_whole_url_is_said_and_another_account_not_silent(tmp_path: Path) -> None:
    found = resolve(machine(tmp_path, {}, "NUCLIA_URL=https://nuclia.cloud\nNUCLIA_API_TOKEN=x\n"))
    assert found.require().name == "catalogue"
    assert "NUCLIA_API_TOKEN in" in said(found) and "a NUCLIA_URL that is a whole" in said(found)


def test_the_values_are_never_repeated(tmp_path: Path) -> None:
    variables = {"NUCLIA_APIKEY": "CANARY-1", "NUCLIACTL_PROFILE": "CANARY-2", "NUCLIA_KB_URL": KB}
    found = resolve(machine(tmp_path, variables, "NUCLIA_READER_KEY=CANARY-3\n"))
    assert "CANARY" not in said(found)


def test_empty_variables_count_as_unset_and_are_named_where_nothing_else_answers(tmp_path: Path) -> None:
    empty = {"NUCLIA_KB_URL": "", "NUCLIA_API_KEY": "", "NUCLIA_USER_TOKEN_FILE": ""}
    assert resolve(machine(tmp_path, empty)).require().name == "catalogue"
    found = resolve(machine(tmp_path / "bare", empty, stored=False))
    assert found.error is not None and found.error.exit_code == 4 and "fork" in (found.error.hint or "")
    assert all(name in found.error.message for name in empty)


def test_explain_lists_all_of_them(home: Home) -> None:
    result = home.run("explain", NUCLIA_LOG_LEVEL="x", NUCLIACTL_PROFILE="acme", NUCLIA_TOKEN="t")
    for variable in ("NUCLIA_LOG_LEVEL", "NUCLIACTL_PROFILE", "NUCLIA_TOKEN"):
        assert f"{variable} is set but not read" in result.out + result.err


def test_a_variable_that_names_a_profile_is_said_by_current(home: Home) -> None:
    home.define("catalogue", STORED)
    home.define("handbook", STORED)
    home.run("use", "handbook")
    result = home.run("current", NUCLIA_CUSTOMER="catalogue")
    assert result.out == "handbook\n" and "NUCLIA_CUSTOMER is set but not read" in result.err
