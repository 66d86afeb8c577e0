"""Profiles leave as documents and come back, and go into the official client's own file."""

import base64
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from support import Home

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-4333-8444-555555555555"


def jwt(**claims: str) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln"


NUA = jwt(iss="https://europe-1.dp.progress.cloud/", sub="client-1")
NASTY = [
    "a'b", 'a"b', "a\\b", "a\\\\b", "ends\\", "a$HOME", "a#b", "a #b", "a b  c", "${X}y", "%41", "!x", "-x", "--x=y",
    "=x", "a=b", "@format x", "1e5", "true", "a`b`", "it''s", "'a", "a'", "\"a", "x\\'y", "[a]", "{a}", "a,b",
    "key\\n", "~", "a;b|c&d", "x" * 8192,
]  # fmt: skip


def add(home: Home, name: str, secret: str) -> None:
    result = home.run("auth", "kb", KB, "-", "--name", name, "--no-validate", stdin=secret)
    assert result.code == 0, result.err


def all_kinds(home: Home) -> None:
    add(home, "acme", "acme-key")
    for words, secret in {
        ("auth", "personal_token", "-", "--name", "pat"): "pat-token",
        ("auth", "set_user_token", "-", "--name", "me"): "user-token",
        ("auth", "nua", "-", "--name", "acme-nua"): NUA,
        ("auth", "agent", "europe-1", "acc-1", "agent-1", "-", "--name", "helper"): "agent-key",
    }.items():
        result = home.run(*words, "--no-validate", stdin=secret)
        assert result.code == 0, result.err
    assert home.run("profile", "set", "acme-nua", "account=acc-1").code == 0
    home.define("local", 'kind = "nucliadb"\nurl = "http://localhost:8080"\n')
    home.define("open", f'kind = "kb"\nurl = "{KB}"\npublic = true\n')
    home.define("roles", 'kind = "kb"\nurl = "http://127.0.0.1:9/api/v1/kb/k"\nroles = ["READER"]\n')


KINDS = ("acme", "pat", "me", "acme-nua", "helper", "local", "open", "roles")
SECRETS = ("acme-key", "pat-token", "user-token", NUA, "agent-key")


@pytest.fixture
def other(tmp_path: Path) -> Home:
    return Home(tmp_path / "other")


@pytest.mark.parametrize("form", ["toml", "json"])
def test_every_kind_goes_and_comes_back(home: Home, other: Home, form: str) -> None:
    all_kinds(home)
    exported = home.run("profile", "export", *KINDS, "--with-secrets", "-o", form)
    assert exported.code == 0 and all(secret in exported.out for secret in SECRETS)
    assert not any(secret in exported.err for secret in SECRETS)
    assert other.run("profile", "import", "-", stdin=exported.out).code == 0
    mine, theirs = home.files(), other.files()
    del mine["active.json"]
    assert theirs.keys() == mine.keys() and "active.json" not in theirs
    for path in mine:
        if path.endswith(".toml"):
            assert theirs[path] == mine[path]
    for name in ("acme", "pat", "me", "acme-nua", "helper"):
        assert (
            other.run("auth", "token", "--profile", name).out
            == home.run("auth", "token", "--profile", name).out
        )
        assert stat.S_IMODE((other.store / f"credentials/{name}.json").stat().st_mode) == 0o600
    again = other.run("profile", "import", "-", stdin=exported.out)
    assert again.code == 0 and again.err.count("unchanged") == len(KINDS)
    assert other.files() == theirs
    assert home.run("profile", "import", "-", stdin=exported.out).err.count("unchanged") == len(KINDS)
    assert {**home.files(), "active.json": b""} == {**mine, "active.json": b""}


def test_a_document_has_no_secret_unless_it_is_asked_for(home: Home, other: Home) -> None:
    all_kinds(home)
    home.define("inline", f'kind = "kb"\nurl = "{KB}"\napi_key = "inline-key"\n')
    for form in ("toml", "json"):
        exported = home.run("profile", "export", *KINDS, "inline", "-o", form)
        assert exported.code == 0
        assert not any(secret in exported.out + exported.err for secret in (*SECRETS, "inline-key"))
        assert exported.err.count("--with-secrets") == 6
    assert (
        other.run("profile", "import", "-", stdin=exported.out).err.count("has no secret yet: nucliactl auth")
        == 6
    )
    before = home.files()
    assert home.run("profile", "import", "-", stdin=exported.out).code == 0
    assert home.files() == before  # what it does not say stays


