"""Proxies: what the variables say, read by us for each request, as curl reads them.

httpx's own reading cannot take a network in NO_PROXY, and its errors repeat the proxy's password. A
variable is judged when a request would use it, and named without its value.
"""

import ipaddress
import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Generic, NamedTuple, TypeVar
from urllib.parse import unquote

import httpx

from nucliactl.errors import Malformed
from nucliactl.model.endpoint import is_loopback
from nucliactl.mutex import Mutex

T = TypeVar("T", httpx.HTTPTransport, httpx.AsyncHTTPTransport)
VIA = "nucliactl.proxy"
"""The request extension that holds the name of the variable whose proxy the request went through."""

_SOCKS_LONGEST = 255
_PORTS = {"http": 80, "https": 443}
_SCHEMES = {"http": "http", "https": "https", "socks": "socks5", "socks5": "socks5", "socks5h": "socks5h"}
_OLD_SOCKS = ("socks4://", "socks4a://")
_PLACE = re.compile(
    r"(?P<host>\[[0-9A-Fa-f:.]+(?:%\w+)?\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?(?:/[^?#]*)?"
)
_HINT = (
    "It looks like http://HOST:PORT or socks5://USER:PASSWORD@HOST:PORT; NO_PROXY names hosts without one."
)


class Named(NamedTuple):
    """A proxy's address as it stands in a variable, not judged yet."""

    variable: str
    value: str

    def __repr__(self) -> str:
        return f"Named({self.variable})"


class Proxies:
    """What the variables of one moment say. It does not show their values."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._of_scheme = {scheme: _stated(environ, f"{scheme}_proxy") for scheme in _PORTS}
        self._of_all = _stated(environ, "all_proxy")
        without = _stated(environ, "no_proxy")
        self._without = tuple(re.split(r"[\s,]+", without.value)) if without else ()

    def __bool__(self) -> bool:
        return self._of_all is not None or any(self._of_scheme.values())

    @property
    def named(self) -> tuple[Named, ...]:
        """Every proxy there is, those of a scheme first."""
        found = (*self._of_scheme.values(), self._of_all)
        return tuple(dict.fromkeys(named for named in found if named is not None))

    def of(self, url: httpx.URL) -> Named | None:
        """Return the proxy for a URL, or None where it is reached without one."""
        scheme, host = url.scheme, url.raw_host.decode("ascii")
        bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
        if is_loopback(bracketed.lower().removesuffix(".")):
            return None
        found = self._of_scheme.get(scheme) or self._of_all
        if found is None or any(_covers(entry, scheme, host, url.port) for entry in self._without):
            return None
        return found


def _stated(environ: Mapping[str, str], name: str) -> Named | None:
    """Return what a variable says; lower case wins, even by being empty, as in Python and requests."""
    spellings = [name, name.upper()]
    if name == "http_proxy" and "REQUEST_METHOD" in environ:
        spellings.pop()  # there a visitor of a CGI program sets HTTP_PROXY, by a header named Proxy
    for spelling in spellings:
        if spelling in environ:
            value = environ[spelling].strip()
            return Named(spelling, value) if value else None
    return None


def _covers(entry: str, scheme: str, host: str, port: int | None) -> bool:
    """Say whether an entry of NO_PROXY covers a host. One that cannot be read covers none."""
    entry, host = entry.lower(), host.lower().strip("[]").removesuffix(".")
    if entry == "*":
        return True
    of_scheme, found, rest = entry.rpartition("://")
    if found and of_scheme != scheme:
        return False
    name, of_port = _without_port(rest.rstrip("/") if found else rest)
    if of_port is not None and of_port != (port or _PORTS.get(scheme)):
        return False
    address = _address(host)
    if address is not None:
        network = _network(name)
        return network is not None and (getattr(address, "ipv4_mapped", None) or address) in network
    name = name.removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith("." + name))


def _without_port(entry: str) -> tuple[str, int | None]:
    """Part `host:port`, `[v6]:port` and `[v6]/48`; a bare IPv6 address has no port."""
    match = re.fullmatch(r"\[([^\]]*)\](/[0-9]+)?(?::([0-9]{1,5}))?", entry)
    if match:
        return match[1] + (match[2] or ""), int(match[3]) if match[3] else None
    name, found, port = entry.rpartition(":")
    if found and ":" not in name and port.isdecimal():
        return name, int(port)
    return entry, None


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text.replace("]/", "/").strip("[]"), strict=False)
    except ValueError:
        return None


class Routes(Generic[T]):
    """One transport a proxy and one for direct ways, made when a request first needs it. Thread-safe.

    `make(proxy=…)` makes a transport; `context` the TLS context of a proxy that is spoken to by https.
    """

    def __init__(
        self, proxies: Proxies, make: Callable[..., T], context: Callable[[], ssl.SSLContext]
    ) -> None:
        self._proxies, self._context = proxies, context
        self._make: Callable[..., T] = make
        self.made: dict[Named | None, T] = {}
        self._lock = Mutex()

    def of(self, request: httpx.Request) -> T:
        """Return the transport a request goes by, and note its proxy's variable on the request."""
        named = self._proxies.of(request.url)
        request.extensions.pop(VIA, None)  # a redirect brings its first hop's
        if named is not None:
            request.extensions[VIA] = named.variable
        with self._lock:
            if named not in self.made:
                self.made[named] = self._make(proxy=parsed(named, self._context) if named else None)
            return self.made[named]


