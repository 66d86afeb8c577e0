"""Pushing what others read, reading what others wrote, and handing one record to a program."""

import json

import pytest
from fleet.stores import HVAC, Redis, Server, Vault, by_hvac
from support import Home

KEY = "pushed-key-0123456789"


def saved(home: Home, name: str, key: str = KEY, box: str = "11111111-2222-3333-4444-555555555555") -> None:
    url = f"https://europe-1.dp.progress.cloud/api/v1/kb/{box}"
    words = ("auth", "kb", url, "-", "--name", name, "--no-validate", "--force")
    assert home.run(*words, stdin=key).code == 0


def push(home: Home, server: Server, *words: str) -> tuple[int, list[dict[str, object]], str]:
    given = {"NUCLIA_PROFILES_URL": server.address, **server.writer}
    result = home.run("profile", "push", *words, "-o", "json", **given)
    assert KEY not in result.out + result.err
    return result.code, json.loads(result.out) if result.out else [], result.err


def test_it_is_the_inverse_of_pull_and_says_what_it_changed(home: Home, server: Server) -> None:
    saved(home, "pushed")
    assert home.run("profile", "set", "pushed", "description=1e5", "timeout=7").code == 0
    server.delete("pushed")
    code, rows, said = push(home, server, "pushed")
    assert code == 0 and rows[0]["outcome"] == "created" and "created" in said
    there = server.get("pushed")
    assert (
        there["kind"] == "kb"
        and there["api_key"] == KEY
        and there["description"] == "1e5"
        and there["timeout"] == "7"
    )
    assert push(home, server, "pushed")[1] == [{"name": "pushed", "outcome": "unchanged", "fields": []}]
    saved(home, "pushed", "another-key-0123456789")
    assert push(home, server, "pushed")[1] == [
        {"name": "pushed", "outcome": "updated", "fields": ["api_key"]}
    ]
    assert home.run("profile", "unset", "pushed", "description").code == 0
    assert push(home, server, "pushed")[1][0]["fields"] == ["description"]
    assert "description" not in server.get("pushed")
    other = Home(home.path / "other")
    assert other.run("profile", "pull", "pushed", "--from", server.address, **server.reader).code == 0
    assert other.run("current").out == "pushed\n"
    assert other.run("auth", "token").out == "another-key-0123456789\n"
    assert (
        '"file"' in other.run("list", "-o", "json").out
        and "another" not in (other.store / "profiles/pushed.toml").read_text()
    )
    again = other.run("profile", "pull", "pushed", "--from", server.address, **server.reader)
    assert again.code == 0 and "unchanged pushed" in again.err


def test_every_kind_goes_there_and_back(home: Home, server: Server, sandbox: dict[str, str]) -> None:
    home.environ.update(sandbox)
    for words in (
        ("auth", "nua", sandbox["SANDBOX_NUA_KEY"], "--name", "nua-one"),
        ("auth", "nucliadb", sandbox["SANDBOX_NUCLIADB_URL"], "--name", "local-one"),
        ("auth", "personal_token", sandbox["SANDBOX_PERSONAL_TOKEN"], "--name", "personal-one"),
        ("auth", "agent", "europe-1", sandbox["SANDBOX_AGENT_ACCOUNT"], sandbox["SANDBOX_AGENT_ID"])
        + (sandbox["SANDBOX_AGENT_KEY"], "--name", "agent-one"),
        ("auth", "kb", sandbox["SANDBOX_KB_URL"], "--public", "--no-validate", "--name", "public-one"),
    ):
        assert home.run(*words).code == 0
    names = ("nua-one", "local-one", "personal-one", "agent-one", "public-one")
    assert push(home, server, *names)[0] == 0
    other = Home(home.path / "other")
    out = str(home.path / "out")
    assert other.run("profile", "pull", *names, "--from", server.address, **server.reader).code == 0
    assert (
        other.run("profile", "pull", *names, "--from", server.address, "--to", out, **server.reader).code == 0
    )
    program = "import nucliactl, sys\nfor name in sys.argv[1:]:\n p = nucliactl.resolve(name); print(p.kind, p.base_url, p.origins)"
    want = home.python(program, *names).out
    assert want.count("\n") == 5
    assert other.python(program, *names).out == want
    assert (
        Home(home.path / "third").python(program, *names, NUCLIA_PROFILES_PATH=f"{out}/current").out == want
    )


def test_what_is_not_pushed(home: Home, server: Server) -> None:
    box = 'kind = "kb"\nurl = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"\n'
    home.define("by-file", box + 'api_key_file = "/etc/passwd"\n')
    home.define("by-variable", box + 'api_key_env = "NUCLIA_API_KEY"\n')
    home.define("by-command", box + 'api_key_command = ["echo", "x"]\n')
    home.define("me", 'kind = "user"\n')
    home.define("riding", box + 'session = "me"\n')
    credential = home.store / "credentials/me.json"
    credential.parent.mkdir(parents=True, exist_ok=True)
    origins = [
        "https://accounts.progress.cloud",
        "https://oauth.progress.cloud",
        "https://*.dp.progress.cloud",
    ]
    origins += ["https://*.rag.progress.cloud"]
    credential.write_text(
        json.dumps(
            {"version": 1, "kind": "user", "origins": origins, "access_token": "a" * 20, "refresh_token": KEY}
            | {"issued_at": 1, "expires_at": 4102444800, "login_required": False}
        )
    )
    credential.chmod(0o600)
    for name in ("by-file", "by-variable", "by-command", "riding", "me"):
        code, _, said = push(home, server, name)
        assert code == 6, (name, said)
    assert push(home, server, "nobody")[0] == 3
    saved(home, "good")
    server.delete("good")
    assert push(home, server, "good", "me")[0] == 6
    with pytest.raises((AssertionError, KeyError)):  # nothing of a batch is written
        assert server.get("good")


