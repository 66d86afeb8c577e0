"""`nucliactl api`, `kbs list` and `auth kb SLUG` on a real NucliaDB."""

import json
import uuid

import pytest
from support import Home

from .conftest import Box, NucliaDB


@pytest.fixture
def local(home: Home, nucliadb: NucliaDB) -> tuple[Home, Box]:
    box = nucliadb.create(f"api-{uuid.uuid4().hex[:8]}")
    assert home.run("auth", "nucliadb", nucliadb.url).code == 0
    return home, box


def test_get_post_and_a_paginated_list(local: tuple[Home, Box]) -> None:
    home, box = local
    assert home.run("auth", "kb", box.slug, "--name", "box").code == 0
    assert home.run("api").code == 2
    found = home.run("api", "", "--query", "{id: uuid, slug: slug}")
    assert found.json == {"id": box.id, "slug": box.slug}
    titles = [f"Title {n}" for n in range(5)]
    for title in titles:
        made = home.run(
            "api", "POST", "resources", "-f", f"title={title}", "-F", "texts[body][body]=@-", stdin=title
        )
        assert made.code == 0 and json.loads(made.out)["uuid"], made
    pages = home.run("api", "resources?size=2", "--paginate")
    assert pages.code == 0, pages
    shapes = [json.loads(line) for line in pages.out.splitlines()]
    assert [page["pagination"] for page in shapes] == [
        {"page": n, "size": 2, "last": n == 2} for n in range(3)
    ]
    assert sorted(r["title"] for page in shapes for r in page["resources"]) == titles
    listed = home.run(
        "api", "resources", "-f", "size=2", "--paginate", "--query", "resources[].title", "-o", "name"
    )
    assert sorted(listed.out.splitlines()) == titles
    one = shapes[0]["resources"][0]["id"]
    assert home.run("api", f"resource/{one}", "-F", "show=values").code == 1  # POST: it is no such call
    text = home.run(
        "api", "GET", f"resource/{one}", "-f", "show=values", "--query", "data.texts.body.value.body"
    )
    assert text.json.startswith("Title ")
    assert home.run("api", "PATCH", f"resource/{one}", "-f", "title=Other").code == 0
    assert home.run("api", "DELETE", f"resource/{one}").code == 0


def test_the_services_own_words_and_exit_codes(local: tuple[Home, Box], nucliadb: NucliaDB) -> None:
    home, box = local
    missing = home.run("api", f"kb/{uuid.uuid4()}")
    assert (missing.code, json.loads(missing.out)["detail"] in missing.err) == (1, True)
    wrong = home.run("api", f"/api/v1/kb/{box.id}/resources?size=x")
    assert wrong.code == 1 and "query.size" in wrong.err
    home.define("reader", f'kind = "nucliadb"\nurl = "{nucliadb.url}"\nroles = ["READER"]\n')
    refused = home.run("api", "POST", "kbs", "-f", "slug=x", "--profile", "reader")
    assert refused.code == 4 and "role may not allow" in refused.err


def test_a_key_behind_an_ingress(home: Home, nucliadb: NucliaDB, gateway) -> None:
    box = nucliadb.create(f"key-{uuid.uuid4().hex[:8]}")
    home.environ["SSL_CERT_FILE"] = gateway.certificate
    url = f"{gateway.url}/api/v1/kb/{box.id}"
    for name in ("reader", "manager"):
        assert home.run("auth", "kb", url, "-", "--name", name, stdin=f"{name}-key").code == 0
    assert home.run("api", "POST", "resources", "-f", "title=x", "--profile", "manager").code == 0
    assert home.run("api", "resources", "--profile", "reader", "--query", "resources[].title").json == ["x"]
    assert home.run("api", "POST", "resources", "-f", "title=x", "--profile", "reader").code == 4
    assert home.run("api", f"{nucliadb.url}/", "--profile", "reader").code == 6


def test_the_boxes_of_a_nucliadb_are_listed_and_logged_in_to_by_slug_and_id(
    local: tuple[Home, Box], nucliadb: NucliaDB
) -> None:
    home, box = local
    other = nucliadb.create(f"other-{uuid.uuid4().hex[:8]}")
    rows = {row["id"]: row for row in home.run("kbs", "list", "-o", "json").json}
    assert rows[box.id] == {
        "id": box.id,
        "slug": box.slug,
        "title": box.slug.title(),
        "account": None,
        "zone": None,
        "url": f"{nucliadb.url}/api/v1/kb/{box.id}",
    }
    assert {box.slug, other.slug} <= set(home.run("kbs", "-o", "name").out.split())
    assert box.id in home.run("kbs").out
    for wanted, name in ((box.slug, box.slug), (other.id, "mine")):
        words = ("--name", name) if name == "mine" else ()
        result = home.run("auth", "kb", wanted, "--profile", "local", *words)
        assert result.code == 0 and name in result.err, result
        assert home.run("current").out == name + "\n"
        assert home.run("api", "", "--query", "uuid").json == (box.id if wanted == box.slug else other.id)
    before = home.files()
    for unknown in ("nobody", str(uuid.uuid4())):
        result = home.run("auth", "kb", unknown, "--profile", "local")
        assert result.code == 1 and "nucliactl kbs list" in result.err, result
    assert home.files() == before
