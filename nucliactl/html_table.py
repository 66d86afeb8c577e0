"""What a notebook shows of an object: a small table, without style of its own, for light and dark."""

from collections.abc import Mapping
from html import escape

from nucliactl.text import printable

_LEFT = ' style="text-align:left;overflow-wrap:anywhere"'  # notebooks set cells to the right


def html_table(title: str, facts: Mapping[str, str | None]) -> str:
    """Return facts as a table under a title, everything escaped and printable; a fact that is None or ""
    is left out. Colours are the notebook's own, and `$` in a text is no formula."""
    rows = "".join(
        f'<tr><th scope="row"{_LEFT}>{_text(name)}</th><td{_LEFT}>{_text(value)}</td></tr>'
        for name, value in facts.items()
        if value
    )
    return (
        f'<table class="tex2jax_ignore mathjax_ignore"><caption{_LEFT}>{_text(title)}</caption>'
        f"<tbody>{rows}</tbody></table>"
    )


def _text(words: str) -> str:
    return escape(printable(words, 300))
