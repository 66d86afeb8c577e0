"""`httpx.Auth` from a provider: one flow for every kind, sync and async."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator

import httpx

from nucliactl.credentials.provider import Provider
from nucliactl.http import origin
from nucliactl.model.kinds import KINDS, ROLES_HEADER, SECRET_HEADERS
from nucliactl.model.profile import Definition
from nucliactl.secret import header_value

CREDENTIAL_HEADERS = SECRET_HEADERS | {ROLES_HEADER.lower()}


def strip(error: httpx.RequestError) -> None:
    """Take every credential off the request that an error carries."""
    with contextlib.suppress(RuntimeError):  # it has none
        for name in CREDENTIAL_HEADERS:
            error.request.headers.pop(name, None)


class CredentialAuth(httpx.Auth):
    """Adds the credential's header to requests that go to its origins, and to no others.

    Once a request is answered (or fails) the header is taken off again, so that no request object
    on a response or an exception carries a secret. Raises Refused before anything is sent.
    """

    def __init__(self, definition: Definition, provider: Provider | None, origins: tuple[str, ...]):
        kind = KINDS[definition.kind]
        self._header, self._prefix = kind.header, kind.prefix
        self._roles = ";".join(definition.roles)
        self._provider, self._origins = provider, origins

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """The same flow; a provider that takes long is asked in a thread first, and then remembers."""
        if self._provider is not None and self._provider.slow:
            await asyncio.to_thread(self._provider.get)
        flow = super().async_auth_flow(request)
        try:
            wanted = await anext(flow)
            while True:
                wanted = await flow.asend((yield wanted))
        except StopAsyncIteration:
            return
        finally:
            await flow.aclose()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        origin.check(request, self._origins)
        hops = [request]
        request.extensions[origin.HOPS] = hops
        for name in CREDENTIAL_HEADERS:
            request.headers.pop(name, None)  # the service rejects two credentials
        response = None
        try:
            if self._provider is None:
                if self._roles:
                    request.headers[ROLES_HEADER] = self._roles
                yield request
                return
            secret = self._provider.get()
            value = header_value(secret, self._provider.where)
            request.headers[self._header] = self._prefix + value
            response = yield request
            if response.status_code == 401 and self._provider.rejected(secret):
                value = header_value(self._provider.get(), self._provider.where)
                request.headers[self._header] = self._prefix + value
                response = yield request
        finally:
            if response is not None and response.next_request is not None:
                hops.append(response.next_request)
            for hop in hops:
                with contextlib.suppress(KeyError):
                    del hop.headers[self._header]
