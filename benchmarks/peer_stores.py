"""Stores of the peers, written as the peers write them themselves. Each writes so many profiles below a
folder."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from subject import profile_name

from nucliactl.sandbox.keys import api_key


def docker(folder: Path, size: int) -> None:
    (folder / "config.json").write_text(json.dumps({"currentContext": profile_name(1)}))
    for number in range(size):
        name = profile_name(number)
        place = folder / "contexts/meta" / hashlib.sha256(name.encode()).hexdigest()
        place.mkdir(parents=True)
        host = {"Host": f"tcp://{name}.example:2376", "SkipTLSVerify": False}
        found = {"Name": name, "Metadata": {"Description": name}, "Endpoints": {"docker": host}}
        (place / "meta.json").write_text(json.dumps(found))


def kubectl(folder: Path, size: int) -> None:
    names = [profile_name(number) for number in range(size)]
    found: dict[str, str | list[dict[str, Any]]] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": names[1],
        "clusters": [{"name": n, "cluster": {"server": f"https://{n}.example"}} for n in names],
        "users": [{"name": n, "user": {"token": f"token-of-{n}"}} for n in names],
        "contexts": [{"name": n, "context": {"cluster": n, "user": n}} for n in names],
    }
    (folder / "config").write_text(_yaml(found))


def _yaml(found: Mapping[str, str | list[dict[str, Any]]]) -> str:
    """Return what kubectl itself would have written: one key a line."""
    lines: list[str] = []
    for key, value in found.items():
        if not isinstance(value, list):
            lines.append(f"{key}: {value}")
            continue
        lines.append(f"{key}:")
        for item in value:
            ((inner, fields),) = ((k, v) for k, v in item.items() if k != "name")
            lines += [f"- {inner}:", *(f"    {k}: {v}" for k, v in fields.items()), f"  name: {item['name']}"]
    return "\n".join(lines) + "\n"


def gh(folder: Path, size: int) -> None:
    hosts = ["github.com", *(f"{profile_name(number)}.example" for number in range(1, size))]
    entries = [f"{h}:\n    user: someone\n    oauth_token: gho_0123456789\n" for h in hosts]
    (folder / "hosts.yml").write_text("".join(entries))


def hf(folder: Path, size: int) -> None:
    entries = [f"[{profile_name(n)}]\nhf_token = hf_{n:034}\n\n" for n in range(size)]
    (folder / "stored_tokens").write_text("".join(entries))
    (folder / "token").write_text(f"hf_{1:034}")


def aws(folder: Path, size: int) -> None:
    names = [profile_name(number) for number in range(size)]
    (folder / "config").write_text("".join(f"[profile {n}]\nregion = eu-west-1\n\n" for n in names))
    key = "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = example\n\n"
    (folder / "credentials").write_text("".join(f"[{n}]\n{key}" for n in names))


def databricks(folder: Path, size: int) -> None:
    entries = [
        f"[{profile_name(n)}]\nhost = https://{profile_name(n)}.example\ntoken = dapi{n:032}\n\n"
        for n in range(size)
    ]
    (folder / "databrickscfg").write_text("".join(entries))


def google(folder: Path, _: int) -> None:
    found = {"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"}
    (folder / "adc.json").write_text(json.dumps(found))


def nuclia(folder: Path, size: int) -> None:
    region = "https://europe-1.dp.progress.cloud/"
    keys = [
        {
            "client_id": profile_name(number),
            "account_type": "v3growth",
            "region": region,
            "account": profile_name(number),
            "token": api_key(region.rstrip("/"), profile_name(number), kid=None),
        }
        for number in range(size)
    ]
    (folder / ".nuclia").mkdir()
    found = {"nuas_token": keys, "default": {"nua": profile_name(1)}}
    (folder / ".nuclia/config").write_text(json.dumps(found))
