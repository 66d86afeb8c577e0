"""The addresses of one client: what was parsed once is not parsed again, which is a sixth of a request."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx

_MANY = 64


class Addresses:
    """What the texts of addresses mean while the client's base URL stays the same. Thread-safe.

    None with a query or a user's password is kept.
    """

    def __init__(self) -> None:
        self._of: tuple[httpx.URL | None, dict[str, httpx.URL]] = (None, {})

    def request(
        self,
        build: Callable[..., httpx.Request],
        base: httpx.URL,
        method: str,
        url: httpx.URL | str,
        options: Mapping[str, Any],
    ) -> httpx.Request:
        """Return the request that the client's own `build` makes, and raise what that raises."""
        if not isinstance(url, str):
            return build(method, url, **options)
        of = self._of  # read once: another thread may set another base meanwhile
        if of[0] is not base:
            self._of = of = base, {}
        known = of[1]
        parsed = known.get(url)
        if parsed is not None:
            return build(method, parsed, **options)
        request = build(method, url, **options)
        if "?" not in url and not request.url.query and not request.url.userinfo:
            if len(known) >= _MANY:
                known.clear()
            known[url] = request.url
        return request
