"""The official client's file (rank 6), in every generation and state."""

import json

import pytest
from support import Home

KEY = "official-key"
BOX = {
    "id": "k1",
    "url": "https://europe-1.nuclia.cloud/api/v1/kb/k1",
    "title": "T",
    "slug": None,
    "token": KEY,
    "region": "europe-1",
}


def official(home: Home, **found: object) -> None:
    path = home.path / ".nuclia/config"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"accounts": None, "kbs": None, **found}))


def test_it_is_the_last_resort_and_needs_no_store(home: Home) -> None:
    official(home, kbs_token=[BOX], default={"kbid": "k1"}, token="user-token", refresh_token="r")
    assert home.run("current").out == "nuclia:kb\n"
    assert home.run("auth", "token").out == KEY + "\n"
    code = "import nucliactl; print(nucliactl.resolve(kind='user').name)"
    assert home.python(code).out == "nuclia:user\n"
    home.define("p", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.run("use", "p")
    assert home.run("current").out == "p\n"
    assert [r["name"] for r in home.run("list", "-o", "json").json] == ["p", "nuclia:kb", "nuclia:user"]


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ({"kbs_token": [BOX], "default": {"kbid": "other"}, "nuas_token": []}, None),
        ({"kbs_token": None, "agents_token": None, "default": None}, None),
        ({}, None),
        ({"token": "t"}, "nuclia:user"),
        ({"default": {"nucliadb": "http://localhost:8080"}}, "nuclia:nucliadb"),
        ({"kbs_token": [{**BOX, "token": None, "region": None, "url": "http://127.0.0.1:8080/api/v1/kb/k1", "region ": "127"}], "default": {"kbid": "k1"}}, "nuclia:kb"),
        ({"kbs_token": [{**BOX, "token": None}], "default": {"kbid": "k1"}, "token": "t"}, "nuclia:user"),
        ({"kbs_token": ["x", 7, {}], "nuas_token": [{"client_id": "c", "token": "x"}], "default": {"nua": "c"}}, None),
        ({"kbs_token": [{**BOX, "url": "https://progress.cloud.evil.example/api/v1/kb/k1"}], "default": {"kbid": "k1"}}, "nuclia:kb"),
    ],
)  # fmt: skip
def test_generations_and_odd_states(home: Home, found: dict[str, object], name: str | None) -> None:
    official(home, **found)
    result = home.run("current")
    assert (result.code, result.out) == ((0, f"{name}\n") if name else (4, "")), result
    assert home.run("explain").code == home.run("list").code == 0


def test_a_damaged_file_of_theirs_is_named_and_hurts_nothing_above(home: Home) -> None:
    (home.path / ".nuclia").mkdir()
    (home.path / ".nuclia/config").write_text("{")
    assert home.run("current").code == 7
    assert home.run("list").code == 0
    assert home.run("current", NUCLIA_USER_TOKEN="t").out == "env\n"


def test_importing_takes_the_access_token_alone(home: Home) -> None:
    official(
        home,
        kbs_token=[BOX, {**BOX, "id": "k2", "url": BOX["url"][:-1] + "2", "token": None}],
        token="t",
        refresh_token="r",
    )
    result = home.run("profile", "import", "--from-nuclia")
    assert "imported 2 of 3" in result.err and "left out" in result.err
    session = json.loads((home.store / "credentials/user.json").read_text())
    assert session["access_token"] == "t" and session["refresh_token"] is None
    assert home.run("list", "-o", "name").out.split()[:2] == ["t", "user"]
    assert home.run("profile", "import").code == 2


def test_its_defaults_can_be_named(home: Home) -> None:
    official(home, kbs_token=[BOX], default={"kbid": "k1"}, token="user-token")
    home.define("p", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.run("use", "p")
    assert home.run("--profile", "nuclia:user", "auth", "token").out == "user-token\n"
    assert home.run("current", NUCLIA_PROFILE="nuclia:kb").out == "nuclia:kb\n"
    assert home.run("profile", "show", "nuclia:kb", "-o", "json").json["name"] == "nuclia:kb"
    result = home.run("--profile", "nuclia:nua", "current")
    assert result.code == 3 and "no such default" in result.err
    assert home.run("use", "nuclia:kb").code == 2


def test_importing_nothing_is_no_success(home: Home) -> None:
    result = home.run("profile", "import", "--from-nuclia")
    assert result.code == 1 and "nothing to import" in result.err
    official(home, kbs_token=[{**BOX, "token": None}])
    assert home.run("profile", "import", "--from-nuclia").code == 1


@pytest.mark.parametrize("variable", ["NUCLIA_DOMAIN", "BASE_NUCLIA_DOMAIN", "NUCLIA_GLOBAL_URL"])
def test_its_token_goes_to_its_own_domain_only(home: Home, variable: str) -> None:
    official(home, token="user-token")
    value = "https://evil.example" if variable.endswith("URL") else "evil.example"
    shown = home.run("profile", "show", "nuclia:user", "-o", "json", **{variable: value}).json
    assert all(origin.endswith("progress.cloud") for origin in shown["origins"])
