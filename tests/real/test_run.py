"""`run` in front of real programs: the official SDK, nucliadb_sdk and our own command find the same Knowledge Box,
on a real NucliaDB and on the same behind nginx with keys."""

import json
from pathlib import Path

import pytest
from support import COMMAND, REPO, Home

from .conftest import Box, Gateway, NucliaDB, missing

PYTHON = REPO / ".cache/nuclia/bin/python"
APPS = Path(__file__).parent / "apps"
OLD = {"NUCLIA_API_KEY_FILE": "/x", "NUCLIA_PROFILE": "y", "NUA_API_KEY": "old"}
SCRIPT = f"{PYTHON} app_nuclia.py; {PYTHON} app_ndb.py; {COMMAND} current -o json; {COMMAND} auth status"


@pytest.fixture(scope="module")
def box(nucliadb: NucliaDB) -> Box:
    return nucliadb.create("handed-over")


@pytest.fixture
def three(home: Home, nucliadb: NucliaDB, gateway: Gateway, box: Box) -> Home:
    """A person with a NucliaDB, a Knowledge Box of it, and one behind keys."""
    if not PYTHON.exists():
        missing("the official client is not installed; run tests/provision.sh")
    for app in APPS.iterdir():
        (home.work / app.name).write_bytes(app.read_bytes())
    home.define("local", f'kind = "nucliadb"\nurl = "{nucliadb.url}"\nkb = "{box.id}"\n')
    home.define("roles", f'kind = "kb"\nurl = "{nucliadb.url}/api/v1/kb/{box.id}"\nroles = ["READER"]\n')
    home.define("keyed", f'kind = "kb"\nurl = "{gateway.url}/api/v1/kb/{box.id}"\napi_key = "manager-key"\n')
    home.environ |= {"SSL_CERT_FILE": gateway.certificate, "REQUESTS_CA_BUNDLE": gateway.certificate}
    return home


@pytest.mark.parametrize("variables", [{}, OLD], ids=["plain", "with another credential inherited"])
@pytest.mark.parametrize(("profile", "kind"), [("local", "nucliadb"), ("roles", "kb"), ("keyed", "kb")])
def test_three_programs_find_the_same_box(three: Home, box: Box, profile: str, kind: str, variables) -> None:
    flags = ["run", "--profile", profile] if variables else ["--profile", profile, "run", "--"]
    result = three.process(*flags, "sh", "-c", SCRIPT, **variables)
    assert result.code == 0, result.err
    theirs, ndb, ours = result.out.split("\n", 2)
    assert theirs == ndb == box.id, result.err
    current, _ = json.JSONDecoder().raw_decode(ours)
    assert (current["name"], current["kind"]) == ("env", kind)
    names = three.process("--profile", profile, "env", "-o", "json", **variables).json
    assert box.id in names["NUCLIA_KB_URL"] and names["NUCLIA_KBID"] == box.id


def test_a_shells_environment_does_for_curl_what_run_does(three: Home, box: Box) -> None:
    script = (
        f'eval "$({COMMAND} env --profile keyed)"; '
        'printf \'header = "X-NUCLIA-SERVICEACCOUNT: Bearer %s"\' "$NUCLIA_API_KEY" '
        '| curl -fsS --cacert "$SSL_CERT_FILE" -K - "$NUCLIA_KB_URL"'
    )
    result = three.program("sh", "-c", script, **OLD)
    assert result.code == 0, result.err
    assert result.json["uuid"] == box.id
