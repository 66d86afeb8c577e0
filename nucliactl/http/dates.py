"""What time it is at a service: its `Date`, asked for without any credential."""

import threading
import time
from email.utils import parsedate_to_datetime
from typing import NamedTuple

import httpx

from nucliactl.errors import NucliactlError
from nucliactl.http.client import Connection, sync_client
from nucliactl.http.failures import in_words, is_of_tls, late
from nucliactl.http.origin import origin_of_request
from nucliactl.http.proxies import VIA
from nucliactl.model.endpoint import host_of
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.signals import start_quiet


class Heard(NamedTuple):
    """What came of a question. `ahead`: by how many seconds this machine's clock is ahead of the service's;
    None where it did not say. `error`: why there was no answer, and whether that is a fault of what is set
    here (`ours`: a proxy, a certificate). `via`: the variable of the proxy that was used."""

    ahead: float | None = None
    error: NucliactlError | None = None
    ours: bool = False
    via: str | None = None


def ask_date(origin: str, seconds: float) -> Heard:
    """Ask what answers at an origin what time it is. Returns within `seconds`, whatever hangs."""
    heard = [Heard(error=late(host_of(origin), seconds))]

    def ask() -> None:
        heard[0] = _ask(origin, seconds)

    # A daemon: nobody waits for a look-up of a name that does not end.
    thread = threading.Thread(target=ask, name="nucliactl-date", daemon=True)
    start_quiet(thread)
    thread.join(seconds)
    return heard[0]


def _ask(origin: str, seconds: float) -> Heard:
    nobody = Definition("-", "nucliadb", {}, Source("default", "-"), SecretRef("absent"), (origin,))
    request = httpx.Request("GET", f"{origin}/")
    try:
        with sync_client(Connection(nobody, None, (origin,), origin, seconds), auth=None) as http:
            response = http.send(request, stream=True)
            arrived = time.time()
            response.close()
    except NucliactlError as error:  # a proxy's address, certificates that cannot be read
        return Heard(error=error, ours=True)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        via: str | None = request.extensions.get(VIA)
        words = in_words(error, request, origin_of_request(request), seconds)
        return Heard(error=words, ours=via is not None or is_of_tls(request), via=via)
    return Heard(_ahead(response, arrived), via=request.extensions.get(VIA))


def _ahead(response: httpx.Response, arrived: float) -> float | None:
    """How far a clock was ahead when an answer came; a cache says how old its answer is."""
    try:
        said = parsedate_to_datetime(response.headers["Date"]).timestamp()
        return arrived - said - max(0, int(response.headers.get("Age", "0")))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None
