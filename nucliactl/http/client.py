"""Clients: httpx with the credential's base URL, auth and origin hook. Loopback is never proxied."""

import os
import ssl
from collections.abc import Mapping
from functools import lru_cache, partial
from typing import Any, NamedTuple

import httpx

from nucliactl.credentials.contract import Provider
from nucliactl.errors import Malformed
from nucliactl.http import origin
from nucliactl.http.auth import CredentialAuth, strip
from nucliactl.http.failures import note
from nucliactl.http.proxies import AsyncRouted, Proxies, Routed, Routes
from nucliactl.model.endpoint import host_of, is_loopback
from nucliactl.model.profile import Definition
from nucliactl.secret import Untraced, printable
from nucliactl.version import __version__

ENCODINGS = "gzip, deflate"  # those of a refusal that can be undone within bounds
_OF_TRANSPORT = ("verify", "cert", "trust_env", "http1", "http2", "limits")
USER_AGENT = f"nucliactl/{__version__}"


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


class _Client(httpx.Client):
    """httpx's, except that an error carries no secret: neither its request nor its traceback."""

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
    check_hop = origin.hook(connection.origins)

    async def check_async(request: httpx.Request) -> None:
        check_hop(request)

    return _AsyncClient(**_options(connection, options, check_async, AsyncRouted, httpx.AsyncHTTPTransport))


def trusted_context() -> ssl.SSLContext:
    """Return the TLS context that SSL_CERT_FILE and SSL_CERT_DIR ask for. Raises Malformed."""
    try:
        file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        return _trusted(file, folder, os.stat(file).st_mtime if file else 0.0)
    except OSError as error:
        raise Malformed(
            f"The certificates cannot be read: {printable(error.strerror or 'failed')}.",
            hint="Look at SSL_CERT_FILE and SSL_CERT_DIR.",
        ) from None


def _verified(options: Mapping[str, Any], connection: Connection) -> Any:
    """Which certificates the caller trusts; by default a context that is shared, unless it shall hold a
    certificate of the caller's. Where only http is spoken no certificates are read, and none is trusted."""
    verify, origins = options.get("verify", True), connection.origins
    if connection.authority:
        return _of_authority(connection.authority)
    if verify is not True or not options.get("trust_env", True):
        return verify
    if not any(origin.startswith("https:") for origin in origins) and not options.get("cert"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context() if options.get("cert") else trusted_context()


def _of_authority(path: str) -> ssl.SSLContext:
    """Raises Malformed."""
    try:
        return ssl.create_default_context(cafile=path)
    except OSError as error:
        raise Malformed(
            f"{path} cannot be used as a certificate authority: {printable(error.strerror or 'failed')}.",
            hint="It is a file of certificates in PEM.",
        ) from None


@lru_cache(maxsize=4)
def _trusted(_file: str | None, _folder: str | None, _changed: float) -> ssl.SSLContext:
    """Return httpx's own TLS context, made once while the two variables and the file they name are the same:
    it costs 30 ms, and every zone has a client."""
    return httpx.create_ssl_context()


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
    for host in map(host_of, connection.origins):
        if is_loopback(host):  # a proxy must not see those calls
            mounts.setdefault(f"all://{host}", None)
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
    return given
