"""What is wrong with pages as MkDocs built them: marks of Markdown that show, and links that lead nowhere."""

import functools
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_INCLUDE = re.compile(r"--+\s*8\s*-*\s*(?:<|&lt;)")
_MARK = re.compile(
    r"```|\{\{|\{%|\]\([^)\s]+\)|^\s*(?:!!! |\?\?\? |:::)|<!-- (?:not run|run by)", re.MULTILINE
)
_EMPTY_BLOCK = re.compile(r"<code>(?:<[^>]+>|\s)*</code>")
_EMPTY_HEAD = re.compile(r"<th\b[^>]*>\s*</th>")
_UNSEEN = re.compile(r"<(script|style|template)\b.*?</\1>|<!--.*?-->", re.DOTALL)
_CODE = re.compile(r"<(pre|code)\b.*?</\1>", re.DOTALL)


def left_over(html: str) -> list[str]:
    """Return the marks of Markdown and of its extensions that a page shows, its empty blocks
    of code, and the columns of its tables without a head, which a screen reader cannot name."""
    seen = _UNSEEN.sub("", html)
    marks = [found[0] for found in _INCLUDE.finditer(seen)]
    marks += [found[0].strip() for found in _MARK.finditer(re.sub(r"<[^>]+>", "", _CODE.sub("", seen)))]
    marks += ["an empty block of code" for _ in _EMPTY_BLOCK.finditer(seen)]
    return marks + ["a column without a head" for _ in _EMPTY_HEAD.finditer(seen)]


_ALONE = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
"""Elements that have no end."""


class _Reader(HTMLParser):
    """Collects a page's anchors, links, the files and pictures that it loads, and the kinds of its elements:
    what each is, its classes, and what it stands in."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.nameless: list[str] = []
        self.kinds: set[tuple[str, ...]] = set()
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        self.kinds.add((*self._open[-1:], tag, *sorted((found.get("class") or "").split())))
        if tag not in _ALONE:
            self._open.append(tag)
        self.anchors.update(name for name in (found.get("id"), found.get("name")) if name)
        if tag in ("a", "link", "script", "img") and (link := found.get("href") or found.get("src")):
            self.links.append(link)
        if tag == "img" and not found.get("alt"):
            self.nameless.append(found.get("src") or "an image")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open.pop() != tag:
                pass


class Site:
    """A built site's pages, read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pages = {path: _Reader(path.read_text()) for path in sorted(folder.rglob("*.html"))}

    def of_each_kind(self) -> list[Path]:
        """Return a few pages on which each kind of element is that any page has."""
        found: list[Path] = []
        left = set[tuple[str, ...]]().union(*(page.kinds for page in self.pages.values()))
        while left:
            best = max(self.pages, key=lambda path: len(self.pages[path].kinds & left))
            found.append(best)
            left -= self.pages[best].kinds
        return found

    def wrong(self) -> Iterator[str]:
        """Yield what is wrong, each with its page: links that lead nowhere, and pictures without a text."""
        for path, page in self.pages.items():
            name = path.relative_to(self.folder)
            yield from (f"{name}: {link} leads nowhere" for link in page.links if not self._leads(path, link))
            yield from (f"{name}: {image} has no text beside it" for image in page.nameless)

    @functools.cache  # noqa: B019 (a site is looked at once)
    def _file(self, base: Path, link: str) -> Path | None:
        """Return the file that the path of a link names, or None."""
        target = (base / unquote(link).lstrip("/")).resolve()
        target = target / "index.html" if target.is_dir() else target
        return target if target.exists() else None

    def _leads(self, path: Path, link: str) -> bool:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            return parts.scheme in ("https", "http", "mailto", "data")
        base = self.folder if parts.path.startswith("/") else path.parent
        target = self._file(base, parts.path) if parts.path else path
        if target is None:
            return False
        page = self.pages.get(target)
        return page is None or not parts.fragment or unquote(parts.fragment) in page.anchors
