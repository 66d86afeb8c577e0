"""Puts the commands' pages into the navigation, and looks at every page that MkDocs built."""

import re
from pathlib import Path
from typing import Any

from built_page import left_over
from mkdocs.exceptions import PluginError

COMMANDS = "reference/commands"
_DRAWING = re.compile(r'<script src="[^"]*mermaid\.min\.js"></script>')  # 3 MB, for pages with a diagram


def on_config(config: Any) -> Any:
    """Put the commands' pages below "Commands", in the order of their overview."""
    overview = (Path(config.docs_dir) / f"{COMMANDS}.md").read_text()
    pages = [
        {title: f"reference/{target}"}
        for title, target in re.findall(r"\[`([^`]+)`\]\((\S+\.md)\)", overview)
    ]
    for section in config.nav:
        if "Reference" in section:
            section["Reference"][0] = {"Commands": [{"Overview": f"{COMMANDS}.md"}, *pages]}
    return config


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """End the build where a page shows a mark."""
    if found := left_over(output):
        raise PluginError(f"{page.file.src_uri} shows {found[0]}")
    return named(output if 'class="mermaid"' in output else _DRAWING.sub("", output))


def on_post_template(output_content: str, **_: Any) -> str:
    return named(output_content)


def named(html: str) -> str:
    """Give the theme's search a name, which a screen reader says."""
    return html.replace('role="dialog"', 'role="dialog" aria-label="Search"', 1)
