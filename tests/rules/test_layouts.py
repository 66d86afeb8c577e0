"""What public programs export: each layout as an environment and as a project's `.env`.

A layout is the variables one program's README, compose file or settings module asks for. The answer is the
kind and target, an exit code (a problem that must be said), or None (nothing of ours).
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from nucliactl.errors import NothingConfigured, NucliactlError
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query, Resolution
from nucliactl.sources.sources import sources_of

ID = "57c19b48-40f9-4f0f-9a3c-0c0f0d2c1a11"
CLOUD = "https://europe-1.dp.progress.cloud"
OLD = "https://aws-us-east-2-1.nuclia.cloud"
LOCAL = "http://127.0.0.1:9999"
KB, OLD_KB, LOCAL_KB = (f"{base}/api/v1/kb/{ID}" for base in (CLOUD, OLD, LOCAL))
EAST = f"https://aws-us-east-2-1.dp.progress.cloud/api/v1/kb/{ID}"


def jwt(kid: str | None = None, **claims: str) -> str:
    parts = ({"alg": "HS256", **({"kid": kid} if kid else {})}, {"iss": f"{CLOUD}/", "sub": "c", **claims})
    return ".".join(
        [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts] + ["x"]
    )


NUA, KEY = jwt(key="k"), jwt("sa", key="k")

LAYOUTS: dict[str, tuple[dict[str, str], Any]] = {
    # -- our own names and their oldest companions
    "a whole URL and a key": ({"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": KEY}, ("kb", KB)),
    "the old host": ({"NUCLIA_KB_URL": OLD_KB, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "a URL with a slash at its end": ({"NUCLIA_KB_URL": KB + "/", "NUCLIA_SERVICEACCOUNT": KEY}, ("kb", KB)),
    "the developer course": ({"NUCLIA_API_URL": f"{OLD}/api/v1", "NUCLIA_KB_ID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "an API URL without its path": ({"NUCLIA_API_URL": OLD, "NUCLIA_KB_ID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "an API URL up to /api": ({"NUCLIA_API_URL": f"{OLD}/api/", "NUCLIA_KB_ID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "an API base": ({"NUCLIA_API_BASE": f"{OLD}/api/v1", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "API URL and API base, spelled differently": ({"NUCLIA_API_URL": OLD, "NUCLIA_API_BASE": f"{OLD}/api/v1", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "API URL and API base that differ": ({"NUCLIA_API_URL": OLD, "NUCLIA_API_BASE": CLOUD, "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, 3),
    "the .NET tests": ({"NUCLIA_ZONE_ID": "europe-1", "NUCLIA_KB_ID": ID, "NUCLIA_API_KEY": KEY}, ("kb", KB)),
    "a region and a uid": ({"NUCLIA_REGION": "europe-1", "NUCLIA_KB_UID": ID, "NUCLIA_SERVICE_TOKEN": KEY}, ("kb", KB)),
    "a zone and NUCLIA_KB": ({"NUCLIA_ZONE": "europe-1", "NUCLIA_KB": ID, "NUCLIA_API_KEY": KEY}, ("kb", KB)),
    "an id without dashes": ({"NUCLIA_ZONE": "europe-1", "NUCLIA_KB": ID.replace("-", ""), "NUCLIA_API_KEY": KEY}, ("kb", KB.replace(ID, ID.replace("-", "")))),
    "a URL where an id belongs": ({"NUCLIA_ZONE": "europe-1", "NUCLIA_KB": KB, "NUCLIA_API_KEY": KEY}, 2),
    "an account beside it": ({"NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": KEY, "NUCLIA_ACCOUNT_ID": "acc"}, ("kb", KB)),
    "a cloud base URL": ({"NUCLIA_BASE_URL": f"{OLD}/api/v1", "NUCLIA_KB_ID": ID, "NUCLIA_API_KEY": KEY}, ("kb", OLD_KB)),
    "a global API URL needs a zone": ({"NUCLIA_API_URL": "https://rag.progress.cloud/api/v1", "NUCLIA_ZONE": "europe-1", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, ("kb", KB)),
    "a global API URL alone": ({"NUCLIA_API_URL": "https://api.nuclia.cloud/v1", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, 4),
    "a placeholder for a zone": ({"NUCLIA_API_URL": "https://YOUR_REGION.nuclia.cloud", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, 4),
    "a placeholder in a KB URL": ({"NUCLIA_KB_URL": f"https://YOUR_REGION.nuclia.cloud/api/v1/kb/{ID}", "NUCLIA_API_KEY": KEY}, 2),
    "a placeholder as a zone": ({"NUCLIA_ZONE": "your-region", "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, 2),
    "api.nuclia.cloud in a KB URL": ({"NUCLIA_KB_URL": f"https://api.nuclia.cloud/api/v1/kb/{ID}", "NUCLIA_API_KEY": KEY}, 2),
    "the account's form of a KB URL": ({"NUCLIA_KB_URL": f"{CLOUD}/api/v1/account/acc/kb/{ID}", "NUCLIA_API_KEY": KEY}, 2),
    "an agent's address": ({"NUCLIA_KB_URL": f"{CLOUD}/api/v1/agent/{ID}", "NUCLIA_API_KEY": KEY}, 2),
    "an API URL that is a whole KB URL": ({"NUCLIA_API_URL": KB, "NUCLIA_KBID": ID, "NUCLIA_API_KEY": KEY}, 2),
    # -- a URL and a token
    "a URL and an API token": ({"NUCLIA_URL": KB, "NUCLIA_API_TOKEN": KEY}, ("kb", KB)),
    "a URL that is no KB's": ({"NUCLIA_URL": "https://nuclia.cloud", "NUCLIA_API_TOKEN": KEY}, None),
    "a URL that is an API's": ({"NUCLIA_URL": f"{CLOUD}/api/v1", "NUCLIA_API_TOKEN": KEY}, None),
    "an API token alone": ({"NUCLIA_API_TOKEN": KEY}, None),
    "a URL alone": ({"NUCLIA_URL": KB}, None),
    "a URL and an empty token": ({"NUCLIA_URL": KB, "NUCLIA_API_TOKEN": ""}, 4),
    "a URL beside another KB's": ({"NUCLIA_KB_URL": OLD_KB, "NUCLIA_URL": KB, "NUCLIA_API_TOKEN": KEY}, 3),
    # -- the 2026 family
    "ARAG: URL and token": ({"ARAG_KB_URL": KB, "ARAG_TOKEN": KEY}, ("kb", KB)),
    "ARAG: URL and key": ({"ARAG_KB_URL": KB, "ARAG_API_KEY": KEY}, ("kb", KB)),
    "ARAG: zone, id, KB token": ({"ARAG_ZONE": "europe-1", "ARAG_KB_ID": ID, "ARAG_KB_TOKEN": KEY}, ("kb", KB)),
    "ARAG: region, id, key, account": ({"ARAG_REGION": "europe-1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY, "ARAG_ACCOUNT": "acc"}, ("kb", KB)),
    "ARAG: region, id, KB key": ({"ARAG_REGION": "europe-1", "ARAG_KB_ID": ID, "ARAG_KB_KEY": KEY}, ("kb", KB)),
    "ARAG: base, id, KB key": ({"ARAG_BASE_URL": OLD, "ARAG_KB_ID": ID, "ARAG_KB_KEY": KEY}, ("kb", OLD_KB)),
    "ARAG: base with its path": ({"ARAG_BASE": f"{OLD}/api/v1", "ARAG_KB_ID": ID, "ARAG_TOKEN": KEY}, ("kb", OLD_KB)),
    "ARAG: the data plane's other name": ({"ARAG_BASE_URL": "https://europe-1.rag.progress.cloud/api/v1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, ("kb", f"https://europe-1.rag.progress.cloud/api/v1/kb/{ID}")),
    "ARAG: a base on this machine beats the region": ({"ARAG_BASE_URL": f"{LOCAL}/api/v1", "ARAG_REGION": "aws-us-east-2-1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, ("kb", LOCAL_KB)),
    "ARAG: a base in the cloud beats the region": ({"ARAG_BASE_URL": OLD, "ARAG_REGION": "europe-1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, ("kb", OLD_KB)),
    "ARAG: a global base leaves it to the region": ({"ARAG_BASE_URL": "https://rag.progress.cloud/api/v1", "ARAG_REGION": "aws-us-east-2-1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, ("kb", EAST)),
    "ARAG: KB key and NUA key": ({"ARAG_BASE_URL": OLD, "ARAG_KB_ID": ID, "ARAG_KB_KEY": KEY, "ARAG_NUA_KEY": NUA}, 3),
    "ARAG: an unrelated program's": ({"ARAG_API_KEY": "sk-1", "ARAG_BASE_URL": "https://api.openai.com/v1"}, None),
    "ARAG: an unrelated program's, on this machine": ({"ARAG_API_KEY": "sk-1", "ARAG_BASE_URL": "http://localhost:11434/v1"}, None),
    "ARAG: a key alone": ({"ARAG_API_KEY": "sk-1"}, None),
    "ARAG: a token alone": ({"ARAG_TOKEN": "sk-1"}, None),
    "ARAG: an unrelated base beside an id": ({"ARAG_BASE_URL": "https://api.openai.com/v1", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, 4),
    "ARAG: a look-alike base beside an id": ({"ARAG_BASE_URL": "https://progress.cloud.evil.example", "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, 4),
    "ARAG: a base and a key without an id": ({"ARAG_BASE_URL": CLOUD, "ARAG_API_KEY": KEY}, 4),
    "ARAG: base and API URL that differ": ({"ARAG_BASE_URL": OLD, "NUCLIA_API_URL": CLOUD, "ARAG_KB_ID": ID, "ARAG_API_KEY": KEY}, 3),
    "ARAG: an agent": ({"NUCLIA_ARAG_BASE_URL": f"{CLOUD}/api/v1", "NUCLIA_ARAG_AGENT_ID": "helpdesk", "NUCLIA_ARAG_API_KEY": KEY}, ("agent", f"{CLOUD}/api/v1/agent/helpdesk")),
    # -- NUA keys
    "LangChain": ({"NUCLIA_NUA_KEY": NUA, "NUCLIA_ZONE": "europe-1"}, ("nua", CLOUD)),
    "a NucliaDB server": ({"NUA_API_KEY": NUA, "NUA_ZONE": "europe-1"}, ("nua", CLOUD)),
    "a NUA key for short": ({"NUA_KEY": NUA}, ("nua", CLOUD)),
    "a NUA key beside a KB's": ({"NUCLIA_NUA_KEY": NUA, "NUCLIA_KB_URL": KB, "NUCLIA_API_KEY": KEY}, 3),
    "a KB key in the place of a NUA key": ({"NUCLIA_NUA_KEY": "abc"}, 2),
    # -- NucliaDB
    "an MCP sample": ({"NUCLIA_BASE_URL": "http://localhost:8080/api/v1"}, ("nucliadb", "http://localhost:8080")),
    "an MCP sample with a KB": ({"NUCLIA_BASE_URL": "http://localhost:8080/api/v1", "NUCLIA_KBID": ID}, ("nucliadb", "http://localhost:8080")),
    "a KB on this machine": ({"NUCLIA_KB_URL": LOCAL_KB}, ("kb", LOCAL_KB)),
    "a base in the cloud without a key": ({"NUCLIA_BASE_URL": OLD, "NUCLIA_KBID": ID}, 4),
    "a KB on a NucliaDB elsewhere": ({"NUCLIA_KB_URL": f"http://nuclia-db:8080/api/v1/kb/{ID}"}, 2),
    "an API URL on a NucliaDB elsewhere": ({"NUCLIA_API_URL": "http://nuclia-db:8080/api", "NUCLIA_KBID": ID}, 2),
    "the cloud as a NucliaDB": ({"NUCLIADB_URL": f"{OLD}/api"}, 2),
    # -- people
    "a portal": ({"NUCLIA_ACCOUNT_TOKEN": "pat", "NUCLIA_ACCOUNT": "acc"}, ("personal-token", "progress.cloud")),
    "a user on another domain": ({"NUCLIA_USER_TOKEN": "t", "BASE_NUCLIA_DOMAIN": "rag.nuclia.cloud"}, ("user", "nuclia.cloud")),
    "all four of one program": ({"NUCLIA_BASE_URL": OLD, "NUCLIA_KB_ID": ID, "NUCLIA_USER_TOKEN": KEY, "NUCLIA_API_KEY": KEY}, 3),
    "a token of three meanings": ({"NUCLIA_TOKEN": "t"}, None),
    # -- what nobody but its program reads
    "two keys, neither ours": ({"NUCLIA_READER_KEY": KEY, "NUCLIA_WRITER_KEY": KEY}, None),
    "a browser build": ({"VITE_NUCLIA_KB_URL": KB, "VITE_NUCLIA_API_KEY": KEY}, None),
    "a default KB": ({"NUCLIA_DEFAULT_KB": ID}, None),
    "zone and account": ({"NUCLIA_ZONE": "europe-1", "NUCLIA_ACCOUNT": "acc"}, None),
    "all set, all empty": ({"NUCLIA_KB_URL": "", "NUCLIA_API_KEY": "", "NUCLIA_NUA_KEY": ""}, None),
}  # fmt: skip


def answer(found: Resolution) -> Any:
    if found.choice is not None and found.choice.definition is not None:
        target = found.choice.definition.base_url if found.choice.definition.kind == "agent" else None
        return found.choice.definition.kind, target or found.choice.definition.target
    assert isinstance(found.error, NucliactlError)
    return None if isinstance(found.error, NothingConfigured) else found.error.exit_code


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_as_an_environment(name: str) -> None:
    variables, wanted = LAYOUTS[name]
    assert answer(resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **variables}))) == wanted


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_as_a_projects_env_file(name: str, tmp_path: Path) -> None:
    variables, wanted = LAYOUTS[name]
    (tmp_path / ".git").mkdir()
    (tmp_path / ".env").write_text("".join(f"{key}='{value}'\n" for key, value in variables.items()))
    found = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere"}, cwd=str(tmp_path)))
    assert answer(found) == wanted


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("the account's form of a KB URL", f"Use {KB}"),
        ("an agent's address", "nucliactl auth agent europe-1 ACCOUNT"),
        ("a KB on a NucliaDB elsewhere", "nucliactl auth nucliadb http://nuclia-db:8080,"),
        ("an API URL on a NucliaDB elsewhere", "nucliactl auth nucliadb http://nuclia-db:8080,"),
        ("the cloud as a NucliaDB", "nucliactl auth kb URL"),
        ("api.nuclia.cloud in a KB URL", "ZONE.dp.progress.cloud"),
        ("a URL where an id belongs", "NUCLIA_KB_URL"),
        ("an API URL that is a whole KB URL", "NUCLIA_KB_URL"),
        ("all four of one program", "NUCLIA_KIND=kb"),
        ("a NUA key beside a KB's", "NUCLIA_KIND=kb"),
    ],
)
def test_the_hint_has_the_right_form(name: str, words: str) -> None:
    error = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **LAYOUTS[name][0]})).error
    assert error is not None and words in (error.hint or ""), error.hint


def test_a_key_in_the_users_variable_is_not_the_kind_to_choose() -> None:
    """The kind whose key has the right form comes first, whatever the order of the variables."""
    both = {"NUCLIA_USER_TOKEN": KEY, "NUCLIA_NUA_KEY": NUA}
    error = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **both})).error
    assert error is not None and "NUCLIA_KIND=nua" in (error.hint or "")


def test_half_a_credential_names_what_stands_beside_it() -> None:
    half = {"NUCLIA_CONFIG_DIR": "/nowhere", "NUCLIA_BASE_URL": OLD, "NUCLIA_KB_ID": ID}
    hint = str(resolve(sources_of({**half, "NUCLIA_USER_TOKEN": KEY})).error.hint)  # type: ignore[union-attr]
    assert "NUCLIA_USER_TOKEN holds an API key" in hint and "NUCLIA_KIND" not in hint and KEY not in hint
    token = {**half, "NUCLIA_USER_TOKEN": "ory_at_0123456789abcdef"}
    hint = str(resolve(sources_of(token)).error.hint)  # type: ignore[union-attr]
    assert "NUCLIA_KIND=user" in hint
    assert answer(resolve(sources_of({**token, "NUCLIA_KIND": "user"}))) == ("user", "progress.cloud")


@pytest.mark.parametrize("kb", ["handbook", "1234", ID[:-1]])
def test_an_id_that_is_none_is_said_with_the_form_of_a_slug(kb: str) -> None:
    variables = {"NUCLIA_ZONE": "europe-1", "NUCLIA_KBID": kb, "NUCLIA_API_KEY": KEY}
    choice = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **variables}), Query()).require()
    assert choice.definition and f"{CLOUD}/api/v1/kb/s/SLUG" in choice.definition.warnings[0]


@pytest.mark.parametrize("kb", [ID, ID.upper(), ID.replace("-", ""), "s/handbook"])
def test_an_id_and_a_slug_in_its_place_are_not_remarked_on(kb: str) -> None:
    variables = {"NUCLIA_KB_URL": f"{CLOUD}/api/v1/kb/{kb}", "NUCLIA_API_KEY": KEY}
    choice = resolve(sources_of({"NUCLIA_CONFIG_DIR": "/nowhere", **variables}), Query()).require()
    assert choice.definition and choice.definition.warnings == ()
