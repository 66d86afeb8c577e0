"""Looks at the built documentation: links, accessibility by axe, and what becomes of each example.

`check_site.py` shows axe a few pages that have between them every kind of element, each on a desktop and on
a phone, light and dark; of the others it sees that none is wider than a phone. What surrounds all of them is
looked at once in each mode. `--all` shows axe every page in every mode, whole.
"""

import functools
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from pathlib import Path

import browser
from built_page import Site
from fenced import PAGES, REPO, blocks

FOLDER = REPO / ".cache/site"
OWN = ".md-content,.md-sidebar--secondary"
"""What a page has of its own: its text and its table of contents."""
BOTH = ("1280-dark", "390-light")
MOULDS = ("reference/commands/", "decisions/0")
"""Pages of one mould are as wide as each other: some are looked at."""


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None: ...


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a directory from loopback; yields its address."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def looks(site: Site, origin: str, *, every: bool) -> list[tuple[str, str]]:
    """Return which page is looked at in which mode."""

    def address(path: Path) -> str:
        return f"{origin}/{path.relative_to(FOLDER)}"

    if every:
        return [(mode, address(path)) for path in site.pages for mode in browser.MODES]
    some = site.of_each_kind()
    alike = [[path for path in site.pages if mould in str(path)][4:] for mould in MOULDS]
    others = [path for path in site.pages if path not in (*some, *chain(*alike))]
    first = [(mode, address(some[0])) for mode in browser.MODES]
    looked_at = [(mode, address(path)) for path in some[1:] for mode in BOTH]
    return [*first, *looked_at, *((browser.WIDTH, address(path)) for path in others)]


def main() -> int:
    site = Site(FOLDER)
    wrong = list(site.wrong())
    links = sum(len(page.links) for page in site.pages.values())
    print(f"{len(site.pages)} pages, {links} links and files, {len(wrong)} wrong; no mark of Markdown shows")
    if browser.there():
        with served(FOLDER) as origin:
            every = "--all" in sys.argv
            asked = looks(site, origin, every=every)
            found = browser.violations(asked, "" if every else OWN)
        print(f"axe: {len(asked)} looks, {len(found)} violations")
        wrong += found
    else:
        print("axe: not run: Chromium or its packages are not installed; run tests/provision.sh")
    fates = [(page, block) for page in PAGES for block in blocks(page)]
    counts = Counter(block.fate for _, block in fates)
    print(f"{len(fates)} fenced blocks: {', '.join(f'{n} {fate}' for fate, n in sorted(counts.items()))}")
    for page, block in fates:
        if block.fate == "not run":
            print(f"  not run: {page}:{block.line}: {block.why}")
    print("\n".join(wrong), file=sys.stderr, end="\n" if wrong else "")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
