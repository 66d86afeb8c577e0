"""Credentials in environment variables: every spelling, halves, twins, and which kind is meant."""

import base64
import json
from pathlib import Path

import pytest

from nucliactl.errors import Ambiguous, Incomplete, NucliactlError
from nucliactl.model.fields import FIELDS, variables_read
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query
from nucliactl.sources.environment.candidate import Candidate
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import Environment, may_mean_ours
from nucliactl.sources.sources import sources_of

KB_URL = "https://europe-1.dp.progress.cloud/api/v1/kb/abc"


def nua(issuer: str = "https://europe-1.dp.progress.cloud/") -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


def offered(**variables: str) -> dict[str, Candidate]:
    return {offer.kind: offer for offer in candidates(Environment(variables))}


def one(**variables: str) -> Candidate:
    found = offered(**variables)
    assert len(found) == 1, found
    return next(iter(found.values()))


@pytest.mark.parametrize(
    ("variables", "kind", "target"),
    [
        ({"NUCLIA_USER_TOKEN": "t"}, "user", "progress.cloud"),
        ({"NUCLIA_USER_TOKEN": "t", "BASE_NUCLIA_DOMAIN": "rag.nuclia.cloud"}, "user", "nuclia.cloud"),
        ({"NUCLIA_PERSONAL_TOKEN": "t"}, "personal-token", "progress.cloud"),
        ({"NUCLIA_ACCOUNT_TOKEN": "t"}, "personal-token", "progress.cloud"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY": "k"}, "kb", KB_URL),
        ({"ARAG_KB_URL": KB_URL, "ARAG_API_KEY": "k"}, "kb", KB_URL),
        ({"NUCLIA_KB_URL": KB_URL + "/", "NUCLIA_SERVICEACCOUNT": "k"}, "kb", KB_URL),
        ({"NUCLIA_ZONE": "europe-1", "NUCLIA_KBID": "abc", "NUCLIA_API_KEY": "k"}, "kb", KB_URL),
        ({"NUCLIA_REGION": "europe-1", "NUCLIA_KB_UID": "abc", "NUCLIA_SERVICE_TOKEN": "k"}, "kb", KB_URL),
        ({"ARAG_ZONE": "europe-1", "ARAG_KB_ID": "abc", "ARAG_KB_TOKEN": "k"}, "kb", KB_URL),
        (
            {"NUCLIA_ZONE": "z", "NUCLIA_KBID": "abc", "NUCLIA_API_KEY": "k", "NUCLIA_DOMAIN": "nuclia.cloud"},
            "kb",
            "https://z.dp.nuclia.cloud/api/v1/kb/abc",
        ),
        (
            {"NUCLIA_API_URL": "https://europe-1.nuclia.cloud/api/v1", "NUCLIA_KB_ID": "abc", "NUCLIA_API_KEY": "k"},
            "kb",
            "https://europe-1.nuclia.cloud/api/v1/kb/abc",
        ),
        (
            {"NUCLIA_API_URL": "https://europe-1.nuclia.cloud", "NUCLIA_KB_ID": "abc", "NUCLIA_API_KEY": "k"},
            "kb",
            "https://europe-1.nuclia.cloud/api/v1/kb/abc",
        ),
        (
            {"NUCLIA_BASE_URL": "https://z.nuclia.cloud/api/v1", "NUCLIA_KBID": "abc", "NUCLIA_API_KEY": "k"},
            "kb",
            "https://z.nuclia.cloud/api/v1/kb/abc",
        ),
        (
            {"NUCLIA_API_URL": "https://rag.progress.cloud", "NUCLIA_ZONE": "europe-1", "NUCLIA_KBID": "abc", "NUCLIA_API_KEY": "k"},
            "kb",
            KB_URL,
        ),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_KB_PUBLIC": "1"}, "kb", KB_URL),
        ({"NUCLIA_KB_URL": "http://localhost:8080/api/v1/kb/abc"}, "kb", "http://localhost:8080/api/v1/kb/abc"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_ZONE": "other", "NUCLIA_KBID": "other", "NUCLIA_API_KEY": "k"}, "kb", KB_URL),
        ({"NUCLIA_NUA_KEY": nua()}, "nua", "https://europe-1.dp.progress.cloud"),
        ({"NUA_KEY": nua()}, "nua", "https://europe-1.dp.progress.cloud"),
        ({"NUCLIA_NUA_KEY": nua("http://127.0.0.1:9/")}, "nua", "http://127.0.0.1:9"),
        ({"ARAG_NUA_KEY": nua("https://p.example/"), "NUCLIA_NUA_ORIGIN": "https://p.example"}, "nua", "https://p.example"),
        ({"NUCLIADB_URL": "http://nucliadb:8080/api/v1/"}, "nucliadb", "http://nucliadb:8080"),
        ({"NUCLIA_BASE_URL": "http://localhost:8080/api/v1"}, "nucliadb", "http://localhost:8080"),
    ],
)  # fmt: skip
def test_complete_credentials_in_every_spelling(variables: dict[str, str], kind: str, target: str) -> None:
    offer = one(**variables)
    assert offer.problem is None and offer.definition is not None, offer.problem
    assert (offer.kind, offer.definition.target) == (kind, target)
    assert set(offer.variables) <= {*variables}


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"NUCLIA_ZONE": "europe-1"},
        {"NUCLIA_KBID": "abc"},
        {"NUCLIA_ACCOUNT": "a"},
        {"NUCLIA_API_URL": "https://europe-1.nuclia.cloud"},
        {"NUCLIA_TOKEN": "t"},
        {"ARAG_API_KEY": "somebody else's"},
        {"NUCLIA_USER_TOKEN": "", "NUCLIA_API_KEY": "", "NUCLIADB_URL": "", "NUCLIA_KB_URL": ""},
        {"NUCLIA_DOMAIN": "nuclia.cloud"},
    ],
)
def test_what_is_no_credential_at_all(variables: dict[str, str]) -> None:
    assert offered(**variables) == {}


