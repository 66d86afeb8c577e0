"""The official CLI, its SDK and nucliadb_sdk, each the real package, with profiles of ours: on a real NucliaDB, and on
the same behind nginx with keys."""

import base64
import json
import stat
from pathlib import Path
from typing import Any

import httpx
import pytest
from every_kind import NUA
from fenced import blocks
from support import REPO, Home, Result

from .conftest import Box, Gateway, NucliaDB, missing

ENVIRONMENT = REPO / ".cache/nuclia/bin"
SITE = next(iter((REPO / ".venv").glob("lib/python3*/site-packages")), Path("none"))
OURS = f"import sys; sys.path.append({str(SITE)!r})\n"  # behind the packages of the official client


@pytest.fixture
def person(home: Home, gateway: Gateway) -> Home:
    if not (ENVIRONMENT / "nuclia").exists():
        missing("the official client is not installed; run tests/provision.sh")
    home.environ |= {"SSL_CERT_FILE": gateway.certificate, "REQUESTS_CA_BUNDLE": gateway.certificate}
    return home


@pytest.fixture(scope="module")
def boxes(nucliadb: NucliaDB) -> list[Box]:
    made = [nucliadb.create("acme"), nucliadb.create("beta")]
    for box in made:
        answer = httpx.post(
            f"{nucliadb.url}/api/v1/kb/{box.id}/resources",
            json={"title": f"About {box.slug}", "slug": f"about-{box.slug}"},
            headers={"X-NUCLIADB-ROLES": "WRITER"},
        )
        assert answer.status_code == 201, answer.text
    return made


def theirs(home: Home, *words: str) -> Result:
    result = home.program(str(ENVIRONMENT / "nuclia"), *words)
    assert result.code == 0, result.err
    return result


def config(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home.path / ".nuclia/config").read_text())
    return found


def log_in(home: Home, gateway: Gateway, nucliadb: NucliaDB, boxes: list[Box]) -> None:
    keyed = f"{gateway.url}/api/v1/kb/{boxes[0].id}"
    assert home.run("auth", "kb", keyed, "-", "--name", "acme", stdin="manager-key").code == 0
    assert home.run("auth", "kb", f"{nucliadb.url}/api/v1/kb/{boxes[1].id}", "--name", "beta").code == 0


def test_the_real_cli_follows_what_is_switched_to_and_exported(
    person: Home, gateway: Gateway, nucliadb: NucliaDB, boxes: list[Box]
) -> None:
    log_in(person, gateway, nucliadb, boxes)
    for name in ("acme", "beta", "acme"):
        assert person.run("use", name).code == 0
        assert person.run("profile", "export", "--to-nuclia").code == 0
        listed = theirs(person, "kb", "list").out
        assert f"about-{name}" in listed and listed.count("about-") == 1
        assert f"About {name}" in theirs(person, "kb", "search", "find", f"--query={name}").out
    path = person.path / ".nuclia/config"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(config(person)["kbs_token"]) == 2


def test_what_the_real_client_wrote_and_we_do_not_know_stays(
    person: Home, nucliadb: NucliaDB, gateway: Gateway, boxes: list[Box]
) -> None:
    theirs(person, "auth", "kb", f"{nucliadb.url}/api/v1/kb/{boxes[1].id}")
    found = config(person) | {"telemetry": {"seen": [1, None, 1e5]}, "user": "somebody"}
    found["kbs_token"][0] |= {"colour": "blue"}
    found["kbs_token"].append({"id": "other", "url": "https://europe-1.dp.progress.cloud/api/v1/kb/other"})
    found["kbs"] = None
    (person.path / ".nuclia/config").write_text(json.dumps(found))
    log_in(person, gateway, nucliadb, boxes)
    assert person.run("profile", "export", "--to-nuclia", "acme", "beta").code == 0
    after = config(person)
    assert {key: after[key] for key in ("telemetry", "user")} == {
        key: found[key] for key in ("telemetry", "user")
    }
    assert after["kbs_token"][:2] == [{**found["kbs_token"][0], "region": None}, found["kbs_token"][1]]
    assert [row["id"] for row in after["kbs_token"]] == [boxes[1].id, "other", boxes[0].id]
    assert after["kbs"] == [] and after["default"]["kbid"] == boxes[1].id
    assert "about-beta" in theirs(person, "kb", "list").out


