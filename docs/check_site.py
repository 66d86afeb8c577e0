"""Looks at the built documentation: links, accessibility by axe, and what becomes of each example.

`check_site.py` shows axe each page in one mode, in turn, and of pages from one mould a few; what surrounds
all of them, once in each mode. `--all` shows it every page in every mode, whole.
"""

import functools
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import browser
from built_page import Site
from fenced import PAGES, REPO, blocks

FOLDER = REPO / ".cache/site"
OWN = ".md-content,.md-sidebar--secondary"
"""What a page has of its own: its text and its table of contents."""
MOULDS = ("reference/commands/", "decisions/0")


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


def looks(pages: list[str], *, every: bool) -> list[tuple[str, str]]:
    """Return which page is looked at in which mode."""
    modes = browser.MODES
    if every:
        return [(mode, page) for page in pages for mode in modes]
    alike = {mould: [page for page in pages if mould in page] for mould in MOULDS}
    left_out = {page for found in alike.values() for page in found[len(modes) :]}
    some = [page for page in pages if page not in left_out]
    return [(modes[number % len(modes)], page) for number, page in enumerate(some)]


def main() -> int:
    site = Site(FOLDER)
    wrong = list(site.wrong())
    links = sum(len(page.links) for page in site.pages.values())
    print(f"{len(site.pages)} pages, {links} links and files, {len(wrong)} wrong; no mark of Markdown shows")
    if browser.there():
        with served(FOLDER) as origin:
            pages = [f"{origin}/{path.relative_to(FOLDER)}" for path in site.pages]
            every = "--all" in sys.argv
            asked = looks(pages, every=every)
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
