"""Requests whose answers are read as they come, however long they are: one client, one thread.

Up to the head of an answer a request has its total deadline, as everywhere, unless its body is still being
sent. After that an answer may take as long as it goes on: only one that falls silent is given up.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import TypeVar

import httpx

from nucliactl.errors import Malformed, Unreachable, unclear
from nucliactl.http.client import Connection, async_client
from nucliactl.http.failures import in_words
from nucliactl.http.flow import end_tasks, unless_ending
from nucliactl.http.hops import answered
from nucliactl.http.origin import origin_of_request
from nucliactl.http.send import SECRET_LEAST
from nucliactl.secret import HIDDEN, Secret, Untraced

T = TypeVar("T")
Body = bytes | Iterator[bytes] | None
_PLAIN = ("", "identity")


class Answer:
    """The head of an answer, and its body in pieces. Where it repeats the credential, that is masked."""

    def __init__(self, line: "Line", response: httpx.Response) -> None:
        self._line, self._response = line, response
        self.status = response.status_code
        self.content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def host(self) -> str:
        return origin_of_request(self._response.request)

    @property
    def head(self) -> list[str]:
        """The status line and the headers, a line each."""
        found = self._response
        lines = [f"{found.http_version} {found.status_code} {found.reason_phrase}".rstrip()]
        raw = (f"{name.decode('latin-1')}: {value.decode('latin-1')}" for name, value in found.headers.raw)
        mask = self._line.mask()
        return lines + [(mask.of(line.encode()) + mask.rest()).decode() for line in raw]

    def pieces(self) -> Iterator[bytes]:
        """The body, as it comes. Raises Unreachable where it breaks off or falls silent."""
        mask, body = self._line.mask(), self._response.aiter_raw()
        while (piece := self._line.piece(body, self._response.request)) is not None:
            if shown := mask.of(piece):
                yield shown
        if shown := mask.rest():
            yield shown

    def refusal(self, body: bytes) -> httpx.Response:
        """Return the answer with what was read of its body, to be put into words."""
        return httpx.Response(self.status, content=body, request=self._response.request)


class Line:
    """A client that is open, for one request after another. An answer that is left before its end is closed
    with the line, or by the next request."""

    def __init__(self, runner: asyncio.Runner, http: httpx.AsyncClient, connection: Connection) -> None:
        self._runner, self._http, self._seconds = runner, http, connection.timeout
        self._auth = connection.auth
        self._last: httpx.Response | None = None

    def send(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: Body = None) -> Answer:
        """Send a request and return its answer once the head has come; raises as `http.send.send` does.

        A body that comes in pieces is sent once: it is not at hand for a second time.
        """
        return self._runner.run(self._sent(method, url, headers, body))

    async def _sent(self, method: str, url: str, headers: Sequence[tuple[str, str]], body: Body) -> Answer:
        loop = asyncio.get_running_loop()
        limit = asyncio.timeout(self._seconds)

        def alive() -> None:
            limit.reschedule(loop.time() + self._seconds)

        content = body if body is None or isinstance(body, bytes) else _sending(body, alive)
        await self._leave()
        try:
            request = self._http.build_request(method, url, headers=_headers(headers), content=content)
        except httpx.InvalidURL:
            raise Malformed(
                "The address is too long, or no address at all.", hint="Send what is long in the body: POST"
            ) from None
        host = origin_of_request(request)
        try:
            async with limit:
                self._last = response = await answered(self._http, request, self._auth)
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
            raise in_words(error, request, host, self._seconds) from None
        asked = "accept-encoding" in (name.lower() for name, _ in headers)
        if not asked and response.headers.get("Content-Encoding", "").strip().lower() not in _PLAIN:
            raise unclear(f"{host} sends an encoded answer, which was not asked for.")
        return Answer(self, response)

    def piece(self, body: AsyncIterator[bytes], request: httpx.Request) -> bytes | None:
        """Return the next piece of a body, None at its end."""

        async def next_piece() -> bytes | None:
            return await anext(body, None)

        try:
            return self._runner.run(next_piece())
        except httpx.ReadTimeout:
            raise Unreachable(
                f"{origin_of_request(request)} has sent nothing for {self._seconds:g} seconds, in the midst "
                "of its answer.",
                hint="Try again, or wait longer: NUCLIACTL_TIMEOUT=SECONDS",
            ) from None
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise in_words(error, request, origin_of_request(request), self._seconds) from None

    async def _leave(self) -> None:
        """Close the last answer, wherever it was left."""
        left, self._last = self._last, None
        if left is not None:
            with contextlib.suppress(httpx.HTTPError, OSError):
                await left.aclose()

    async def close(self) -> None:
        await end_tasks()
        await self._leave()
        await self._http.aclose()

    @property
    def sent(self) -> Secret | None:
        """The secret that the last request carried."""
        return self._auth.sent

    def mask(self) -> "Mask":
        return Mask(self.sent.reveal().encode() if self.sent else b"")


class Mask:
    """Takes a secret out of bytes that come in pieces; only what may be its beginning is held back."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret if len(secret) >= SECRET_LEAST else b""
        self._held = b""

    def of(self, piece: bytes) -> bytes:
        if not self._secret:
            return piece
        found = (self._held + piece).replace(self._secret, HIDDEN.encode())
        keep = self._beginning_at_the_end_of(found)
        self._held = found[len(found) - keep :]
        return found[: len(found) - keep]

    def rest(self) -> bytes:
        held, self._held = self._held, b""
        return held

    def _beginning_at_the_end_of(self, found: bytes) -> int:
        """How many of the last bytes the secret may begin with."""
        longest = min(len(found), len(self._secret) - 1)
        return next((n for n in range(longest, 0, -1) if found.endswith(self._secret[:n])), 0)


@contextlib.contextmanager
def opened(connection: Connection) -> Iterator[Line]:
    """Open a client for a block."""
    with Untraced(), asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        runner.get_loop().set_exception_handler(unless_ending)
        http = async_client(connection, limits=httpx.Limits(max_connections=1))
        line = Line(runner, http, connection)
        try:
            yield line
        finally:
            runner.run(line.close())


def _headers(given: Sequence[tuple[str, str]]) -> httpx.Headers:
    headers = httpx.Headers(list(given))
    headers.setdefault("Accept-Encoding", "identity")
    return headers


async def _sending(body: Iterator[bytes], alive: Callable[[], None]) -> AsyncIterator[bytes]:
    for piece in body:
        alive()
        yield piece
