"""docs/built_page.py sees what must not stand on a page of the site."""

from pathlib import Path

import pytest
from built_page import Site, left_over

pytestmark = pytest.mark.once
WHOLE = '<html><body><h1 id="top">x</h1><pre><code>{{ a }} ``` [x](y)</code></pre><script>{{ b }}</script></body></html>'


def test_a_page_without_marks_is_left_alone() -> None:
    assert left_over(WHOLE) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "<pre><code>--8 &lt; -- &quot;a.py&quot;</code></pre>",
        '<pre><code>--8&lt;-- "a.py"</code></pre>',
        "<pre><span></span><code></code></pre>",
        '<pre><code><a name="1"></a>\n</code></pre>',
        "<p>```sh</p>",
        "<table><thead><tr><th></th><th>a</th></tr></thead></table>",
        "<p>!!! note</p>",
        "<p>see [this](that.md)</p>",
        "<p>{{ page }}</p>",
    ],
)
def test_a_mark_or_an_empty_block_is_seen(wrong: str) -> None:
    assert len(left_over(WHOLE.replace("<h1", f"{wrong}<h1"))) >= 1


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ("<a href='b.html'>", None),
        ("<a href='b.html#there'>", None),
        ("<a href='#top'>", None),
        ("<a href='https://elsewhere.example/'>", None),
        ("<img src='p.svg' alt='a picture'>", None),
        ("<a href='c.html'>", "leads nowhere"),
        ("<a href='b.html#gone'>", "leads nowhere"),
        ("<a href='#gone'>", "leads nowhere"),
        ("<img src='gone.svg' alt='a picture'>", "leads nowhere"),
        ("<img src='p.svg'>", "has no text"),
    ],
)
def test_a_link_that_leads_nowhere_is_named(tmp_path: Path, link: str, says: str | None) -> None:
    (tmp_path / "a.html").write_text(WHOLE.replace("<h1", f"{link}<h1"))
    (tmp_path / "b.html").write_text(WHOLE.replace("top", "there"))
    (tmp_path / "p.svg").write_text("<svg/>")
    found = list(Site(tmp_path).wrong())
    assert len(found) == (says is not None) and (says is None or says in found[0])
