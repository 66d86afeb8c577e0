"""What is recognisably no secret is told at first use, before anything is sent; never earlier."""

from pathlib import Path

import pytest
from support import Home, Recorder

from nucliactl.model.recognise import no_secret
from nucliactl.sandbox.keys import api_key, opaque

KEY, NUA = api_key("https://z.dp.progress.cloud", "c"), api_key("https://z.dp.progress.cloud", "c", kid=None)
NONE = {
    "a reference": "${NUCLIA_API_KEY}", "a reference with a default": "${KEY:-none}", "of a workflow": "${{ secrets.KEY }}",
    "a bare reference": "$NUCLIA_API_KEY", "a program": "$(pass show nuclia)", "1Password": "op://vault/item/key",
    "Vault": "vault://secret/nuclia#key", "a placeholder": "<your-key>", "another": "your-api-key", "dotenvx": "encrypted:BDqDBi",
    "quoted": f'"{KEY}"', "quoted once": f"'{KEY}'", "a header": f"Bearer {KEY}", "shown by us": "****abcd",
    "sops": "ENC[AES256_GCM,data:x,iv:x,tag:y,type:str]", "of Windows": "%NUCLIA_API_KEY%",
    "of Azure": "@Microsoft.KeyVault(SecretUri=https://x.vault.azure.net/secrets/s)",
    "of AWS": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:nuclia",
}  # fmt: skip
SECRETS = [
    KEY,
    NUA,
    opaque(),
    "k",
    "secret",
    "1e5",
    "${HOME}",
    '"q"',
    "a=b",
    "x" * 16000,
    "/no/such/file",
    "{{x}}",
]


@pytest.mark.parametrize("name", NONE)
def test_it_is_recognised_for_every_kind(name: str) -> None:
    for kind in ("user", "personal-token", "kb", "nua", "agent"):
        found = no_secret(kind, NONE[name], lambda _: False)
        assert found is not None and NONE[name] not in found.what


@pytest.mark.parametrize("secret", SECRETS, ids=range(len(SECRETS)))
def test_what_may_be_a_secret_is_left_alone(secret: str) -> None:
    assert no_secret("kb", secret, lambda _: False) is None


def test_a_path_is_one_only_where_it_leads_somewhere(tmp_path: Path) -> None:
    assert no_secret("kb", str(tmp_path), lambda path: Path(path).exists())
    assert no_secret("kb", str(tmp_path / "x"), lambda path: Path(path).exists()) is None


def test_a_key_where_a_users_token_belongs() -> None:
    for kind in ("user", "personal-token"):
        assert no_secret(kind, KEY, lambda _: False) and no_secret(kind, NUA, lambda _: False)
        assert no_secret(kind, opaque(), lambda _: False) is None


def test_nothing_is_sent_and_the_variable_is_named(home: Home, recorder: Recorder) -> None:
    path = home.path / "key.txt"
    path.write_text("k")
    url = f"{recorder.origin}/api/v1/kb/k1"
    for value, words in (
        ("${NUCLIA_API_KEY}", "NUCLIA_API_KEY holds a reference"),
        (f'"{KEY}"', "NUCLIA_API_KEY holds a value in quotes"),
        (str(path), "NUCLIA_API_KEY_FILE"),
    ):
        variables = {"NUCLIA_KB_URL": url, "NUCLIA_API_KEY": value}
        assert home.run("current", **variables).out == "env\n" and home.run("list", **variables).code == 0
        result = home.run("auth", "status", **variables)
        assert result.code == 4 and words in result.out + result.err and KEY not in result.err, result
    user = {"NUCLIA_USER_TOKEN": KEY, "NUCLIA_GLOBAL_URL": recorder.origin}
    result = home.run("auth", "token", **user)
    assert result.code == 4 and "It belongs in NUCLIA_API_KEY" in result.err, result
    (home.work / ".env").write_text(f"A=1\nNUCLIA_KB_URL={url}\nNUCLIA_API_KEY=op://vault/key\n")
    result = home.run("auth", "token")
    assert result.code == 4 and "/.env:3" in result.err, result
    assert recorder.requests == []


def test_what_is_typed_is_looked_at_too(home: Home, recorder: Recorder) -> None:
    url = f"{recorder.origin}/api/v1/kb/k1"
    for words, secret in ((("kb", url), "<api-key>"), (("nua",), "${NUA_KEY}"), (("personal_token",), KEY)):
        result = home.run("auth", *words, "-", "--no-validate", stdin=secret)
        assert result.code == 4 and "Nothing was saved" in result.err and secret not in result.err, result
    assert recorder.requests == [] and home.files() == {}


def test_the_cloud_is_no_nucliadb(home: Home) -> None:
    result = home.run("auth", "nucliadb", "https://aws-eu-1.nuclia.cloud")
    assert result.code == 2 and "nucliactl auth kb URL -" in result.err, result


def test_what_may_be_a_key_is_not_repeated(home: Home) -> None:
    key = "a1b2c3d4e5f6a7b8c9d0"
    for words in (
        ("use", key), ("auth", "default_kb", key), ("profile", "show", key), ("auth", "logout", key),
        ("current", "--profile", key), ("explain", "--profile", KEY), ("list", "--kind", key), ("use", KEY),
    ):  # fmt: skip
        result = home.run(*words)
        assert key not in result.out + result.err and KEY not in result.out + result.err, result
    for value in (key, KEY):
        result = home.run("explain", NUCLIA_PROFILE=value)
        assert value not in result.out + result.err, result
        assert value not in home.run("current", NUCLIA_PROFILE=value).err
    assert "'acme-kb'" in home.run("use", "acme-kb").err


def test_a_slug_in_the_place_of_an_id_is_told_its_form(home: Home, recorder: Recorder) -> None:
    recorder.answer = lambda _: (404, {}, b"{}")
    result = home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/handbook", "-", stdin="k")
    assert result.code == 1 and "/api/v1/kb/s/SLUG" in result.err, result
