"""What each kind hands to other programs, and what is taken away from them before."""

import base64
import json
from typing import Any

import pytest

from nucliactl.errors import Malformed
from nucliactl.model.definition import define
from nucliactl.model.fields import FIELDS, secret_variables
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.shared_fields import ROLES
from nucliactl.model.tool_variables import SERVER_VARIABLES, TOOL_VARIABLES
from nucliactl.model.words import KindName
from nucliactl.programs.variables import (
    check_carried,
    child_environment,
    cleared,
    handed_over,
    not_carried,
)
from nucliactl.resolver.environment import fitting, one_of
from nucliactl.resolver.result import Query
from nucliactl.secret import Secret
from nucliactl.sources.dotenv import ours
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import Environment

KB = "57c19b48-0000-4000-8000-000000000000"
PLACE = "https://europe-1.dp.progress.cloud"
STORED = SecretRef("store", "/credentials/p.json")


def nua(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


def defined(kind: KindName, secret: SecretRef = STORED, **values: Any) -> Definition:
    return define("p", kind, values, Source("store", "/p.toml"), secret)


def given(definition: Definition, secret: str | None = "the-secret") -> dict[str, str]:
    held = Secret(secret) if secret and definition.secret.way != "none" else None
    return {v.name: v.held.reveal() for v in handed_over(definition, definition.values, held)}


OPEN = SecretRef("none")
ALL = {"NUCLIA_PROFILE": "env"}
BOX = {"NUCLIA_KB_URL": f"{PLACE}/api/v1/kb/{KB}", "NUCLIA_API_URL": f"{PLACE}/api/v1"}
IDS = {"NUCLIA_KBID": KB, "NUCLIA_KB_ID": KB}
KEYS = {"NUCLIA_API_KEY": "the-secret", "NUCLIA_SERVICEACCOUNT": "the-secret"}
AGENT = {"NUCLIA_ARAG_BASE_URL": PLACE, "NUCLIA_ARAG_AGENT_ID": "a", "NUCLIA_ARAG_API_KEY": "the-secret"}
LOCAL = "http://localhost:8080"
NUA_KEY = nua(f"{PLACE}/")
PRIVATE_KEY = nua("https://nua.example.test/")

CASES = [
    (
        "a Knowledge Box",
        defined("kb", url=f"{PLACE}/api/v1/kb/{KB}"),
        {**ALL, "NUCLIA_KIND": "kb", **BOX, **IDS, **KEYS, "NUCLIA_ZONE": "europe-1"},
    ),
    (
        "a Knowledge Box on an older host",
        defined("kb", zone="europe-1", kb=KB, domain="nuclia.cloud"),
        {
            **ALL,
            **IDS,
            **KEYS,
            "NUCLIA_KIND": "kb",
            "NUCLIA_ZONE": "europe-1",
            "NUCLIA_KB_URL": f"https://europe-1.dp.nuclia.cloud/api/v1/kb/{KB}",
            "NUCLIA_API_URL": "https://europe-1.dp.nuclia.cloud/api/v1",
            "BASE_NUCLIA_DOMAIN": "nuclia.cloud",
        },
    ),
    (
        "a Knowledge Box on a private host, below a path, has no zone",
        defined("kb", url=f"https://rag.example.test/x/api/v1/kb/{KB}", zone="z"),
        {
            **ALL,
            **IDS,
            **KEYS,
            "NUCLIA_KIND": "kb",
            "NUCLIA_KB_URL": f"https://rag.example.test/x/api/v1/kb/{KB}",
            "NUCLIA_API_URL": "https://rag.example.test/x/api/v1",
        },
    ),
    (
        "a public Knowledge Box",
        defined("kb", OPEN, url=f"{PLACE}/api/v1/kb/{KB}", public=True),
        {**ALL, "NUCLIA_KIND": "kb", **BOX, **IDS, "NUCLIA_ZONE": "europe-1", "NUCLIA_KB_PUBLIC": "1"},
    ),
    (
        "a Knowledge Box of a slug, its id known",
        defined("kb", url=f"{PLACE}/api/v1/kb/s/handbook", identity=KB),
        {
            **ALL,
            "NUCLIA_KIND": "kb",
            **BOX,
            **IDS,
            **KEYS,
            "NUCLIA_ZONE": "europe-1",
            "NUCLIA_KB_URL": f"{PLACE}/api/v1/kb/s/handbook",
        },
    ),
    (
        "a Knowledge Box of a slug, its id not known",
        defined("kb", url=f"{PLACE}/api/v1/kb/s/handbook"),
        {
            **ALL,
            "NUCLIA_KIND": "kb",
            **KEYS,
            "NUCLIA_ZONE": "europe-1",
            "NUCLIA_API_URL": f"{PLACE}/api/v1",
            "NUCLIA_KB_URL": f"{PLACE}/api/v1/kb/s/handbook",
        },
    ),
    (
        "a Knowledge Box of a NucliaDB here",
        defined("kb", OPEN, url=f"{LOCAL}/api/v1/kb/{KB}", roles=ROLES),
        {
            **ALL,
            "NUCLIA_KIND": "kb",
            "NUCLIADB_URL": LOCAL,
            "NUCLIA_BASE_URL": f"{LOCAL}/api/v1",
            "NUCLIA_KBID": KB,
            "NUCLIA_KB_URL": f"{LOCAL}/api/v1/kb/{KB}",
        },
    ),
    (
        "a Knowledge Box of a NucliaDB elsewhere",
        defined("kb", OPEN, url=f"http://db.example.test/api/v1/kb/{KB}", roles=ROLES),
        {
            **ALL,
            "NUCLIA_KIND": "nucliadb",
            "NUCLIADB_URL": "http://db.example.test",
            "NUCLIA_BASE_URL": "http://db.example.test/api/v1",
            "NUCLIA_KBID": KB,
        },
    ),
    (
        "a NucliaDB",
        defined("nucliadb", OPEN, url=LOCAL),
        {
            **ALL,
            "NUCLIA_KIND": "nucliadb",
            "NUCLIADB_URL": LOCAL,
            "NUCLIA_BASE_URL": f"{LOCAL}/api/v1",
        },
    ),
    (
        "a NucliaDB with a Knowledge Box",
        defined("nucliadb", OPEN, url=LOCAL, kb=KB),
        {
            **ALL,
            "NUCLIA_KIND": "nucliadb",
            "NUCLIADB_URL": LOCAL,
            "NUCLIA_BASE_URL": f"{LOCAL}/api/v1",
            "NUCLIA_KBID": KB,
            "NUCLIA_KB_URL": f"{LOCAL}/api/v1/kb/{KB}",
        },
    ),
    (
        "a NUA key",
        defined("nua", issuer=f"{PLACE}/"),
        {
            **ALL,
            "NUCLIA_KIND": "nua",
            "NUCLIA_NUA_KEY": NUA_KEY,
            "NUA_API_KEY": NUA_KEY,
            "NUCLIA_ZONE": "europe-1",
            "NUA_ZONE": "europe-1",
        },
    ),
    (
        "a NUA key of a private host",
        defined("nua", issuer="https://nua.example.test/"),
        {
            **ALL,
            "NUCLIA_KIND": "nua",
            "NUCLIA_NUA_KEY": PRIVATE_KEY,
            "NUA_API_KEY": PRIVATE_KEY,
            "NUCLIA_NUA_ORIGIN": "https://nua.example.test",
        },
    ),
    (
        "a user",
        defined("user"),
        {**ALL, "NUCLIA_KIND": "user", "NUCLIA_USER_TOKEN": "the-secret"},
    ),
    (
        "a user of another service",
        defined(
            "user",
            account="acc",
            zone="z",
            domain="rag.example.test",
            global_url="https://g.example.test",
            oauth_url="https://o.example.test",
            zone_url="https://{zone}.z.example.test",
        ),
        {
            **ALL,
            "NUCLIA_KIND": "user",
            "NUCLIA_USER_TOKEN": "the-secret",
            "NUCLIA_ACCOUNT": "acc",
            "NUCLIA_ZONE": "z",
            "BASE_NUCLIA_DOMAIN": "example.test",
            "NUCLIA_GLOBAL_URL": "https://g.example.test",
            "NUCLIA_OAUTH_URL": "https://o.example.test",
            "NUCLIA_ZONE_URL": "https://{zone}.z.example.test",
        },
    ),
    (
        "a personal token",
        defined("personal-token", account="acc"),
        {
            **ALL,
            "NUCLIA_KIND": "personal-token",
            "NUCLIA_PERSONAL_TOKEN": "the-secret",
            "NUCLIA_ACCOUNT_TOKEN": "the-secret",
            "NUCLIA_ACCOUNT": "acc",
        },
    ),
    ("an agent", defined("agent", url=PLACE, agent="a"), {**ALL, "NUCLIA_KIND": "agent", **AGENT}),
]


def secret_for(definition: Definition) -> str:
    if definition.kind != "nua":
        return "the-secret"
    return PRIVATE_KEY if "example" in definition.origins[0] else NUA_KEY


each = pytest.mark.parametrize(("definition", "wanted"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])


@each
def test_what_a_kind_hands_over(definition: Definition, wanted: dict[str, str]) -> None:
    assert given(definition, secret_for(definition)) == wanted


@each
def test_a_program_of_ours_finds_there_the_same_credential(
    definition: Definition, wanted: dict[str, str]
) -> None:
    """And hands the very same over: a run within a run changes nothing."""
    environment = Environment(wanted)
    found = one_of(environment, fitting(environment, candidates(environment), Query()), Query())
    elsewhere = definition.kind == "kb" and wanted["NUCLIA_KIND"] == "nucliadb"
    assert found.kind == wanted["NUCLIA_KIND"]
    if not elsewhere:
        assert (found.kind, found.base_url, found.roles) == (
            definition.kind,
            definition.base_url,
            definition.roles,
        )
        assert set(found.origins) == set(definition.origins)
    assert (found.secret.value is None) == (definition.secret.way == "none")
    # The id of a slug is the profile's, and is not read again.
    if "s/handbook" not in str(definition.get("url")):
        assert given(found, secret_for(definition)) == wanted


@each
def test_nothing_of_another_credential_is_left(definition: Definition, wanted: dict[str, str]) -> None:
    """Under whatever spelling a parent had it: each variable that we read, and its twin."""
    old = dict.fromkeys((*ours(), *(n + "_FILE" for n in ours() if not n.endswith("_FILE"))), "old")
    kept = {"NUCLIA_CONFIG_DIR": "/c", "NUCLIA_PROFILES_PATH": "/p", "NUCLIACTL_OUTPUT": "json", "HOME": "/h"}
    held = Secret(secret_for(definition)) if definition.secret.way != "none" else None
    variables = handed_over(definition, definition.values, held)
    assert child_environment({**old, **kept}, variables) == {**kept, **wanted}


def test_every_variable_of_a_field_is_taken_away_with_its_twin() -> None:
    """A new one too: what is taken away follows from the declaration."""
    read = {v for field in FIELDS for v in field.variables if not v.startswith("NUCLIACTL_")}
    gone = set(cleared())
    assert read <= gone and {name + "_FILE" for name in read} <= gone
    assert {name + "_FILE" for name in secret_variables()} <= gone and ours() <= gone
    assert {
        "NUCLIA_PROFILES_URL",
        "NUCLIA_PROFILES_PASSWORD",
        "NUCLIA_PROFILES_PASSWORD_FILE",
        "NUA_ZONE",
    } <= gone
    stays = {name for name, _ in TOOL_VARIABLES} - {"NUCLIA_PROFILE", "NUCLIACTL_RUN", *SERVER_VARIABLES}
    assert not gone & stays and len(gone) == len(cleared())


def test_every_kind_hands_over_something_and_only_secrets_are_called_so() -> None:
    assert {case[1].kind for case in CASES} == set(KINDS)
    for _, definition, _ in CASES:
        held = Secret(secret_for(definition)) if definition.secret.way != "none" else None
        for variable in handed_over(definition, definition.values, held):
            assert variable.secret == (variable.held is held), variable
            assert "the-secret" not in repr(variable)


def test_a_box_on_a_session_names_the_key_to_make() -> None:
    definition = defined("kb", SecretRef("session", "me"), url=f"{PLACE}/api/v1/kb/{KB}", session="me")
    with pytest.raises(Malformed) as raised:
        check_carried(definition)
    assert raised.value.exit_code == 2
    assert f"nucliactl auth create_api_key {KB} --save-as p-key --profile me" in (raised.value.hint or "")


def test_what_no_variable_carries_is_said() -> None:
    reader = defined("kb", OPEN, url=f"{LOCAL}/api/v1/kb/{KB}", roles=("READER",))
    (said,) = not_carried(reader, reader.values)
    assert "READER" in said and "claims all" in said
    slug = defined("kb", url=f"{PLACE}/api/v1/kb/s/handbook")
    (said,) = not_carried(slug, slug.values)
    assert "NUCLIA_KBID is not set" in said and "nucliactl auth kb " in said
    for case, definition, _ in CASES:
        if "not known" not in case:
            assert not_carried(definition, definition.values) == ()


def test_a_key_of_a_global_issuer_has_the_zone_that_its_profile_states() -> None:
    key = nua("https://nuclia.cloud/")
    definition = defined("nua", issuer="https://nuclia.cloud/")
    assert "NUCLIA_ZONE" not in given(definition, key)
    stated = defined("nua", issuer="https://nuclia.cloud/", zone="europe-1")
    assert given(stated, key)["NUA_ZONE"] == "europe-1"


@pytest.mark.parametrize(
    ("kind", "named"), [("dotenv", False), ("flag", False), ("store", True), ("env", True), ("path", True)]
)
def test_a_strangers_file_does_not_say_where_programs_sign_in(kind: Any, named: bool) -> None:
    """The domain of another service would get the sign-in that a program has of its own."""
    elsewhere = defined("kb", url=f"{PLACE}/api/v1/kb/{KB}", domain="example.test")
    found = given(elsewhere._replace(source=Source(kind, "here")), "the-secret")
    assert ("BASE_NUCLIA_DOMAIN" in found) == named
    own = defined("kb", zone="europe-1", kb=KB, domain="nuclia.cloud")
    found = given(own._replace(source=Source(kind, "here")), "the-secret")
    assert found["BASE_NUCLIA_DOMAIN"] == "nuclia.cloud"