def test_a_record_of_something_else_is_not_replaced_without_force(home: Home, server: Server) -> None:
    saved(home, "theirs")
    other = "https://europe-1.dp.progress.cloud/api/v1/kb/99999999-2222-3333-4444-555555555555"
    server.put("theirs", {"kind": "kb", "url": other, "api_key": "x" * 20})
    code, _, said = push(home, server, "theirs")
    assert code == 3 and "--force" in said and server.get("theirs")["url"] == other
    assert push(home, server, "theirs", "--force")[0] == 0 and server.get("theirs")["api_key"] == KEY
    server.put("theirs", {"kind": "kb", "api_key_file": "x"})
    assert push(home, server, "theirs")[0] == 6
    assert push(home, server, "theirs", "--force")[0] == 0


def test_what_extends_another_is_pushed_with_the_defaults_it_inherits(home: Home, redis: Redis) -> None:
    home.define(
        "base",
        'kind = "kb"\nurl = "https://x.dp.progress.cloud/api/v1/kb/a"\naccount = "acme"\npublic = true\n',
    )
    saved(home, "derived")
    path = home.store / "profiles/derived.toml"
    path.write_text(path.read_text() + 'extends = "base"\n')
    assert push(home, redis, "derived")[0] == 0
    assert redis.get("derived")["account"] == "acme" and "extends" not in redis.get("derived")


def test_who_may_only_read_cannot_push(home: Home, server: Server) -> None:
    saved(home, "readers")
    server.delete("readers")
    result = home.run("profile", "push", "readers", "--to", server.address, **server.reader)
    assert result.code == 4 and server.key("readers") in result.err


def test_a_record_that_hvac_wrote_is_read(home: Home, vault: Vault) -> None:
    if not HVAC.exists():
        pytest.skip("hvac is not installed")
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
    by_hvac(vault, "foreign", {"kind": "kb", "url": url, "api_key": "${HOME} 1e5 @none"})
    out = home.path / "out"
    assert (
        home.run("profile", "pull", "foreign", "--from", vault.address, "--to", str(out), **vault.reader).code
        == 0
    )
    token = home.run("auth", "token", "--profile", "foreign", NUCLIA_PROFILES_PATH=f"{out}/current")
    assert token.out == "${HOME} 1e5 @none\n"


def test_run_from_gives_a_program_one_record_and_nothing_that_opened_it(home: Home, server: Server) -> None:
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
    server.put("handed", {"kind": "kb", "url": url, "api_key": KEY})
    words = ("run", "--from", server.address, "--profile", "handed", "--", "env")
    variables = {"NUCLIA_PROFILES_URL": "redis://x", "NUCLIA_API_KEY": "inherited", **server.reader}
    result = home.run(*words, **variables)
    found = dict(line.split("=", 1) for line in result.out.splitlines() if "=" in line)
    assert (
        found["NUCLIA_API_KEY"] == KEY
        and found["NUCLIA_KB_URL"] == url
        and found["NUCLIACTL_RUN"] == "handed"
    )
    assert not {*server.reader, "NUCLIA_PROFILES_URL"} & {*found}
    assert (
        home.run("run", "--from", server.address, "--profile", "nobody", "--", "env", **server.reader).code
        == 3
    )
    assert home.run("run", "--from", server.address, "--", "env", **server.reader).code == 2
    # A server is asked only where --from says so.
    assert home.run("run", "--profile", "handed", "--", "env", NUCLIA_PROFILES_URL=server.address).code == 3
    assert "handed" not in home.run("list", "-o", "name", NUCLIA_PROFILES_URL=server.address).out


def test_a_password_is_recommended_to_be_in_a_file_and_is_shown_nowhere(home: Home, redis: Redis) -> None:
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
    redis.put("open", {"kind": "kb", "url": url, "api_key": KEY})
    exposed = redis.address.replace("reader@", "reader:readpw@")
    out = str(home.path / "out")
    result = home.run("profile", "pull", "open", "--from", exposed, "--to", out)
    assert result.code == 0 and "NUCLIA_PROFILES_PASSWORD_FILE" in result.err and "readpw" not in result.err
    kept = home.path / "url"
    kept.write_text(exposed + "\n")
    result = home.run("profile", "pull", "open", "--to", out, NUCLIA_PROFILES_URL_FILE=str(kept))
    assert result.code == 0 and "NUCLIA_PROFILES_PASSWORD_FILE" not in result.err
    both = {"NUCLIA_PROFILES_URL": exposed, "NUCLIA_PROFILES_URL_FILE": str(kept)}
    assert home.run("profile", "pull", "open", "--to", out, **both).code == 3
    empty = home.path / "empty"
    empty.write_text("")
    variables = {"NUCLIA_PROFILES_PASSWORD_FILE": str(empty)}
    assert home.run("profile", "pull", "open", "--from", redis.address, "--to", out, **variables).code == 4