@pytest.mark.parametrize("form", ["toml", "json", "dotenv"])
def test_nasty_secrets_come_back_byte_for_byte_or_are_refused(home: Home, other: Home, form: str) -> None:
    refused = []
    for number, secret in enumerate(NASTY):
        document = {"profiles": {"p": {"kind": "kb", "url": KB, "api_key": secret}}}
        made = home.run("profile", "import", "-", "--force", stdin=json.dumps(document))
        if made.code == 4:  # recognisably no secret
            continue
        assert made.code == 0, made.err
        exported = home.run("profile", "export", "p", "--with-secrets", "-o", form)
        if exported.code == 2:
            refused.append(secret)
            assert form == "dotenv" and exported.out == ""
            continue
        name = f"p{number}"
        assert other.run("profile", "import", "-", "--name", name, stdin=exported.out).code == 0
        assert other.run("auth", "token", "--profile", name).out == secret + "\n"
    assert refused == []


def test_a_dotenv_goes_and_comes_back(home: Home, other: Home) -> None:
    all_kinds(home)
    for name in KINDS:
        exported = home.run("profile", "export", name, "--with-secrets", "-o", "dotenv")
        if name == "roles":  # a .env would claim them all
            assert exported.code == 2 and exported.out == ""
            continue
        assert exported.code == 0, exported.err
        (other.work / "x.env").write_text(exported.out)
        assert other.run("profile", "import", "x.env").code == 0
        assert other.run("current", "-o", "json", "--profile", name).json["name"] == name
        assert f"unchanged {name}" in other.run("profile", "import", "x.env").err
        if name not in ("local", "open", "roles"):
            assert (
                other.run("auth", "token", "--profile", name).out
                == home.run("auth", "token", "--profile", name).out
            )
    two = home.run("profile", "export", "acme", "acme-nua", "--with-secrets", "-o", "dotenv")
    assert {"acme-key", NUA} <= set(two.out.replace("=", "\n").split()) | {NUA} and two.code == 0
    clash = home.run("profile", "export", "acme", "open", "--with-secrets", "-o", "dotenv")
    assert clash.code == 0 or (clash.code == 2 and clash.out == "")


