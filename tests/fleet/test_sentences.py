"""What can be wrong with a team's store, or a record in it: an exit code and a sentence each, on both servers."""

import json
from pathlib import Path

import pytest
from fleet.stores import Redis, Server, Vault
from support import Home, Result

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
CANARY = "canary-7f3a-secret"
GOOD = {"kind": "kb", "url": URL, "api_key": CANARY}


def pull(home: Home, address: str, *words: str, **variables: str) -> Result:
    result = home.run(
        "profile",
        "pull",
        *words,
        "--from",
        address,
        "--to",
        str(home.path / "out"),
        NUCLIACTL_TIMEOUT="5",
        **variables,
    )
    assert CANARY not in result.out + result.err
    return result


def files(home: Home) -> dict[str, str]:
    current = home.path / "out/current"
    return {file.stem: file.read_text() for file in current.iterdir()} if current.exists() else {}


def test_a_record_becomes_a_profile_that_is_read_where_it_is_published(home: Home, server: Server) -> None:
    server.put("plain", GOOD)
    assert pull(home, server.address, "plain", **server.reader).code == 0
    there = home.path / "out/current"
    assert (there / "plain.toml").stat().st_mode & 0o777 == 0o600 and there.stat().st_mode & 0o777 == 0o700
    found = home.run("auth", "token", "--profile", "plain", NUCLIA_PROFILES_PATH=str(there))
    assert found.out.strip() == CANARY


@pytest.mark.parametrize(
    ("case", "code", "said"),
    [
        ("wrong password", 4, ("reject", "refuse")),
        ("elsewhere", 6, ("in the clear",)),
        ("tls to plain", 5, ("TLS", "did not answer")),
        ("plain to tls", 5, ("does not answer", "broke off", "failed with")),
        ("untrusted", 5, ("not trusted",)),
        ("down", 5, ("cannot be reached",)),
    ],
)
def test_a_server_at_fault(home: Home, server: Server, case: str, code: int, said: tuple[str, ...]) -> None:
    server.put("fault", GOOD)
    given = {
        "wrong password": (server.address, server.wrong),
        "elsewhere": (server.elsewhere, server.reader),
        "tls to plain": (server.tls_to_plain, server.reader),
        "plain to tls": (server.plain_to_tls, server.reader),
        "untrusted": (server.tls_address.partition("&ssl_ca_certs")[0], server.reader),
        "down": (server.address.replace(str(server.port), "9"), server.reader),
    }
    address, variables = given[case]
    result = pull(home, address, "fault", **variables)
    assert result.code == code and any(one in result.err for one in said), result.err
    assert "canary-wrong" not in result.err and not files(home)


def test_tls_is_verified_by_the_authority_that_is_named(home: Home, server: Server) -> None:
    server.put("tls", GOOD)
    result = pull(home, server.tls_address, "tls", VAULT_CACERT=str(server.certificate), **server.reader)
    assert result.code == 0 and [*files(home)] == ["tls"], result.err


