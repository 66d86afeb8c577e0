"""What a person sees: the sandbox's page and the built documentation, in a real headless Chromium."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser as chromium
import httpx
import pytest
from check_site import served
from support import REPO, Home

from nucliactl.login import pages

from .conftest import missing

NODE = chromium.NODE
LOOK = Path(__file__).parent / "node/look.mjs"
IN_ALL = [(mode, name) for name in ("DONE", "DENIED", "STRAY") for mode in chromium.MODES]


@pytest.fixture
def browser(home: Home) -> Home:
    if not chromium.there():
        missing("Chromium, its remote control or axe is not installed; run tests/provision.sh")
    return home


def look(home: Home, *urls: str) -> list[dict[str, Any]]:
    script = NODE / "look.mjs"
    if not script.exists() or script.read_bytes() != LOOK.read_bytes():
        shutil.copy(LOOK, script)  # beside its packages
    words = [word for number, url in enumerate(urls) for word in (url, str(home.path / f"{number}.png"))]
    result = home.program("node", str(script), *words)
    assert result.code == 0, result.err
    return [json.loads(line) for line in result.out.splitlines()]


def test_the_sandboxs_page_shows_what_exists(browser: Home, sandbox: dict[str, str]) -> None:
    browser.environ.update(sandbox)
    browser.run("auth", "kb", sandbox["SANDBOX_KB_URL"], "-", stdin=sandbox["SANDBOX_KB_KEY"])
    (page,) = look(browser, sandbox["NUCLIA_GLOBAL_URL"] + "/")
    assert page["title"] == "nucliactl sandbox" and page["errors"] == []
    assert "Staff handbook" in page["text"] and "/api/authorizer/info" in page["text"]
    assert sandbox["SANDBOX_KB_KEY"] not in page["text"]


def test_nobody_is_kept_from_the_sandboxs_pages(browser: Home, sandbox: dict[str, str]) -> None:
    """Its status, its sign-in with and without a problem, the consent and a refusal."""
    browser.environ.update(sandbox)
    browser.run("auth", "kb", sandbox["SANDBOX_KB_URL"], "-", stdin=sandbox["SANDBOX_KB_KEY"])
    origin, folder = sandbox["NUCLIA_GLOBAL_URL"], browser.work
    asked = {"client_id": CLIENT, "redirect_uri": "http://127.0.0.1:18765/callback", "response_type": "code"}
    asked |= {
        "state": "s" * 32,
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
        "scope": "openid",
    }
    with httpx.Client(base_url=sandbox["NUCLIA_OAUTH_URL"], trust_env=False) as http:
        (folder / "sign-in.html").write_text(form := http.get("/oauth2/auth", params=asked).text)
        (folder / "refused.html").write_text(http.get("/oauth2/auth").text)
        (folder / "wrong.html").write_text(http.post("/oauth2/login", data=answers(form, password="no")).text)
        person = answers(form, login=sandbox["SANDBOX_LOGIN"], password=sandbox["SANDBOX_PASSWORD"])
        (folder / "consent.html").write_text(http.post("/oauth2/login", data=person).text)
    assert 'id="allow"' in (folder / "consent.html").read_text()
    with served(folder) as kept:
        some = [f"{kept}/{name}.html" for name in ("sign-in", "refused", "wrong", "consent")]
        assert chromium.violations((mode, url) for url in [origin, *some] for mode in chromium.MODES) == []


CLIENT = "43f54e81-932a-4b45-9bba-acbf4e2b5ee6"


def answers(form: str, **given: str) -> dict[str, str]:
    ticket = re.search(r'name="ticket" value="([^"]+)"', form)
    assert ticket
    return {"ticket": ticket[1], "login": "x", **given}


def test_nobody_is_kept_from_the_page_after_a_sign_in(browser: Home) -> None:
    for name in ("DONE", "DENIED", "STRAY"):
        (browser.work / f"{name}.html").write_text(getattr(pages, name))
    with served(browser.work) as origin:
        assert chromium.violations((mode, f"{origin}/{name}.html") for mode, name in IN_ALL) == []


def test_axe_sees_what_is_wrong(browser: Home) -> None:
    """Else the tests above say nothing."""
    wrong = pages.DONE.replace("--quiet: #565e70", "--quiet: #c8ccd4").replace(' lang="en"', "")
    (browser.work / "wrong.html").write_text(wrong)
    with served(browser.work) as origin:
        found = chromium.violations([("390-light", f"{origin}/wrong.html")])
    assert {line.split(": ")[1] for line in found} == {"color-contrast", "html-has-lang"}


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The documentation, built and checked as `make docs` does, and served from loopback."""
    if not (REPO / ".cache/docs/bin/mkdocs").exists():
        missing("MkDocs is not installed; run tests/provision.sh")
    done = subprocess.run(["make", "-s", "docs-pages"], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 wrong; " in done.stdout and " looks, 0 violations" in done.stdout, done.stdout
    with served(REPO / ".cache/site") as origin:
        yield origin


def test_the_built_documentation_opens_with_its_pictures(browser: Home, site: str) -> None:
    index, commands, which, trust = look(
        browser,
        f"{site}/index.html",
        f"{site}/reference/commands/auth-kb.html",
        f"{site}/which-profile.html",
        f"{site}/explanation/trust.html",
    )
    for page in (index, commands, which, trust):
        assert page["errors"] == [], page
    assert len(index["images"]) == 2 and all(width > 0 for width in index["images"])
    assert "auth kb" in commands["text"] and "a laptop" in which["text"]
    assert trust["diagrams"] + trust["text"].count("mermaid") >= 1
