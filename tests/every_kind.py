"""A profile of every kind, as logins and people write them."""

import base64
import json

from support import Home

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-4333-8444-555555555555"


def jwt(**claims: str) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJSUzI1NiJ9.{body}.c2ln"


NUA = jwt(iss="https://europe-1.dp.progress.cloud/", sub="client-1")


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
