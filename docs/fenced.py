"""The fenced blocks of the README and of the documentation."""

import re
from pathlib import Path
from typing import Literal, NamedTuple

REPO = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = re.compile(r"<!-- (not run:|run by) (.+?) -->\s*\Z")
SHOWN = ("text", "mermaid", "yaml", "ini", "html", "json", "js")
GENERATED = ("reference", "decisions")
PAGES = sorted(
    str(page.relative_to(REPO))
    for page in [REPO / "README.md", *(REPO / "docs").rglob("*.md")]
    if not {parent.name for parent in page.parents} & {*GENERATED}
)

Fate = Literal["run", "run elsewhere", "shown", "not run"]


class Block(NamedTuple):
    """A fenced block, and what becomes of it; `why` is the reason, or the test that runs it."""

    language: str
    text: str
    line: int
    fate: Fate
    why: str = ""


def blocks(page: str) -> list[Block]:
    text = (REPO / page).read_text()
    return [
        Block(m[1], m[2], text[: m.start()].count("\n") + 1, *_fate(m[1], text[: m.start()]))
        for m in FENCE.finditer(text)
    ]


def _fate(language: str, before: str) -> tuple[Fate, str]:
    if marked := MARK.search(before):
        return ("not run" if marked[1] == "not run:" else "run elsewhere"), marked[2]
    return ("shown", "") if language in SHOWN else ("run", "")
