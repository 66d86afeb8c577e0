"""`httpx.Auth` from a provider: one flow for every kind, sync and async."""

import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Generator
from functools import partial
from types import TracebackType
from typing import Any

import httpx

from nucliactl.credentials.contract import Provider
from nucliactl.credentials.session import says_revoked
from nucliactl.http import bounded, origin
from nucliactl.http.failures import note
from nucliactl.http.threads import aside
from nucliactl.model.kinds import ROLES_HEADER, SECRET_HEADERS
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret, Untraced, forget, header_value

Steps = Generator[httpx.Request | httpx.Response | Callable[[], Any], Any, None]
REFUSALS = (401, 403)
_REPEATS = 4  # of a request whose session's tokens end on their way, one after the other
CREDENTIAL_HEADERS = SECRET_HEADERS | {ROLES_HEADER.lower()}
_RAW_HEADERS = frozenset(name.encode() for name in CREDENTIAL_HEADERS)


def strip(error: httpx.RequestError) -> None:
    """Take every credential off the request that an error carries."""
    with contextlib.suppress(RuntimeError):  # it has none
        for name in CREDENTIAL_HEADERS:
            error.request.headers.pop(name, None)


def _strip_all(error: BaseException | None, before: BaseException | None) -> None:
    """Strip an error and those it came from, up to `before`."""
    seen: set[BaseException | None] = {before, None}
    while error not in seen:
        seen.add(error)
        if isinstance(error, httpx.RequestError):
            strip(error)
        error = error.__cause__ or error.__context__ if error else None


class _Stripped(Untraced):
    """A block that is left by the client's error, or closed while one is under way: that carries no
    credential either."""

    def __exit__(self, kind: object, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            _strip_all(error, self._before)
        super().__exit__(kind, error, trace)


class _AsyncFlow(AsyncGenerator[httpx.Request, httpx.Response]):
    """A flow that a client of the caller's own closes with its error under way: a generator would not
    see that one, and its frames and its request hold the credential."""

    def __init__(self, flow: AsyncGenerator[httpx.Request, httpx.Response]) -> None:
        self._flow, self._before = flow, sys.exception()

    async def asend(self, value: Any) -> httpx.Request:
        return await self._flow.asend(value)

    async def athrow(self, *error: Any) -> httpx.Request:
        return await self._flow.athrow(*error)

    async def aclose(self) -> None:
        error = sys.exception()
        await self._flow.aclose()
        if error is not self._before:
            if isinstance(error, httpx.RequestError):
                with contextlib.suppress(RuntimeError):  # it has no request
                    note(error, error.request)
            _strip_all(error, self._before)
            forget(error, self._before)


class CredentialAuth(httpx.Auth):
    """Adds the credential's header to requests that go to its origins, and to no others.

    Once a request is answered (or fails) the header is taken off again, so that no request object
    on a response or an exception carries a secret. `sent` is the last one. Raises Refused before
    anything is sent.
    """

    def __init__(self, definition: Definition, provider: Provider | None, origins: tuple[str, ...]):
        self._header, self._prefix = definition.carrier.header, definition.carrier.prefix
        self._roles = ";".join(definition.roles)
        self._provider, self._origins = provider, origins
        self.sent: Secret | None = None

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        with _Stripped():
            flow = self._steps(request)
            try:
                step = next(flow)
                while True:
                    if isinstance(step, httpx.Response):
                        step = flow.send(bounded.take(step))
                    else:
                        step = flow.send((yield step) if isinstance(step, httpx.Request) else step())
            except StopIteration:
                return
            finally:
                flow.close()

    def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        return _AsyncFlow(self._async_flow(request))

    async def _async_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        with Untraced():
            flow = self._steps(request)
            slow = self._provider is not None and self._provider.slow
            try:
                step = next(flow)
                while True:
                    if isinstance(step, httpx.Request):
                        step = flow.send((yield step))
                    elif isinstance(step, httpx.Response):
                        step = flow.send(await bounded.take_async(step))
                    else:
                        step = flow.send(await aside(step) if slow else step())
            except StopIteration:
                return
            finally:
                flow.close()

    def _steps(self, request: httpx.Request) -> Steps:
        """The flow, for both drivers: it yields requests to be sent, refusals to be read (within bounds,
        and is sent what they say), and questions to the provider, which may take long."""
        origin.check(request, self._origins)
        hops = [request]
        request.extensions[origin.HOPS], request.extensions[origin.BOUND] = hops, self._origins
        for name in [name for name, _ in request.headers.raw if name.lower() in _RAW_HEADERS]:
            request.headers.pop(name.decode(), None)  # the service rejects two credentials
        response, provider = None, self._provider
        try:
            if provider is None:
                if self._roles:
                    request.headers[ROLES_HEADER] = self._roles
                response = yield request
                if response.status_code in REFUSALS:
                    yield response
                return
            secret: Secret = (yield provider.get) if provider.slow else provider.get()
            refreshed = False
            for left in reversed(range(1 + (_REPEATS if provider.renewable else 1))):
                fit = secret.reveal() if secret is self.sent else header_value(secret, provider.where)
                request.headers[self._header] = self._prefix + fit
                self.sent = secret
                response = yield request
                if response.status_code not in REFUSALS:
                    return
                said = yield response  # its words tell a dead token from a forbidden thing
                dead = response.status_code == 401 or (provider.renewable and says_revoked(said))
                # A stream is sent once; what was answered by a redirect to a GET has been carried out.
                same = response.request.method == request.method
                replayable = same and isinstance(request.stream, httpx.ByteStream)
                if not left or not dead or not replayable:
                    return
                refused, secret = secret, (yield provider.get)
                if secret != refused:
                    continue  # it ended, or was replaced, on its way
                if refreshed or not (yield partial(provider.rejected, refused)):
                    return
                refreshed, secret = True, (yield provider.get)
        finally:
            if response is not None:
                hops += [answer.request for answer in (response, *response.history)]
                hops += [response.next_request] if response.next_request is not None else []
            for hop in {*hops}:
                with contextlib.suppress(KeyError):
                    del hop.headers[self._header]
