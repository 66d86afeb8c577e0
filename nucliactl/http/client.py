"""Clients: httpx with the credential's base URL, auth and origin hook. Loopback is never proxied."""

import os
import ssl
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from http.cookiejar import CookieJar
from typing import Any, NamedTuple

import httpx

from nucliactl.credentials.contract import Provider
from nucliactl.http import origin
from nucliactl.http.addresses import Addresses
from nucliactl.http.auth import CredentialAuth, strip
from nucliactl.http.certificates import context_of, no_context, trusted_context
from nucliactl.http.failures import note
from nucliactl.http.proxies import AsyncRouted, Proxies, Routed, Routes
from nucliactl.model.endpoint import host_of, is_loopback
from nucliactl.model.profile import Definition
from nucliactl.secret import Untraced
from nucliactl.version import __version__

ENCODINGS = "gzip, deflate"  # those of a refusal that can be undone within bounds
_OF_TRANSPORT = ("verify", "cert", "trust_env", "http1", "http2", "limits")
USER_AGENT = f"nucliactl/{__version__}"


class Trust(NamedTuple):
    """Whose certificates are trusted: those in the file of an `authority`, else the usual ones; none, and
    none are read, where only http is spoken."""

    authority: str | None
    https: bool

    def context(self) -> ssl.SSLContext:
        """Raises Malformed."""
        if self.authority:
            return context_of(self.authority)
        return trusted_context() if self.https else no_context()


class Connection(NamedTuple):
    """What a client needs: a definition, its secret's provider (None: no secret), where it may go,
    and the base of relative URLs. `timeout` in seconds. `authority`: the file of the certificate
    authorities that are trusted instead of the usual ones."""

    definition: Definition
    provider: Provider | None
    origins: tuple[str, ...]
    base_url: str
    timeout: float
    authority: str | None = None

    @property
    def auth(self) -> CredentialAuth:
        return CredentialAuth(self.definition, self.provider, self.origins)

    @property
    def trust(self) -> Trust:
        return Trust(self.authority, any(origin.startswith("https:") for origin in self.origins))


class _Client(httpx.Client):
    """httpx's, except that an error carries no secret: neither its request nor its traceback."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._addresses = Addresses()

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        return self._addresses.request(super().build_request, self.base_url, method, url, options)

    def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        with Untraced():
            try:
                return super().send(request, **options)
            except httpx.RequestError as error:
                note(error, request)
                strip(error)
                raise


class _AsyncClient(httpx.AsyncClient):
    """The same for async."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._addresses = Addresses()

    def build_request(self, method: str, url: httpx.URL | str, **options: Any) -> httpx.Request:
        return self._addresses.request(super().build_request, self.base_url, method, url, options)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        with Untraced():
            try:
                return await super().send(request, **options)
            except httpx.RequestError as error:
                note(error, request)
                strip(error)
                raise


def sync_client(connection: Connection, **options: Any) -> httpx.Client:
    """Return an `httpx.Client`. `options` are httpx's; hooks given there run before the origin hook,
    which always runs last. What httpx finds wrong with them it says itself."""
    check_hop = origin.hook(connection.origins)
    return _Client(**_options(connection, options, check_hop, Routed, httpx.HTTPTransport))


def async_client(connection: Connection, **options: Any) -> httpx.AsyncClient:
    """Return an `httpx.AsyncClient` under the same rules."""
    check_hop = _awaited(origin.hook(connection.origins))
    return _AsyncClient(**_options(connection, options, check_hop, AsyncRouted, httpx.AsyncHTTPTransport))


def shared_client(trust: Trust) -> httpx.AsyncClient:
    """Return a client for the requests of many connections, one after another.

    It has no credential: each request is sent with the auth of its own connection, which says where it may
    go too. Nothing passes from one to the next but the open connection to a server: no cookie is kept.
    """
    options: dict[str, Any] = {
        "verify": trust.context(),
        "trust_env": False,
        "limits": httpx.Limits(max_connections=1, max_keepalive_connections=1),
    }
    if proxies := Proxies(os.environ):
        make = partial(httpx.AsyncHTTPTransport, **options)
        options["transport"] = AsyncRouted(Routes(proxies, make, trusted_context))
    hooks = {"request": [_awaited(origin.hook())]}
    return _AsyncClient(**options, cookies=_NoCookies(), event_hooks=hooks)


class _NoCookies(CookieJar):
    """Keeps no cookie of an answer, and sends none."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass

    def add_cookie_header(self, request: Any) -> None:
        pass


def _awaited(
    check_hop: Callable[[httpx.Request], None],
) -> Callable[[httpx.Request], Coroutine[Any, Any, None]]:
    """Return a hook of a sync client as one of an async client."""

    async def check_async(request: httpx.Request) -> None:
        check_hop(request)

    return check_async


def _verified(options: Mapping[str, Any], connection: Connection) -> Any:
    """Which certificates the caller trusts; by default a context that is shared, unless it shall hold a
    certificate of the caller's."""
    verify = options.get("verify", True)
    if not connection.authority and (verify is not True or not options.get("trust_env", True)):
        return verify
    if options.get("cert") and not connection.authority:
        return httpx.create_ssl_context()
    return connection.trust.context()


def _options(
    connection: Connection, options: Mapping[str, Any], check_hop: Any, routed: Any, transport: Any
) -> dict[str, Any]:
    """The options of a client. Where the caller has not said where requests go, they go by `transport`s, of
    which `routed` chooses as the proxy variables say."""
    hooks = {name: list(found) for name, found in (options.get("event_hooks") or {}).items()}
    hooks["request"] = [*hooks.get("request", []), check_hop]
    headers = httpx.Headers(options.get("headers"))
    headers.setdefault("User-Agent", USER_AGENT)
    headers.setdefault("Accept-Encoding", ENCODINGS)
    mounts = dict(options.get("mounts") or {})
    given = {
        "base_url": connection.base_url,
        "auth": connection.auth,
        "timeout": connection.timeout,
        **options,
        "verify": _verified(options, connection),
        "trust_env": False,  # proxies and certificates are read by us
        "headers": headers,
        "mounts": mounts,
        "event_hooks": hooks,
    }
    stated = options.get("transport") is not None or options.get("proxy") is not None
    if not stated and options.get("trust_env", True) and (proxies := Proxies(os.environ)):
        make = partial(transport, **{name: given[name] for name in _OF_TRANSPORT if name in given})
        mounts.setdefault("all://", routed(Routes(proxies, make, trusted_context)))
    if mounts or options.get("proxy") is not None:
        for host in map(host_of, connection.origins):
            if is_loopback(host):  # a proxy must not see those calls
                mounts.setdefault(f"all://{host}", None)
    return given
