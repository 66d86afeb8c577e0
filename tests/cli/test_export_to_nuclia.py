"""Profiles go into the official client's own file."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from every_kind import KB, KINDS, NUA, add, all_kinds
from support import Home


def official(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home.path / ".nuclia/config").read_text())
    return found


def test_the_official_file_holds_every_kind(home: Home) -> None:
    all_kinds(home)
    assert home.run("profile", "export", "--to-nuclia", *KINDS).code == 0
    found = official(home)
    assert [row["region"] for row in found["kbs_token"]] == ["europe-1", None]
    assert found["kbs_token"][0] == {
        "id": KB.rsplit("/", 1)[1], "url": KB, "token": "acme-key", "region": "europe-1", "slug": None,
        "title": None, "account": None, "origin": "https://europe-1.dp.progress.cloud",
    }  # fmt: skip
    nua, agent = found["nuas_token"][0], found["agents_token"][0]
    assert (nua["client_id"], nua["account"], nua["token"]) == ("client-1", "acc-1", NUA)
    assert (agent["id"], agent["region"], agent["token"]) == ("agent-1", "europe-1", "agent-key")
    assert found["default"]["agent_id"] == "agent-1" and found["default"]["nua"] == "client-1"
    assert found["default"]["nucliadb"] == "http://localhost:8080" and found["token"] == "pat-token"
    assert not [key for key, value in found.items() if value is None and key.endswith("s")]
    assert stat.S_IMODE((home.path / ".nuclia/config").stat().st_mode) == 0o600
    assert home.run("list").code == 0


def test_a_nua_key_without_its_account_says_what_to_do(home: Home) -> None:
    assert home.run("auth", "nua", "-", "--name", "n", "--no-validate", stdin=NUA).code == 0
    refused = home.run("profile", "export", "--to-nuclia")
    assert refused.code == 4 and "nucliactl profile set n account=ID" in refused.err
    assert not (home.path / ".nuclia").exists()


@pytest.mark.parametrize(
    "text", ["{not json", "[]", '{"kbs_token": {}}', '{"kbs_token": [1]}', '{"default": []}', '"x"', "nul\0"]
)
def test_a_damaged_official_file_is_left_as_it_is(home: Home, text: str) -> None:
    add(home, "acme", "acme-key")
    path = home.path / ".nuclia/config"
    path.parent.mkdir()
    path.write_text(text)
    result = home.run("profile", "export", "--to-nuclia")
    assert result.code == 7 and str(path) in result.err and "acme-key" not in result.err
    assert path.read_text() == text and list(path.parent.iterdir()) == [path]


def test_a_session_goes_as_its_access_token_only_and_replaces_a_foreign_one(home: Home) -> None:
    home.define("me", 'kind = "user"\nzone = "europe-1"\n')
    add(home, "acme", "acme-key")
    path = home.path / ".nuclia/config"
    path.parent.mkdir()
    theirs = {"token": "old", "refresh_token": "their-refresh", "token_expires_at": 1.5, "accounts": None}
    path.write_text(json.dumps(theirs))
    assert home.run("auth", "set_user_token", "-", "--name", "me", "--no-validate", stdin="at").code == 0
    assert home.run("use", "acme").code == 0
    said = home.run("profile", "export", "--to-nuclia")
    assert said.code == 0 and "me was left out" in said.err
    assert official(home)["refresh_token"] == "their-refresh" and official(home)["token"] == "old"
    said = home.run("profile", "export", "--to-nuclia", "me")
    assert "nuclia auth login" in said.err
    found = official(home)
    assert (found["token"], found["refresh_token"], found["token_expires_at"]) == ("at", None, None)
    assert found["default"]["zone"] == "europe-1" and found["accounts"] == []


def test_another_file_a_link_and_what_goes_with_what(home: Home, tmp_path: Path) -> None:
    add(home, "acme", "acme-key")
    target = tmp_path / "target.json"
    target.write_text('{"mine": 1}')
    target.chmod(0o644)
    link = home.work / "link.json"
    link.symlink_to(target)
    assert home.run("profile", "export", "--to-nuclia", "--file", "link.json", "-o", "json").json[
        "profiles"
    ] == [{"name": "acme", "kind": "kb"}]
    assert link.is_symlink() and json.loads(target.read_text())["mine"] == 1
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert not (home.path / ".nuclia").exists()
    for words, code in {
        ("--file", "x", "acme"): 2, (): 2, ("nobody",): 3, ("--to-nuclia", "-o", "toml"): 2,
        ("--to-nuclia", "--file", ""): 2, ("--to-nuclia", "--file", "."): 2, ("-o", "table", "acme"): 2,
        ("env",): 2,
    }.items():  # fmt: skip
        result = home.run("profile", "export", *words)
        assert (result.code, result.out) == (code, ""), (words, result.err)


def test_what_another_kind_lacks_does_not_stop_the_active_profile(home: Home) -> None:
    assert home.run("auth", "nua", "-", "--name", "n", "--no-validate", stdin=NUA).code == 0
    home.define("a", 'kind = "agent"\nzone = "europe-1"\nagent = "x"\n')
    add(home, "acme", "acme-key")
    said = home.run("profile", "export", "--to-nuclia")
    assert said.code == 0 and said.err.count("left out") == 2, said.err
    assert official(home)["default"]["kbid"] and not official(home)["nuas_token"]


def test_what_the_file_knows_beside_ours_stays(home: Home) -> None:
    add(home, "acme", "acme-key")
    path = home.path / ".nuclia/config"
    path.parent.mkdir()
    row = {"id": KB.rsplit("/", 1)[1], "url": "https://old", "token": "old", "slug": "s", "colour": 1}
    path.write_text(
        json.dumps({"kbs_token": [{"id": "z"}, row, row], "new": [None], "default": {"zone": "z"}})
    )
    assert home.run("profile", "export", "--to-nuclia").code == 0
    found = official(home)
    assert [one["id"] for one in found["kbs_token"]] == ["z", row["id"]] and found["new"] == [None]
    assert {key: found["kbs_token"][1][key] for key in ("slug", "colour", "token")} == {
        "slug": "s",
        "colour": 1,
        "token": "acme-key",
    }
    assert found["default"] == {"zone": "z", "kbid": row["id"]}


def test_exports_at_once_lose_nothing_of_each_other(home: Home) -> None:
    for number in range(6):
        url = KB.replace("5555", f"000{number}")
        words = ("auth", "kb", url, "-", "--name", f"box-{number}", "--no-validate")
        assert home.run(*words, stdin=f"key-{number}").code == 0
    with ThreadPoolExecutor() as pool:
        words = [("profile", "export", "--to-nuclia", f"box-{number}") for number in range(6)]
        assert {result.code for result in pool.map(lambda one: home.process(*one), words)} == {0}
    assert sorted(row["token"] for row in official(home)["kbs_token"]) == [f"key-{n}" for n in range(6)]
    assert [path.name for path in (home.path / ".nuclia").iterdir()] == ["config"]


def test_two_keys_of_one_box_and_two_users_cannot_both_be_the_clients(home: Home) -> None:
    all_kinds(home)
    add(home, "acme-write", "write-key")
    said = home.run("profile", "export", "--to-nuclia", "acme", "acme-write", "pat", "me")
    assert said.code == 0 and said.err.count("left out") == 2
    assert [row["token"] for row in official(home)["kbs_token"]] == ["write-key"]  # it is the current one


def test_the_environments_own_credential_is_handed_over_too(home: Home) -> None:
    variables = {"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": "of-a-variable"}
    assert home.run("profile", "export", "--to-nuclia", **variables).code == 0
    assert official(home)["kbs_token"][0]["token"] == "of-a-variable"


def test_what_cannot_be_written_leaves_the_file_and_says_so(home: Home) -> None:
    add(home, "acme", "acme-key")
    for file, code in {"/dev/full": 7, "/proc/none/config": 1, "config/x": 1}.items():
        (home.work / "config").touch()
        result = home.run("profile", "export", "--to-nuclia", "--file", file)
        assert result.code == code and file.split("/")[1] in result.err and "acme-key" not in result.err
    assert "as it was" in result.err and (home.work / "config").read_bytes() == b""


def test_what_was_chosen_together_is_the_clients_default(home: Home) -> None:
    """And not a Knowledge Box that was used before."""
    all_kinds(home)
    home.define("local", 'kind = "nucliadb"\nurl = "http://localhost:8080"\nkb = "b0c"\n')
    for names in ("acme", "acme-nua,local"):
        assert home.run("use", names).code == 0
    assert home.run("profile", "export", "--to-nuclia").code == 0
    assert official(home)["default"]["kbid"] == "b0c"
    assert {row["id"] for row in official(home)["kbs_token"]} == {"b0c", KB.rsplit("/", 1)[1]}
    assert home.run("use", "acme-nua,acme").code == 0
    assert home.run("profile", "export", "--to-nuclia").code == 0
    assert official(home)["default"]["kbid"] == KB.rsplit("/", 1)[1]


def test_a_box_on_a_session_hands_over_the_sessions_token(home: Home) -> None:
    assert home.run("auth", "set_user_token", "-", "--name", "me", "--no-validate", stdin="at").code == 0
    home.define("box", f'kind = "kb"\nurl = "{KB}"\nsession = "me"\n')
    assert home.run("use", "box").code == 0
    said = home.run("profile", "export", "--to-nuclia")
    assert said.code == 0 and "left out" not in said.err
    row = official(home)["kbs_token"][0]
    assert (official(home)["token"], row["token"], row["region"]) == ("at", None, "europe-1")
