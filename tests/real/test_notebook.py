"""A real Jupyter kernel: the cells of docs/how-to/notebook.md, and what a profile looks like in one."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import browser as chromium
import pytest
from check_site import served
from fenced import blocks
from support import REPO, Home, missing

from nucliactl.html_page import html_page

PYTHON = REPO / ".cache/notebook/bin/python"
SITE = next(iter((REPO / ".venv").glob("lib/python3*/site-packages")), Path("none"))
HOSTILE = "</td><script>document.title='taken'</script><b>&amp; $x^2$ \u202eright to left \x1b[31m'\""
pytestmark = pytest.mark.once


@pytest.fixture
def user(person: Home) -> Home:
    """Somebody with `handbook`, whose kernel finds nucliactl behind the packages of Jupyter."""
    if not PYTHON.exists():
        missing("Jupyter's kernel is not installed; run tests/provision.sh")
    key = person.environ["SANDBOX_KB_KEY"]
    assert person.run("auth", "kb", person.environ["SANDBOX_KB_URL"], "-", stdin=key).code == 0
    return person


def outputs_of(user: Home, *cells: str, **variables: str) -> list[list[dict[str, Any]]]:
    """Return the outputs of cells that ran in one kernel."""
    first = f"import sys; sys.path.append({str(SITE)!r})"
    runner = str(Path(__file__).parent / "notebook/run.py")
    result = user.program(str(PYTHON), runner, stdin=json.dumps([first, *cells]), **variables)
    assert result.code == 0, result.err
    found: list[list[dict[str, Any]]] = json.loads(result.out)[1:]
    return found


class Cells(HTMLParser):
    """The facts of a table, as a browser reads them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, _: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_cells_of_the_page_run_in_one_notebook(user: Home) -> None:
    page = blocks("docs/how-to/notebook.md")
    cells = [block.text for block in page if block.language in ("python", "py")]
    assert any("await " in cell or "async with" in cell for cell in cells)
    outputs = outputs_of(user, *cells)
    assert [one for some in outputs for one in some if one["output_type"] == "error"] == []
    shown = [
        one["data"]["text/html"] for some in outputs for one in some if "text/html" in one.get("data", {})
    ]
    assert len(shown) == 1 and "Staff handbook" in shown[0]
    assert user.environ["SANDBOX_KB_KEY"] not in json.dumps(outputs)


def test_a_profile_is_shown_escaped_and_without_its_secret(user: Home) -> None:
    path = user.store / "profiles/handbook.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith(("title", "description"))]
    text = json.dumps(HOSTILE)  # as TOML writes it
    path.write_text("\n".join([*lines, f"title = {text}", f"description = {text}"]) + "\n")
    [[output]] = outputs_of(user, "import nucliactl\nnucliactl.resolve()")
    html = output["data"]["text/html"]
    found = Cells(html)
    assert set(found.tags) == {"table", "caption", "tbody", "tr", "th", "td"}
    assert found.texts[:3] == ["Profile handbook", "kind", "kb"]
    facts = dict(zip(found.texts[1::2], found.texts[2::2], strict=True))
    assert facts["title"].startswith("</td><script>") and "\\u202e" in facts["title"]
    assert facts["address"] == user.environ["SANDBOX_KB_URL"]
    assert facts["chosen by"].startswith("active: ") and facts["defined in"].startswith("store: ")
    assert user.environ["SANDBOX_KB_KEY"] not in json.dumps(output) and "mathjax_ignore" in html
    if not chromium.there():
        missing("Chromium, its remote control or axe is not installed; run tests/provision.sh")
    (user.work / "shown.html").write_text(html_page("A cell", "", f"<main><h1>A cell</h1>{html}</main>"))
    with served(user.work) as origin:
        assert chromium.violations((mode, f"{origin}/shown.html") for mode in chromium.MODES) == []
