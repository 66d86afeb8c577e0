"""The fenced blocks of the README and of the documentation."""

import re
from typing import NamedTuple

from support import REPO

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NOT_RUN = re.compile(r"<!-- not run: (.+?) -->\s*\Z")
SHOWN = ("text", "mermaid", "yaml", "ini", "html", "json", "js")
PAGES = sorted(
    str(page.relative_to(REPO))
    for page in [REPO / "README.md", *(REPO / "docs").rglob("*.md")]
    if page.parent.name not in ("reference", "decisions")
)


class Block(NamedTuple):
    """A fenced block; `reason` says why it is not run, where it is not."""

    language: str
    text: str
    line: int
    reason: str | None


def blocks(page: str) -> list[Block]:
    text = (REPO / page).read_text()
    found = []
    for m in FENCE.finditer(text):
        marked = NOT_RUN.search(text[: m.start()])
        reason = marked[1] if marked else f"{m[1]} is shown" if m[1] in SHOWN else None
        found.append(Block(m[1], m[2], text[: m.start()].count("\n") + 1, reason))
    return found