@pytest.mark.parametrize(
    ("case", "fields", "code", "said"),
    [
        ("missing", None, 3, "{key}"),
        ("no kind", {"url": URL, "api_key": CANARY}, 7, "no kind"),
        ("bad kind", {**GOOD, "kind": CANARY}, 7, "kind does not exist"),
        ("no secret", {"kind": "kb", "url": URL}, 7, "no secret"),
        ("empty secret", {**GOOD, "api_key": ""}, 7, "api_key"),
        ("bad url", {**GOOD, "url": f"https://{CANARY}/x"}, 7, "url"),
        ("swapped", {**GOOD, "url": CANARY, "api_key": URL}, 7, "url"),
        ("secret in zone", {**GOOD, "zone": f"{CANARY}/x"}, 7, "zone"),
        ("plain http", {**GOOD, "url": URL.replace("https", "http")}, 7, "url"),
        ("file", {**GOOD, "api_key_file": "/etc/passwd"}, 6, "api_key_file"),
        ("file alone", {"kind": "kb", "url": URL, "api_key_file": "/etc/passwd"}, 6, "api_key_file"),
        ("variable", {"kind": "kb", "url": URL, "api_key_env": "NUCLIA_API_KEY"}, 6, "api_key_env"),
        ("command", {"kind": "kb", "url": URL, "api_key_command": "id"}, 6, "api_key_command"),
        ("session", {"kind": "kb", "url": URL, "session": "me"}, 6, "session"),
        ("extends", {**GOOD, "extends": "base"}, 6, "extends"),
        ("storage", {**GOOD, "storage": "file"}, 6, "storage"),
        ("large field", {**GOOD, "description": "x" * 70_000}, 7, "64 KiB"),
        ("many fields", {**GOOD, **{f"f{n}": "x" for n in range(70)}}, 7, "64 fields"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_record_at_fault(
    home: Home, server: Server, case: str, fields: dict[str, str] | None, code: int, said: str
) -> None:
    name = case.replace(" ", "-")
    if fields is not None:
        server.put(name, fields)
    result = pull(home, server.address, name, **server.reader)
    assert result.code == code, result.err
    assert said.format(key=server.key(name)) in result.err and server.key(name) in result.err
    assert not files(home)


def test_one_that_may_not_be_read(home: Home, server: Server) -> None:
    server.put("closed", GOOD)
    assert pull(home, server.address, "closed", **server.reader).code == 0
    with server.forbid("closed"):
        result = pull(home, server.address, "closed", **server.reader)
        assert result.code == 4 and "withdrew closed" in result.err and server.key("closed") in result.err
        if server.name == "vault":
            assert all(cause in result.err for cause in ("policy", "mount secret", "token is not valid"))
    assert not files(home)
    server.delete("closed")
    assert pull(home, server.address, "closed", **server.reader).code == 3


def test_all_without_names_needs_the_right_to_list(home: Home, server: Server) -> None:
    server.put("listed", GOOD)
    result = pull(home, server.address, **server.reader)
    assert result.code == 4 and "ame the profiles" in result.err
    listing = home.run(
        "list",
        "--from",
        server.lister.get("NUCLIA_PROFILES_URL", server.address),
        "-o",
        "json",
        **server.lister,
    )
    row = next(row for row in listing.json if row["name"] == "listed")
    assert row["source"].startswith("server: ") and row["storage"] == "inline" and not row["active"]
    assert CANARY not in listing.out + listing.err


@pytest.mark.parametrize(
    "value",
    [
        "1e5",
        "true",
        "@read_file /etc/passwd",
        "@format {env[HOME]}",
        "${HOME} # x",
        '"quoted"\\',
        "x" * 60_000,
    ]
    + [" blank ", "tab\tline\nline\r\n", "\x7f\x01 ☃ \U0001f600", "'''\"\"\""],
    ids=lambda value: ascii(value[:12]),
)
def test_a_text_stays_as_it_is_byte_for_byte(home: Home, server: Server, value: str) -> None:
    secret = value if value.isprintable() and value.isascii() and value == value.strip() else CANARY
    server.put("bytes", {**GOOD, "api_key": secret, "description": value, "account": value})
    result = home.run(
        "profile", "pull", "bytes", "--from", server.address, "--to", str(home.path / "out"), **server.reader
    )
    assert result.code == 0, result.err
    import tomllib

    found = tomllib.loads((home.path / "out/current/bytes.toml").read_text())
    assert found == {**GOOD, "api_key": secret, "description": value, "account": value}
    there = str(home.path / "out/current")
    program = "import nucliactl,json; p=nucliactl.resolve('bytes'); print(json.dumps(p.account))"
    assert json.loads(home.python(program, NUCLIA_PROFILES_PATH=there).out) == value
    if len(secret) < 16_384:
        assert (
            home.run("auth", "token", "--profile", "bytes", NUCLIA_PROFILES_PATH=there).out == f"{secret}\n"
        )


def test_what_is_no_string_is_no_record(home: Home, vault: Vault) -> None:
    for wrong in (1, True, None, ["a"], {"a": "b"}):
        vault.put("number", {**GOOD, "timeout": wrong})
        result = pull(home, vault.address, "number", **vault.reader)
        assert result.code == 7 and "timeout" in result.err


def test_what_is_no_hash_or_no_text_is_no_record(home: Home, redis: Redis) -> None:
    redis.cli("SET", redis.key("text"), "x")
    assert pull(home, redis.address, "text", **redis.reader).code == 7
    redis.cli("EVAL", "return redis.call('HSET', KEYS[1], 'kind', '\\255\\254')", "1", redis.key("bytes2"))
    assert pull(home, redis.address, "bytes2", **redis.reader).code == 7


def test_a_sealed_vault_says_so(home: Home, vault: Vault) -> None:
    vault.put("sealed", GOOD)
    vault.seal()
    try:
        result = pull(home, vault.address, "sealed", **vault.reader)
        assert result.code == 5 and "is sealed" in result.err
    finally:
        vault.unseal()


def test_an_approle_logs_in_with_a_secret_id_or_one_in_a_wrapping_which_opens_once(
    home: Home, vault: Vault
) -> None:
    vault.put("role", GOOD)
    assert pull(home, vault.address, "role", **vault.approle()).code == 0
    wrapped = vault.approle(wrapped=True)
    kept = home.path / "secret-id"
    kept.write_text(wrapped["VAULT_SECRET_ID"] + "\n")
    variables = {"VAULT_ROLE_ID": wrapped["VAULT_ROLE_ID"], "VAULT_SECRET_ID_FILE": str(kept)}
    assert pull(home, vault.address, "role", **variables).code == 0
    again = pull(home, vault.address, "role", **variables)
    assert again.code == 4 and "unwrapped before" in again.err
    wrong = pull(
        home, vault.address, "role", **{**variables, "VAULT_SECRET_ID_FILE": "", "VAULT_SECRET_ID": "none"}
    )
    assert wrong.code == 4 and "auth/approle" in wrong.err


def test_what_is_no_address(home: Home, tmp_path: Path) -> None:
    for address, code in (
        ("http://127.0.0.1/", 2),
        ("redis://", 2),
        ("redis://reader:canary-7f3a-secret@/0", 2),
        ("redis://reader:canary-7f3a-secret/x@127.0.0.1:1/0", 2),
        ("redis://127.0.0.1:canary-7f3a-secret", 2),
        ("redis://127.0.0.1/canary-7f3a-secret", 2),
        ("redis://127.0.0.1/0?canary-7f3a-secret=1", 2),
        ("redis://127.0.0.1/0?prefix=a*", 2),
        ("vault://vault.example.com", 2),
        ("vault://vault.example.com/secret/../x", 2),
        ("vault+http://vault.example.com/secret", 6),
        ("redis://localhost.example.com", 6),
        ("", 2),
    ):
        result = pull(home, address, "acme")
        assert result.code == code, (address, result)
    assert home.run("profile", "pull", "acme").code == 2
    assert home.run("run", "--from", "redis://127.0.0.1", "--", "true").code == 2
    for flags in (("--watch",), ("--mode", "644"), ("--interval", "5"), ("--to", "x", "--health", "y")):
        assert home.run("profile", "pull", "acme", "--from", "redis://127.0.0.1", *flags).code == 2
    for interval in ("0", "0.5", "-1", "nan", "x"):
        words = ("--to", "x", "--watch", "--interval", interval)
        assert home.run("profile", "pull", "acme", "--from", "redis://127.0.0.1", *words).code == 2