def test_the_real_cli_lists_the_nua_key_that_is_active(person: Home, sandbox: dict[str, str]) -> None:
    person.environ |= sandbox
    keys = {"acme-nua": sandbox["SANDBOX_NUA_KEY"], "beta-nua": another_key(sandbox["SANDBOX_NUA_KEY"])}
    for name, key in keys.items():
        made = person.run("auth", "nua", "-", "--name", name, "--no-validate", stdin=key)
        assert made.code == 0 and person.run("profile", "set", name, f"account={name}").code == 0
    for name in (*keys, "acme-nua"):
        assert person.run("use", name).code == 0
        assert person.run("profile", "export", "--to-nuclia").code == 0
        default = theirs(person, "auth", "nuas").out.partition("NUA Keys")[0]
        assert f"({name})" in default
    assert len(config(person)["nuas_token"]) == 2
    assert "beta-nua" in theirs(person, "auth", "list_nuas").out


def another_key(key: str) -> str:
    """A key of another client of the same issuer."""
    head, body, sign = key.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["sub"] = "another-client"
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.{sign}"


USES_NUCLIA = (
    OURS
    + """
import asyncio, os, pathlib
import nucliactl
from nucliactl.adapters import nuclia as adapter
from nuclia import sdk
profile = adapter.configure()
print([r.slug for r in sdk.NucliaKB().list().resources], profile.name)
async def main():
    found = await sdk.AsyncNucliaKB().list()
    print([r.slug for r in found.resources])
asyncio.run(main())
sdk.NucliaAuth()._config.save()
key = os.environ.get("NUCLIA_API_KEY_FILE")
if key:
    pathlib.Path(key).write_text("wrong-key")
    try:
        sdk.NucliaKB().list()
    except Exception as error:
        print(type(error).__name__)
    pathlib.Path(key).write_text("manager-key")
    print(len(sdk.NucliaKB().list().resources))
"""
)
USES_NDB = (
    OURS
    + """
import asyncio, os, pathlib
import nucliactl
from nucliactl.adapters import nucliadb_sdk as adapter
kb = nucliactl.resolve(kind=("kb", "nucliadb")).kb
ndb = adapter.client()
print([r.slug for r in ndb.list_resources(kbid=kb).resources], ndb.session.headers.get("x-stf-serviceaccount"))
async def main():
    other = adapter.async_client()
    print([r.slug for r in (await other.list_resources(kbid=kb)).resources])
    await other.session.aclose()
asyncio.run(main())
print(ndb.create_resource(kbid=kb, title="made by nucliadb_sdk").uuid != "")
key = os.environ.get("NUCLIA_API_KEY_FILE")
if key:
    pathlib.Path(key).write_text("wrong-key")
    try:
        ndb.list_resources(kbid=kb)
    except Exception as error:
        print(type(error).__name__)
    pathlib.Path(key).write_text("manager-key")
    print(len(ndb.list_resources(kbid=kb).resources) > 1)
try:
    ndb.session.get("https://progress.cloud.evil.example/")
except nucliactl.Refused:
    print("refused")
"""
)


def with_empty_home(home: Home, program: str, **variables: str) -> list[str]:
    empty = home.path / "empty"
    empty.mkdir(exist_ok=True)
    result = home.program(str(ENVIRONMENT / "python"), "-c", program, HOME=str(empty), **variables)
    assert result.code == 0, result.err
    assert list(empty.iterdir()) == []
    return result.out.splitlines()


def by_file(home: Home, gateway: Gateway, box: Box) -> dict[str, str]:
    key = home.path / "key"
    key.write_text("manager-key\n")
    return {"NUCLIA_KB_URL": f"{gateway.url}/api/v1/kb/{box.id}", "NUCLIA_API_KEY_FILE": str(key)}


