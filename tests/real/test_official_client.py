"""`~/.nuclia/config` as the real official client writes it."""

from pathlib import Path

from support import REPO, Home

from .conftest import missing

CLIENT = REPO / ".cache/nuclia/bin/python"


def test_what_the_real_client_wrote_is_read_listed_and_imported(person: Home) -> None:
    if not CLIENT.exists():
        missing("the official client is not installed; run tests/provision.sh")
    e = person.environ
    program = (
        "from nuclia import sdk; auth = sdk.NucliaAuth()\n"
        f"auth.kb(url={e['SANDBOX_KB_URL']!r}, token={e['SANDBOX_KB_KEY']!r})\n"
        f"auth.nua(token={e['SANDBOX_NUA_KEY']!r})\n"
        f"auth.nucliadb(url={e['SANDBOX_NUCLIADB_URL']!r})\n"
    )
    result = person.program(str(CLIENT), "-c", program)
    assert result.code == 0, result.err
    config = Path(person.path / ".nuclia/config")
    before = config.read_bytes()
    assert person.run("current", "-o", "json").json == {
        "name": "nuclia:kb",
        "kind": "kb",
        "source": f"official: {config}",
    }
    assert person.run("auth", "token").out == e["SANDBOX_KB_KEY"] + "\n"
    code = "import nucliactl; print(nucliactl.resolve(kind='nua').name, nucliactl.client().get('counters').status_code)"
    assert person.python(code).out == "nuclia:nua 200\n"
    assert person.run("auth", "status", "--all").code == 0
    assert not person.store.exists()
    result = person.run("profile", "import", "--from-nuclia")
    assert result.code == 0 and "imported 3 of 3" in result.err
    assert person.run("auth", "status", "--profile", "staff-handbook").code == 0
    assert config.read_bytes() == before
