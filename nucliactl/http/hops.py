"""Sending one request as far as its answer begins: redirects within the origin, a proxy's refusal."""

import httpx

from nucliactl.errors import Refused, Unreachable
from nucliactl.http.failures import turned_away
from nucliactl.http.origin import origin_of_request
from nucliactl.http.proxies import VIA

MAX_HOPS = 6
WANTS_PROXY_LOGIN = 407
_ASKING = ("GET", "HEAD")


async def answered(http: httpx.AsyncClient, request: httpx.Request, auth: httpx.Auth) -> httpx.Response:
    """Send a request and return its answer, of which nothing but the head was read. `auth` is asked anew
    for each hop.

    Only what asks is sent on: what changes something, or has a secret in its body, is never sent twice.
    """
    host = origin_of_request(request)
    for _ in range(MAX_HOPS):
        response = await http.send(request, auth=auth, stream=True)
        following = response.next_request
        if following is None:
            break
        await response.aclose()
        if request.method not in _ASKING:
            raise _not_sent_on(host, request.method)
        request = following
    else:
        raise Unreachable(f"{host} redirects in a circle.")
    if response.status_code == WANTS_PROXY_LOGIN and VIA in request.extensions:
        await response.aclose()
        raise turned_away(request.extensions[VIA], host, "407 Proxy Authentication Required")
    return response


def _not_sent_on(host: str, method: str) -> Refused:
    error = Refused(
        f"{host} redirects a {method} elsewhere, which is not followed.",
        hint="What it carries was sent to that address only. Check the address.",
    )
    error.lost = True  # some servers redirect when they have done it
    return error