def test_the_real_sdk_is_configured_without_a_file_and_gets_a_rotated_key(
    person: Home, gateway: Gateway, nucliadb: NucliaDB, boxes: list[Box]
) -> None:
    log_in(person, gateway, nucliadb, boxes)
    assert with_empty_home(person, USES_NUCLIA) == ["['about-beta'] beta", "['about-beta']"]
    assert person.run("use", "acme").code == 0
    before = person.files()
    assert with_empty_home(person, USES_NUCLIA) == ["['about-acme'] acme", "['about-acme']"]
    assert person.files() == before
    rotated = with_empty_home(person, USES_NUCLIA, **by_file(person, gateway, boxes[0]))
    assert rotated == ["['about-acme'] env", "['about-acme']", "AuthError", "1"]


def test_nucliadb_sdk_gets_ready_clients_and_a_rotated_key(
    person: Home, gateway: Gateway, nucliadb: NucliaDB
) -> None:
    box = nucliadb.create("gamma")
    variables = {"NUCLIADB_URL": nucliadb.url, "NUCLIA_KBID": box.id}
    assert with_empty_home(person, USES_NDB, **variables) == ["[] None", "[]", "True", "refused"]
    rotated = with_empty_home(person, USES_NDB, **by_file(person, gateway, box))
    assert rotated[2:] == ["True", "AuthError", "True", "refused"] and rotated[0].endswith("None")


USES_SEVERAL = (
    OURS
    + """
import sys
import nucliactl
from nucliactl.adapters import nuclia as adapter
from nuclia import data, sdk
try:
    adapter.configure("acme,beta")
except nucliactl.Ambiguous as error:
    print("refused", error.exit_code)
print(adapter.configure().name, [resource.slug for resource in sdk.NucliaKB().list().resources])
print(data.get_config().get_default_nua())
"""
)


def test_several_profiles_that_were_chosen_at_once_are_the_sdks(
    person: Home, gateway: Gateway, nucliadb: NucliaDB, boxes: list[Box]
) -> None:
    """And not the Knowledge Box that was used before."""
    log_in(person, gateway, nucliadb, boxes)
    assert person.run("auth", "nua", "-", "--name", "key", "--no-validate", stdin=NUA).code == 0
    assert person.run("profile", "set", "key", "account=acc-1").code == 0
    person.define("local", f'kind = "nucliadb"\nurl = "{nucliadb.url}"\nkb = "{boxes[1].id}"\n')
    for names, expected in {"key,acme": "about-acme", "key,local": "about-beta"}.items():
        assert person.run("use", names).code == 0
        assert with_empty_home(person, USES_SEVERAL) == ["refused 3", f"key ['{expected}']", "client-1"]


USES_A_TOKEN = (
    OURS
    + """
import subprocess
import nucliactl
from nucliactl.adapters import nuclia as adapter
from nuclia import sdk
print(adapter.configure("me").name, sdk.NucliaAuth()._config.token)
words = ["nucliactl", "auth", "set_user_token", "-", "--name", "me", "--no-validate"]
subprocess.run(words, input=b"newer-token", check=True, capture_output=True)
print(sdk.NucliaAuth()._config.token)
try:
    adapter.configure("elsewhere")
except nucliactl.Refused as error:
    print("refused", "BASE_NUCLIA_DOMAIN" in error.hint)
sdk.NucliaAuth()._config.set_user_token("its own")
print(sdk.NucliaAuth()._config.token)
"""
)


def test_a_users_token_is_asked_for_anew_and_goes_to_its_own_service_only(person: Home) -> None:
    words = ("auth", "set_user_token", "-", "--no-validate", "--name")
    assert person.run(*words, "elsewhere", stdin="other", NUCLIA_DOMAIN="stashify.cloud").code == 0
    assert person.run(*words, "me", stdin="first-token").code == 0
    expected = ["me first-token", "newer-token", "refused True", "its own"]
    assert with_empty_home(person, USES_A_TOKEN) == expected


def test_the_programs_of_the_page_run(
    person: Home, gateway: Gateway, nucliadb: NucliaDB, boxes: list[Box]
) -> None:
    log_in(person, gateway, nucliadb, boxes)
    programs = [block.text for block in blocks("docs/how-to/official-sdk.md") if block.language == "py"]
    assert len(programs) == 2
    for program in programs:
        assert "about-beta" in with_empty_home(person, OURS + program)
