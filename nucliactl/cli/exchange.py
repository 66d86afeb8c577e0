"""One request, or page after page, and what comes back on standard output."""

import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from nucliactl.cli.body import Out, check_size, is_lines, lines, parsed, whole
from nucliactl.cli.output import emit_json, note
from nucliactl.cli.progress import waiting
from nucliactl.cli.query import current
from nucliactl.cli.request import Asked, turned
from nucliactl.errors import NucliactlError, Unreachable
from nucliactl.http.bounded import LIMIT
from nucliactl.http.stream import Answer, Line
from nucliactl.secret import printable
from nucliactl.service.answers import refused
from nucliactl.service.paging import Next, following
from nucliactl.text import plural

PAGES = 10_000
"""Where nobody says how many pages are wanted: a server may name one after the other for ever."""
_BAD = 400


def _stopped(host: str, limit: int, *, wanted_more: bool) -> None:
    """Say that a list goes on behind the last page that was asked for; raise it where all were wanted."""
    said = f"{host} names another page after {plural(limit, 'page')}, which was not asked for."
    if wanted_more:
        raise NucliactlError(said, hint=f"To ask for more: --max-pages {10 * limit}")
    note(said)


class Exchange(NamedTuple):
    """An open line and where its answers are printed, with their heads where those are wanted.

    Raises what a status means once what goes to standard output stands there: the body as it is, or what
    --query picks from it (of a refusal, nothing).
    """

    line: Line
    out: Out
    with_heads: bool

    def once(self, wanted: Asked, url: str) -> None:
        """Send a request and print its answer as it comes."""
        answer = self._sent(wanted, url)
        if answer.status >= _BAD:
            self._print_refusal(answer, wanted)
        elif (query := current()) is None:
            for piece in answer.pieces():
                self.out.write(piece)
        elif is_lines(answer.content_type):
            for line in lines(answer.pieces()):
                self.out.text(query.text(parsed(line), compact=True))
        else:
            self.out.text(query.text(parsed(whole(answer.pieces()))))

    def pages(self, wanted: Asked, url: str, *, together: bool, most: int | None) -> None:
        """Ask for page after page, for `most` of them or up to PAGES. Each is printed as it comes and ends
        its line; `together`, all of them are one JSON list."""
        pages: list[Any] = []
        size = 0
        steps: set[Next] = set()
        limit = PAGES if most is None else most
        for number in range(1, limit + 1):
            answer = self._sent(wanted, url)
            body = whole(answer.pieces())
            if answer.status >= _BAD:
                raise refused(answer.refusal(body[:LIMIT]), wanted.words)
            page = parsed(body)
            if together:
                size += len(body)
                check_size(size)
                pages.append(page)
            else:
                self._print_page(body, page)
            step = following(page)
            if step is None:
                break
            if step in steps:
                named = printable(str(step.value))
                raise Unreachable(f"{answer.host} names the page {named} a second time, and no other.")
            steps.add(step)
            if number < limit:
                wanted, url = turned(wanted, url, step)
        if together:
            emit_json(pages)
        if step is not None:
            _stopped(answer.host, limit, wanted_more=most is None)

    def _sent(self, wanted: Asked, url: str) -> Answer:
        """Send a request; return its answer when it begins."""
        if wanted.parameters:
            url += f"{'&' if '?' in url else '?'}{urlencode(wanted.parameters)}"
        body = wanted.body if wanted.payload is None else json.dumps(wanted.payload).encode()
        with waiting("waiting for an answer"):
            answer = self.line.send(wanted.method, url, wanted.headers, body)
        if self.with_heads:
            self.out.head(answer.head)
        return answer

    def _print_page(self, body: bytes, page: Any) -> None:
        if query := current():
            self.out.text(query.text(page))
        else:
            self.out.write(body)
            self.out.end_line()

    def _print_refusal(self, answer: Answer, wanted: Asked) -> None:
        said = bytearray()
        for piece in answer.pieces():
            said += piece[: LIMIT - len(said)]
            if current() is None:
                self.out.write(piece)
            elif len(said) >= LIMIT:
                break  # nothing more is shown of it
        raise refused(answer.refusal(bytes(said)), wanted.words)