@contextmanager
def _spoken() -> Iterator[None]:
    """Tell what is no SOCKS as httpx tells the other failures of a proxy: it lets that error through."""
    from socksio.exceptions import SOCKSError

    try:
        yield
    except SOCKSError:
        raise httpx.ProxyError("what answers there does not speak SOCKS5") from None


class Routed(httpx.BaseTransport):
    """The transport of a client: each request by the proxy its URL has, if any."""

    def __init__(self, routes: "Routes[httpx.HTTPTransport]") -> None:
        self._routes = routes

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with _spoken():
            return self._routes.of(request).handle_request(request)

    def close(self) -> None:
        for transport in list(self._routes.made.values()):
            transport.close()


class AsyncRouted(httpx.AsyncBaseTransport):
    """The same for async."""

    def __init__(self, routes: "Routes[httpx.AsyncHTTPTransport]") -> None:
        self._routes = routes

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with _spoken():
            return await self._routes.of(request).handle_async_request(request)

    async def aclose(self) -> None:
        for transport in list(self._routes.made.values()):
            await transport.aclose()


def parsed(named: Named, context: Callable[[], ssl.SSLContext]) -> httpx.Proxy:
    """Return the proxy that a variable names. `context` makes the TLS context of one spoken to by https.

    The user name and password may hold any character; a valid %XX in them is decoded. Raises Malformed,
    which never repeats any of it.
    """
    if named.value.lower().startswith(_OLD_SOCKS):
        raise Malformed(
            f"{named.variable} names a SOCKS4 proxy, which nucliactl does not support.",
            hint="Many speak SOCKS5 too: socks5://HOST:PORT; NO_PROXY names hosts without a proxy.",
        )
    proxy = _parsed(named.value, context)
    if proxy is None:
        raise Malformed(f"{named.variable} is not the address of a proxy.", hint=_HINT)
    return proxy


def _parsed(value: str, context: Callable[[], ssl.SSLContext]) -> httpx.Proxy | None:
    scheme, found, rest = value.partition("://")
    scheme, rest = (_SCHEMES.get(scheme.lower(), ""), rest) if found else ("http", value)
    user, found, place = rest.rpartition("@")  # the last one: a password may hold others
    match = _PLACE.fullmatch(place)
    if not scheme or match is None or not 0 < int(match["port"] or 1) < 65536:
        return None
    name, _, password = user.partition(":")
    auth = (unquote(name), unquote(password)) if found else None
    try:
        longest = max((len(part.encode()) for part in auth or ()), default=0)
        if scheme.startswith("socks") and longest > _SOCKS_LONGEST:
            return None
        tls = context() if scheme == "https" else None
        host = match["host"].replace("%25", "%")  # a zone of IPv6, in the spelling of URLs
        port = f":{match['port']}" if match["port"] else ""
        return httpx.Proxy(f"{scheme}://{host}{port}", auth=auth, ssl_context=tls)
    except (ValueError, httpx.InvalidURL):
        return None