@pytest.mark.parametrize(
    ("variables", "kind", "words"),
    [
        ({"NUCLIA_API_KEY": "k"}, "kb", "there is no NUCLIA_KB_URL"),
        ({"NUCLIA_API_KEY": "k", "NUCLIA_KBID": "abc"}, "kb", "NUCLIA_ZONE beside NUCLIA_KBID"),
        ({"NUCLIA_API_KEY": "k", "NUCLIA_ZONE": "z"}, "kb", "there is no NUCLIA_KBID"),
        ({"NUCLIA_KB_URL": KB_URL}, "kb", "there is no NUCLIA_API_KEY"),
        ({"NUCLIA_ZONE": "z", "NUCLIA_KBID": "abc"}, "kb", "there is no NUCLIA_API_KEY"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY": ""}, "kb", "NUCLIA_API_KEY is set but empty"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY_FILE": ""}, "kb", "NUCLIA_API_KEY_FILE is set but empty"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY_FILE": "/nowhere/x"}, "kb", "cannot be found"),
        ({"NUCLIA_USER_TOKEN_FILE": "/nowhere/x"}, "user", "cannot be found"),
        ({"NUCLIA_NUA_KEY_FILE": "/nowhere/x"}, "nua", "cannot be found"),
        ({"NUCLIA_KB_URL": "http://localhost/api/v1/kb/a", "NUCLIA_API_KEY": ""}, "kb", "set but empty"),
    ],
)
def test_half_a_credential_names_what_is_missing(variables: dict[str, str], kind: str, words: str) -> None:
    offer = one(**variables)
    assert offer.kind == kind and isinstance(offer.problem, Incomplete)
    assert words in offer.problem.message and offer.problem.hint


