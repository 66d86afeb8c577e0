"""What a person sees: the sandbox's page and the built documentation, in a real headless Chromium."""

import functools
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from support import REPO, Home

from .conftest import missing

NODE = REPO / ".cache/node"
LOOK = Path(__file__).parent / "node/look.mjs"


@pytest.fixture
def browser(home: Home) -> Home:
    if not (NODE / "node_modules/playwright-core").exists() or not shutil.which("chromium"):
        missing("Chromium or its remote control is not installed; run tests/provision.sh")
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
    assert page["title"] == "nucliactl sandbox" and page["errors"] in ([], [_favicon(sandbox)])
    assert "Staff handbook" in page["text"] and "/api/authorizer/info" in page["text"]
    assert sandbox["SANDBOX_KB_KEY"] not in page["text"]


def _favicon(sandbox: dict[str, str]) -> str:
    return "Failed to load resource: the server responded with a status of 404 (Not Found)"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The documentation, built as `make docs` does, and served from loopback."""
    if not (REPO / ".cache/docs/bin/mkdocs").exists():
        missing("MkDocs is not installed; run tests/provision.sh")
    done = subprocess.run(["make", "-s", "docs-pages"], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    handler = functools.partial(Quiet, directory=str(REPO / ".cache/site"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


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
