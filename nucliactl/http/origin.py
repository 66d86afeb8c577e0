"""The origin hook: every request of every client we make is checked, each redirect hop too."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import httpx

from nucliactl.errors import Refused
from nucliactl.model.endpoint import origin_allows

HOPS = "nucliactl.hops"
BOUND = "nucliactl.origins"
"""The request extension that holds the origins its credential may go to; a redirect inherits it."""


def origin_of_request(request: httpx.Request) -> str:
    """Return `scheme://host[:port]` of a request, in the spelling of `model.endpoint`.

    A trailing dot stays, so that such a host equals no origin: it would slip past the rule that
    loopback is never proxied.
    """
    url = request.url
    return _origin(url.scheme, url.raw_host, url.port)


def _origin(scheme: str, raw_host: bytes, port: int | None) -> str:
    raw = raw_host.decode("ascii").lower()  # raw: an international name stays xn--…
    host = f"[{raw}]" if ":" in raw else raw
    default = {"https": 443, "http": 80}.get(scheme)
    return f"{scheme}://{host}" + (f":{port}" if port not in (None, default) else "")


@lru_cache  # asked twice for each request
def _allows(origins: tuple[str, ...], scheme: str, raw_host: bytes, port: int | None) -> bool:
    return origin_allows(origins, _origin(scheme, raw_host, port))


def check(request: httpx.Request, origins: tuple[str, ...]) -> None:
    """Raise Refused if the request leads to an origin the credential is not bound to."""
    url = request.url
    if url.userinfo or not _allows(origins, url.scheme, url.raw_host, url.port):
        raise Refused(
            f"Refused to send the credential to {origin_of_request(request)}: it may go to "
            f"{', '.join(origins)} only.",
            hint="A redirect or an absolute URL led there; nothing was sent.",
        )


def hook(origins: tuple[str, ...] | None = None) -> Callable[[httpx.Request], None]:
    """Return the request hook of a sync client. It also notes each hop for the clean-up of `auth`. Without
    `origins` each request goes where its own credential may go, and nowhere if it has none."""

    def check_hop(request: httpx.Request) -> None:
        hops: Any = request.extensions.get(HOPS)
        if hops is not None and request not in hops:
            hops.append(request)
        check(request, request.extensions.get(BOUND, ()) if origins is None else origins)

    return check_hop
