"""Ten profiles of several customers, as a person's store has them after half a year."""

import base64
import json
import time
from pathlib import Path

DAY = 86400
DOMAIN = "progress.cloud"
SESSION = [f"https://{host}.{DOMAIN}" for host in ("accounts", "oauth", "*.dp", "*.rag")]
BOXES = {
    "acme-handbook": ("europe-1", "57c19b48-6a2d-4e0f-8f3b-2c1d0e9f8a7b", "Staff handbook", "acme", 300),
    "acme-handbook-write": ("europe-1", "57c19b48-6a2d-4e0f-8f3b-2c1d0e9f8a7b", "Staff handbook", "acme", 5),
    "globex-catalogue": ("aws-us-east-2-1", "a3d4e5f6-1b2c-4d3e-8f4a-5b6c7d8e9f0a", "製品カタログ", "globex", -3),
    "globex-legal": (
        "europe-1", "c0ffee00-1b2c-4d3e-8f4a-5b6c7d8e9f0a",
        "Contracts and legal opinions of the whole group since 2019", "globex", None,
    ),
    "initech-docs": ("europe-1", "0b1c2d3e-4f5a-4b6c-9d8e-7f6a5b4c3d2e", "Docs 🙂", "initech", 90),
}  # fmt: skip
"""Knowledge Boxes by the name of their profile: zone, id, title, account, days until the key ends."""
ACCOUNTS = {
    "acme": "2f6a3c0e-8b1d-4f5a-9c7e-1a2b3c4d5e6f",
    "globex": "7d1e9b24-3c5f-4a68-b0d2-9e8f7a6b5c4d",
    "initech": "e4c2a0b8-5d7f-4913-8a6c-0f1e2d3c4b5a",
}
CLIENT = "9e8d7c6b-5a49-4838-a271-6050403020f1"
SESSION_TOKEN, PERSONAL_TOKEN = "a" * 40, "p" * 40


def jwt(**claims: object) -> str:
    """A key in the form of the service's."""
    parts = ({"alg": "RS256", "kid": claims.pop("kid", "sa")}, claims)
    coded = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    return ".".join((*coded, "c2lnbmF0dXJl"))


def box_url(name: str) -> str:
    zone, identity, *_ = BOXES[name]
    return f"https://{zone}.dp.{DOMAIN}/api/v1/kb/{identity}"


def write(store: Path) -> dict[str, str]:
    """Write the ten into a store, as logins would. Return their keys, by the name of the profile."""
    now, keys = int(time.time()), {}
    for name, (_, _, title, account, days) in BOXES.items():
        _define(
            store, name, "kb", url=box_url(name), title=title, account=ACCOUNTS[account], account_slug=account
        )
        if days is not None:
            origin, ends = box_url(name).split("/api")[0], now + days * DAY
            keys[name] = jwt(sub=name, exp=ends)
            _keep(store, name, "kb", [origin], secret=keys[name], expires_at=ends)
    me = {"account": ACCOUNTS["acme"], "account_slug": "acme"}
    _define(store, "me", "user", **me)
    _keep(
        store, "me", "user", SESSION,
        access_token=SESSION_TOKEN, refresh_token="r" * 40, issued_at=now, expires_at=now + 1800, login_required=False,
    )  # fmt: skip
    _define(store, "nightly", "personal-token", **me)
    _keep(
        store, "nightly", "personal-token", SESSION, secret=PERSONAL_TOKEN, expires_at=now + 20 * 3600 + 1800
    )
    issuer = f"https://europe-1.dp.{DOMAIN}"
    _define(store, "acme-nua", "nua", issuer=f"{issuer}/", identity=CLIENT, **me)
    keys["acme-nua"] = jwt(kid="nua", iss=f"{issuer}/", sub=CLIENT)
    _keep(store, "acme-nua", "nua", [issuer], secret=keys["acme-nua"])
    agent = {"url": f"https://europe-1.dp.{DOMAIN}", "agent": "5f1e2d3c-4b5a-4968-8776-655443322110"}
    _define(store, "globex-helpdesk", "agent", **agent, title="Help desk", account_slug="globex")
    _define(store, "local", "nucliadb", url="http://localhost:8080")
    return keys


def _define(store: Path, name: str, kind: str, **values: str) -> None:
    path = store / "profiles" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in {"kind": kind, **values}.items())
    )
    path.chmod(0o600)


def _keep(store: Path, name: str, kind: str, origins: list[str], **values: object) -> None:
    path = store / "credentials" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "kind": kind, "origins": origins, **values}))
    path.chmod(0o600)
