"""Sending one request: its deadline, redirects, and an answer that is bounded and masked."""

import asyncio

import httpx

from nucliactl.errors import unclear
from nucliactl.http.auth import CredentialAuth
from nucliactl.http.bounded import take_async
from nucliactl.http.client import USER_AGENT
from nucliactl.http.failures import in_words
from nucliactl.http.hops import answered
from nucliactl.http.origin import origin_of_request
from nucliactl.secret import HIDDEN, Secret

BODY_LIMIT = 4 * 1024 * 1024
SECRET_LEAST = 8  # shorter ones stand in any text


async def send(
    http: httpx.AsyncClient, request: httpx.Request, auth: CredentialAuth, deadline: float
) -> httpx.Response:
    """Send a request with its credential and follow redirects within the origin; return the whole answer.
    `deadline` is how many seconds it has in all, from now on: httpx's own time-outs are per read, and a
    server that drips never meets them.

    It says that it is ours. Encodings are not asked for and not undone: a few kilobytes may unpack to
    gigabytes. Where the answer repeats the credential, it is masked before anything reads it.
    """
    host = origin_of_request(request)
    request.headers["Accept-Encoding"] = "identity"
    request.headers["User-Agent"] = USER_AGENT
    request.extensions["timeout"] = httpx.Timeout(deadline).as_dict()
    try:
        async with asyncio.timeout(deadline):
            response = await answered(http, request, auth)
            body = await _body(response, host)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        raise in_words(error, request, host, deadline) from None
    return httpx.Response(response.status_code, content=_masked(body, auth.sent), request=request)


async def _body(response: httpx.Response, host: str) -> bytes:
    try:
        if response.is_error:  # its words at most
            return await take_async(response)
        if response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
            raise unclear(f"{host} sent a compressed answer, which was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise unclear(f"{host} sent an answer larger than any that makes sense.")
        return bytes(body)
    finally:
        await response.aclose()


def _masked(body: bytes, sent: Secret | None) -> bytes:
    secret = sent.reveal().encode() if sent else b""
    return body.replace(secret, HIDDEN.encode()) if len(secret) >= SECRET_LEAST and secret in body else body
