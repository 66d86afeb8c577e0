"""Profiles leave as documents and come back."""

import json
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
from every_kind import KB, KINDS, NUA, SECRETS, add, all_kinds, jwt
from support import COMMAND, Home

NASTY = [
    "a'b", 'a"b', "a\\b", "a\\\\b", "ends\\", "a$HOME", "a#b", "a #b", "a b  c", "${X}y", "%41", "!x", "-x", "--x=y",
    "=x", "a=b", "@format x", "1e5", "true", "a`b`", "it''s", "'a", "a'", "\"a", "x\\'y", "[a]", "{a}", "a,b",
    "key\\n", "~", "a;b|c&d", "x" * 8192,
]  # fmt: skip


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


def nested(levels: int) -> Any:
    return [nested(levels - 1)] if levels else 1


def with_box(key: str, value: Any) -> str:
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
    with_box('title', "\ud800"): 7, with_box('api_key', "s3cr\ud800et"): 7,
    with_box('mine', None): 7, with_box('mine', [{"deep": None}]): 7,
    with_box('mine', nested(30)): 7, with_box('mine', nested(900)): 7,
    with_box('domain', 'evil.example'): 6,
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


def test_a_relative_path_begins_where_the_document_is(home: Home) -> None:
    folder = home.work / "docs"
    folder.mkdir()
    (folder / "key").write_text("by-path")
    (folder / "acme.toml").write_text(f'kind = "kb"\nurl = "{KB}"\napi_key_file = "key"\n')
    assert home.run("profile", "import", "docs/acme.toml").code == 0
    assert home.run("auth", "token", "--profile", "acme").out == "by-path\n"
    text = (folder / "acme.toml").read_text()
    assert home.run("profile", "import", "-", "--name", "other", stdin=text).code == 2


def test_the_words_of_the_official_file_come_with_what_is_imported(home: Home) -> None:
    path = home.path / ".nuclia/config"
    path.parent.mkdir()
    account = {"id": "acc-1", "slug": "acme-inc", "title": "Acme, Inc."}
    box = {
        "id": KB.rsplit("/", 1)[1],
        "url": KB,
        "slug": "handbook",
        "title": "Hand\x1b[31mbook",
        "token": "k",
    }
    key = {
        "client_id": "client-1",
        "account": "acc-1",
        "token": NUA,
        "region": "https://europe-1.dp.progress.cloud/",
    }
    rows = {"kbs_token": [{**box, "account": "acc-1", "region": "europe-1"}], "nuas_token": [key]}
    path.write_text(json.dumps({**rows, "accounts": [account], "default": {}}))
    assert home.run("profile", "import", "--from-nuclia").code == 0
    found = {row["name"]: row for row in home.run("list", "-o", "json").json}
    assert (found["handbook"]["title"], found["handbook"]["account_slug"]) == (
        "Hand\\x1b[31mbook",
        "acme-inc",
    )
    assert found["nua-client-1"]["account_slug"] == "acme-inc"
    assert "updated handbook" in home.run("profile", "import", "--from-nuclia").err


def test_a_dotenv_says_what_run_hands_over(home: Home, other: Home) -> None:
    """A domain, and the path of an issuer that is on no known host."""
    home.define(
        "old", f'kind = "kb"\nzone = "europe-1"\nkb = "{KB[-36:]}"\ndomain = "nuclia.cloud"\napi_key = "k"\n'
    )
    key = jwt(iss="https://nua.example.test/below", sub="client-2")
    home.define("nua", f'kind = "nua"\nissuer = "https://nua.example.test/below"\nnua_key = "{key}"\n')
    for name in ("old", "nua"):
        document = home.run("profile", "export", name, "--with-secrets", "-o", "dotenv")
        assert document.code == 0 and "cannot say" not in document.err
        (other.work / "x.env").write_text(document.out)
        for words in (["--env-file", "x.env"], ["--profile", name]):
            assert other.run("profile", "import", "x.env").code == 0
            once = other.process(*words, "run", "--", "env").out
            twice = other.process(*words, "run", "--", "nucliactl", "run", "env").out
            again = home.process("--profile", name, "run", "--", "env").out
            assert nuclias(once) == nuclias(twice) == nuclias(again)
        base = ("auth", "token", "-o", "json", "--query", "base_url")
        expected = home.run(*base, "--profile", name).out
        assert other.run(*base, "--profile", name).out == expected
        assert home.process("run", "--profile", name, "--", "nucliactl", *base).out == expected
        if name == "nua":
            assert expected == '"https://nua.example.test/below/api/v1"\n'


def nuclias(printed: str) -> set[str]:
    return {
        line
        for line in printed.splitlines()
        if "NUCLIA" in line.partition("=")[0] and "NUCLIACTL" not in line and "CONFIG_DIR" not in line
    }


def test_what_may_be_a_secret_by_its_name_is_left_out(home: Home) -> None:
    keys = {"api_kee": "s3cret-1", "nua_key": "s3cret-2", "token": "s3cret-3", "my_password": "s3cret-4"}
    home.define(
        "box",
        f'kind = "kb"\nurl = "{KB}"\nnote = "n"\napi_key = "k"\n'
        + "".join(f'{k} = "{v}"\n' for k, v in keys.items()),
    )
    for form in ("toml", "json"):
        exported = home.run("profile", "export", "box", "-o", form)
        assert exported.code == 0 and "s3cret" not in exported.out + exported.err and "note" in exported.out
        assert all(f"{key} is left out" in exported.err for key in keys)
        assert home.run("profile", "export", "box", "-o", form, "--with-secrets").out.count("s3cret") == 4


def test_a_document_is_utf8_whatever_the_locale_says(home: Home, other: Home) -> None:
    home.define("box", f'kind = "kb"\nurl = "{KB}"\ntitle = "Bücher"\napi_key = "k"\n')
    exported = home.process("profile", "export", "box", PYTHONIOENCODING="ascii")
    assert 'title = "Bücher"' in exported.out
    assert other.run("profile", "import", "-", stdin=exported.out).code == 0


@pytest.mark.parametrize(
    "words", [["profile", "import", "acme.toml"], ["profile", "export", "--to-nuclia", "acme"]]
)
def test_what_does_not_fit_on_the_disk_changes_nothing(home: Home, other: Home, words: list[str]) -> None:
    add(home, "acme", "acme-key" * 100)
    (other.work / "acme.toml").write_text(home.run("profile", "export", "acme", "--with-secrets").out)
    one = home if "--to-nuclia" in words else other
    file = one.path / ".nuclia/config"
    file.parent.mkdir()
    file.write_text('{"mine": 1}')
    before = one.files()
    code = (
        "import os, resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    result = one.program(sys.executable, "-c", code, COMMAND, *words)
    assert result.code == 1 and "File too large" in result.err and "acme-key" not in result.err + result.out
    assert one.files() == before and file.read_text() == '{"mine": 1}'
    assert [path.name for path in file.parent.iterdir()] == ["config"]


def test_a_full_disk_behind_standard_output_is_told(home: Home) -> None:
    add(home, "acme", "acme-key")
    result = home.program("sh", "-c", f"{COMMAND} profile export acme --with-secrets > /dev/full")
    assert result.code == 1 and "Standard output cannot be written" in result.err