def test_references_are_carried_and_said(home: Home, other: Home, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("file-key")
    home.define("by-file", f'kind = "kb"\nurl = "{KB}"\napi_key_file = "{key}"\n')
    home.define("by-variable", f'kind = "kb"\nurl = "{KB}"\napi_key_env = "NUCLIA_MINE"\n')
    home.define("by-command", f'kind = "kb"\nurl = "{KB}"\napi_key_command = ["/bin/echo", "from-it"]\n')
    home.define("base", f'kind = "kb"\nurl = "{KB}"\ntimeout = 7\n')
    home.define("child", f'kind = "kb"\nurl = "{KB}"\nextends = "base"\npublic = true\n')
    exported = home.run("profile", "export", "by-file", "by-variable", "--with-secrets")
    assert str(key) in exported.out and "NUCLIA_MINE" in exported.out and "file-key" not in exported.out
    assert "api_key_file says where it is" in exported.err
    assert other.run("profile", "import", "-", stdin=exported.out).code == 0
    assert other.run("auth", "token", "--profile", "by-file").out == "file-key\n"
    command = home.run("profile", "export", "by-command").out
    refused = other.run("profile", "import", "-", stdin=command)
    assert refused.code == 6 and "--allow-commands" in refused.err
    assert other.run("profile", "import", "-", "--allow-commands", stdin=command).code == 0
    assert other.run("auth", "token", "--profile", "by-command").out == "from-it\n"
    child = home.run("profile", "export", "child")
    assert "name base too" in child.err
    assert other.run("profile", "import", "-", stdin=child.out).code == 2
    both = home.run("profile", "export", "child", "base").out
    assert other.run("profile", "import", "-", stdin=both).code == 0
    stolen = exported.out.replace("europe-1.dp.progress.cloud", "evil.example")
    assert other.run("profile", "import", "-", "--force", stdin=stolen).code == 6
    dotenv = home.run("profile", "export", "by-file", "--with-secrets", "-o", "dotenv")
    assert "NUCLIA_API_KEY=file-key\n" in dotenv.out


def with_box(key: str, value: str) -> str:
    return json.dumps({"profiles": {"a": {"kind": "kb", "url": KB, key: value}}})


BAD = {
    "": 7, "{": 7, "[profiles.a": 7, "x = 1": 7, '{"profiles": []}': 7, '{"profiles": {"a": 1}}': 7,
    '{"version": 2, "profiles": {"a": {"kind": "kb"}}}': 7, '{"profiles": {"a": {}, "a": {}}}': 7,
    '{"profiles": {"A B": {"kind": "kb"}}}': 2, '{"profiles": {"none": {"kind": "kb"}}}': 2,
    '{"profiles": {"a": {"kind": "cloud"}}}': 2, '{"profiles": {"a": {"kind": "kb"}}}': 2,
    '{"profiles": {"a": {"kind": "kb", "url": "http://evil.example/api/v1/kb/x", "api_key": "s3cret"}}}': 2,
    with_box('api_key', "s3cr\aet"): 2,
    with_box('api_key', '****abcd'): 4,
    with_box('session', 'nobody'): 2,
    "NUCLIA_API_KEY=s3cret\n": 4, "NUCLIA_PROFILE=x\n": 1, "NUCLIA_API_KEY='s3cret\n": 7,
}  # fmt: skip


@pytest.mark.parametrize(("text", "code"), BAD.items())
def test_bad_documents_change_nothing(home: Home, text: str, code: int) -> None:
    result = home.run("profile", "import", "-", stdin=text)
    assert result.code == code, result.err
    assert "s3cr" not in result.err and result.out == "" and len(result.err.splitlines()) > 1
    assert home.files() == {}


def test_one_bad_profile_stops_all_of_them(home: Home) -> None:
    good = {"kind": "kb", "url": KB, "api_key": "k"}
    text = json.dumps({"profiles": {"a": good, "b": {**good, "url": "nonsense"}}})
    assert home.run("profile", "import", "-", stdin=text).code == 2
    assert home.files() == {}


def test_a_name_of_another_identity_and_a_session_are_not_replaced(home: Home) -> None:
    add(home, "acme", "acme-key")
    other = json.dumps(
        {"profiles": {"acme": {"kind": "kb", "url": KB.replace("1111", "2222"), "api_key": "k"}}}
    )
    assert home.run("profile", "import", "-", stdin=other).code == 3
    assert home.run("auth", "token", "--profile", "acme").out == "acme-key\n"
    assert home.run("profile", "import", "-", "--force", stdin=other).code == 0
    assert home.run("auth", "token", "--profile", "acme").out == "k\n"
    home.define("me", 'kind = "user"\n')
    session = {
        "version": 1, "kind": "user", "access_token": "at", "refresh_token": "rt-secret", "issued_at": 1,
        "expires_at": 4000000000, "login_required": False,
        "origins": ["https://accounts.progress.cloud", "https://oauth.progress.cloud", "https://*.dp.progress.cloud"],
    }  # fmt: skip
    path = home.store / "credentials/me.json"
    path.write_text(json.dumps(session))
    path.chmod(0o600)
    exported = home.run("profile", "export", "me", "--with-secrets")
    assert 'token = "at"' in exported.out and "rt-secret" not in exported.out
    assert "unchanged me" in home.run("profile", "import", "-", stdin=exported.out).err
    newer = exported.out.replace('"at"', '"other-token"')
    assert home.run("profile", "import", "-", stdin=newer).code == 3
    assert json.loads(path.read_text()) == session


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


def test_a_relative_path_begins_where_the_document_is(home: Home) -> None:
    folder = home.work / "docs"
    folder.mkdir()
    (folder / "key").write_text("by-path")
    (folder / "acme.toml").write_text(f'kind = "kb"\nurl = "{KB}"\napi_key_file = "key"\n')
    assert home.run("profile", "import", "docs/acme.toml").code == 0
    assert home.run("auth", "token", "--profile", "acme").out == "by-path\n"
    text = (folder / "acme.toml").read_text()
    assert home.run("profile", "import", "-", "--name", "other", stdin=text).code == 2


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
