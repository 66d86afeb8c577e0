"""What `client()` and `async_client()` hand on to httpx, for type checkers; nothing here is used at run time.

`auth` is not among them: it would put another credential in the profile's place. `trust_env=False` turns
the variables of proxies and certificates off.
"""

import ssl
from collections.abc import Callable, Mapping
from typing import Any, TypedDict

import httpx
from httpx._types import CertTypes, CookieTypes, HeaderTypes, ProxyTypes, QueryParamTypes, TimeoutTypes


class _Options(TypedDict, total=False):
    params: QueryParamTypes | None
    headers: HeaderTypes | None
    cookies: CookieTypes | None
    verify: ssl.SSLContext | str | bool
    cert: CertTypes | None
    trust_env: bool
    http1: bool
    http2: bool
    proxy: ProxyTypes | None
    timeout: TimeoutTypes
    follow_redirects: bool
    limits: httpx.Limits
    max_redirects: int
    event_hooks: Mapping[str, list[Callable[..., Any]]] | None
    base_url: httpx.URL | str
    default_encoding: str | Callable[[bytes], str]


class ClientOptions(_Options, total=False):
    """The keyword arguments of `httpx.Client`."""

    mounts: Mapping[str, httpx.BaseTransport | None] | None
    transport: httpx.BaseTransport | None


class AsyncClientOptions(_Options, total=False):
    """The keyword arguments of `httpx.AsyncClient`."""

    mounts: Mapping[str, httpx.AsyncBaseTransport | None] | None
    transport: httpx.AsyncBaseTransport | None
