"""The main job on a real NucliaDB, and through a real TLS ingress that demands API keys."""

import uuid

from support import Home

READ = """
import asyncio, nucliactl
with nucliactl.client() as http:
    profile = nucliactl.resolve()
    print(http.get(profile.url).json()["slug"], http.get("counters").status_code)
async def main():
    async with nucliactl.async_client() as http:
        print((await http.get(profile.url)).json()["slug"], (await http.get("counters")).status_code)
asyncio.run(main())
"""


def slug(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:6]}"


def test_log_in_list_switch_and_read_a_kb_of_a_real_nucliadb(home: Home, nucliadb) -> None:
    first, second = nucliadb.create(slug("first")), nucliadb.create(slug("second"))
    assert home.run("auth", "nucliadb", nucliadb.url + "/api/v1/").code == 0
    for box in (first, second):
        result = home.run("auth", "kb", f"{nucliadb.url}/api/v1/kb/{box.id}")
        assert result.code == 0 and f"saved as {box.slug}" in result.err, result
    assert set(home.run("list", "-o", "name").out.split()) == {"local", first.slug, second.slug}
    for box in (first, second):
        assert home.run("use", box.slug).code == 0
        result = home.python(READ)
        assert result.out == f"{box.slug} 200\n" * 2, result
    assert home.run("use", "-").code == 0 and home.run("current").out == first.slug + "\n"
    states = home.run("auth", "status", "--all", "-o", "json").json
    assert [s["state"] for s in states] == ["valid"] * 3


def test_the_nucliadb_profile_may_create_and_delete(home: Home, nucliadb) -> None:
    home.run("auth", "nucliadb", nucliadb.url)
    program = f"""
import nucliactl
with nucliactl.client(kind="nucliadb") as http:
    made = http.post("kbs", json={{"slug": "{slug("made")}", "title": "x"}})
    address = "kb/" + made.json()["uuid"]
    print(made.status_code, http.get(address).status_code, http.delete(address).status_code)
"""
    assert home.python(program).out == "201 200 200\n"


def test_a_kb_by_its_slug_url_and_a_kb_that_is_not_there(home: Home, nucliadb) -> None:
    box = nucliadb.create(slug("byslug"))
    assert home.run("auth", "kb", f"{nucliadb.url}/api/v1/kb/s/{box.slug}/").code == 0
    assert home.run("current").out == box.slug + "\n"
    gone = home.run("auth", "kb", f"{nucliadb.url}/api/v1/kb/{uuid.uuid4()}")
    assert gone.code == 1 and "There is no Knowledge Box at" in gone.err


def test_a_container_reads_a_kb_with_one_variable(home: Home, nucliadb) -> None:
    box = nucliadb.create(slug("env"))
    variables = {"NUCLIA_KB_URL": f"{nucliadb.url}/api/v1/kb/{box.id}"}
    assert home.python(READ, **variables).out == f"{box.slug} 200\n" * 2
    split = {"NUCLIA_API_URL": nucliadb.url + "/api", "NUCLIA_KBID": box.id}
    assert home.python(READ, **split).out == f"{box.slug} 200\n" * 2
    base = {"NUCLIA_BASE_URL": nucliadb.url + "/api/v1"}
    assert home.run("auth", "status", **base).code == 0


def test_api_keys_through_tls(home: Home, nucliadb, gateway) -> None:
    box = nucliadb.create(slug("keyed"))
    url = f"{gateway.url}/api/v1/kb/{box.id}"
    untrusted = home.run("auth", "kb", url, "-", stdin="reader-key")
    assert untrusted.code == 5 and "is not trusted" in untrusted.err and "SSL_CERT_FILE" in untrusted.err
    home.environ["SSL_CERT_FILE"] = gateway.certificate
    wrong = home.run("auth", "kb", url, "-", stdin="Reader-Key")
    assert wrong.code == 4 and "rejected the API key (401" in wrong.err
    assert home.files() == {}
    assert home.run("auth", "kb", url, "-", "--name", "reader", stdin="reader-key").code == 0
    assert home.run("auth", "kb", url, "-", "--name", "writer", stdin="manager-key").code == 0
    assert home.python(READ).out == f"{box.slug} 200\n" * 2
    change = "import nucliactl\nwith nucliactl.client({!r}) as http: print(http.post('resources', json={{}}).status_code)"
    assert home.python(change.format("reader")).out == "403\n"
    assert home.python(change.format("writer")).out == "201\n"
    status = home.run("auth", "status", "--profile", "reader")
    assert status.code == 0, status
    variables = {"NUCLIA_KB_URL": url, "NUCLIA_API_KEY": "reader-key"}
    assert home.python(READ, **variables).out == f"{box.slug} 200\n" * 2


def test_a_rotated_secret_file_is_picked_up_without_a_restart(home: Home, nucliadb, gateway) -> None:
    box = nucliadb.create(slug("rotated"))
    path = home.path / "key"
    path.write_text("stale-key\n")
    program = f"""
import nucliactl, pathlib
http = nucliactl.client()
print(http.get("counters").status_code)
pathlib.Path({str(path)!r}).write_text("reader-key\\n")
print(http.get("counters").status_code)
"""
    url = f"{gateway.url}/api/v1/kb/{box.id}"
    variables = {"NUCLIA_KB_URL": url, "NUCLIA_API_KEY_FILE": str(path), "SSL_CERT_FILE": gateway.certificate}
    assert home.python(program, **variables).out == "401\n200\n"