@pytest.mark.parametrize(
    ("variables", "kind"),
    [
        ({"NUCLIA_USER_TOKEN": "a", "NUCLIA_USER_TOKEN_FILE": "/x"}, "user"),
        ({"NUCLIA_PERSONAL_TOKEN": "a", "NUCLIA_ACCOUNT_TOKEN": "b"}, "personal-token"),
        ({"NUCLIA_KB_URL": KB_URL, "ARAG_KB_URL": KB_URL + "d", "NUCLIA_API_KEY": "k"}, "kb"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY": "k", "NUCLIA_SERVICEACCOUNT": "l"}, "kb"),
        ({"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY": "k", "NUCLIA_SERVICEACCOUNT_FILE": "/x"}, "kb"),
        ({"NUCLIADB_URL": "http://a", "NUCLIA_BASE_URL": "http://b"}, "nucliadb"),
    ],
)
def test_twins_and_spellings_that_differ_are_an_error_naming_both(
    variables: dict[str, str], kind: str
) -> None:
    problem = offered(**variables)[kind].problem
    assert isinstance(problem, Ambiguous)
    assert sum(name in problem.message for name in variables) == 2


def test_two_spellings_of_one_value_are_no_conflict() -> None:
    assert one(NUCLIA_PERSONAL_TOKEN="t", NUCLIA_ACCOUNT_TOKEN="t").problem is None
    assert one(NUCLIADB_URL="http://a:1/api", NUCLIA_BASE_URL="http://a:1/api/v1").problem is None


def test_a_file_twin_is_looked_at_and_not_opened(tmp_path: Path) -> None:
    secret = tmp_path / "s"
    secret.write_text("")
    assert isinstance(one(NUCLIA_USER_TOKEN_FILE=str(secret)).problem, Incomplete)
    secret.write_text("t\n")
    secret.chmod(0o000)
    assert one(NUCLIA_USER_TOKEN_FILE=str(secret)).problem is None
    secret.chmod(0o666)
    problem = one(NUCLIA_USER_TOKEN_FILE=str(secret)).problem
    assert problem is not None and problem.exit_code == 6
    assert one(NUCLIA_USER_TOKEN_FILE="relative").problem is not None


def test_every_declared_variable_of_a_secret_is_read() -> None:
    endpoints = {
        "kb": {"NUCLIA_KB_URL": KB_URL, "ARAG_KB_URL": KB_URL},
        "agent": {"NUCLIA_ARAG_BASE_URL": "https://z.dp.progress.cloud", "NUCLIA_ARAG_AGENT_ID": "a"},
    }
    for declared in FIELDS:
        if declared.secret:
            for variable in declared.variables:
                extra = endpoints.get(declared.kinds[0], {})
                offer = one(**{variable: nua(), **extra})
                assert offer.kind in declared.kinds and offer.definition is not None, variable


# -- which kind is meant -------------------------------------------------------------------------

TWO = {"NUCLIA_PERSONAL_TOKEN": "t", "NUCLIADB_URL": "http://localhost:8080"}


def chosen(variables: dict[str, str], *kinds: str) -> str | NucliactlError | None:
    found = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **variables}), Query(kinds))
    if found.choice and found.choice.definition:
        return found.choice.definition.kind
    return found.error


def test_two_kinds_need_a_word_and_any_of_three_will_do() -> None:
    assert isinstance(chosen(TWO), Ambiguous)
    assert chosen(TWO, "nucliadb") == "nucliadb"
    assert chosen(TWO, "nucliadb", "personal-token") == "nucliadb"
    assert chosen(TWO, "personal-token", "nucliadb") == "personal-token"
    assert chosen({**TWO, "NUCLIA_KIND": "nucliadb"}) == "nucliadb"
    assert chosen({**TWO, "NUCLIA_KIND": "nucliadb"}, "personal-token") == "personal-token"
    assert getattr(chosen({**TWO, "NUCLIA_KIND": "nope"}), "exit_code", 0) == 2


def test_half_of_another_kind_does_not_disturb_who_asks_for_one() -> None:
    variables = {"NUCLIA_API_KEY": "k", "NUCLIA_NUA_KEY": nua()}
    assert chosen(variables, "nua") == "nua"
    assert isinstance(chosen(variables), Incomplete)
    assert isinstance(chosen(variables, "kb"), Incomplete)
    assert chosen({**variables, "NUCLIA_KIND": "nua"}) == "nua"


def test_the_name_env_stands_for_the_environments_credential() -> None:
    variables = {"NUCLIA_KB_URL": KB_URL, "NUCLIA_API_KEY": "k", "NUCLIA_PROFILE": "env"}
    assert chosen(variables) == "kb"
    assert getattr(chosen({"NUCLIA_PROFILE": "env"}), "exit_code", 0) == 3
    assert getattr(chosen(variables, "nua"), "exit_code", 0) == 3


def test_the_first_look_at_an_environment_sees_every_variable_that_is_read() -> None:
    assert [variable for variable in variables_read() if not may_mean_ours([variable])] == []
