"""The frame of the pages that a browser shows: light and dark, without scripts and requests."""

from html import escape

_BASE = """
:root { color-scheme: light dark; --text: #1d2330; --quiet: #565e70; --back: #f6f7f9; --card: #fff;
  --line: #d9dde5; --accent: #2b50c8; --on-accent: #fff; --good: #14663a; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ee; --quiet: #a5adbd; --back: #14171d;
  --card: #1d212a; --line: #363d4b; --accent: #9db6ff; --on-accent: #101a3a; --good: #7fd4a0;
  --bad: #ffb0a8; } }
* { box-sizing: border-box; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0; background: var(--back); color: var(--text); }
"""


def html_page(title: str, style: str, main: str) -> str:
    """Return a document whose body is `main`, markup already. `style` may use the frame's variables."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
        f"<title>{escape(title)}</title><style>{_BASE}{style}</style></head><body>{main}</body></html>\n"
    )
