"""What a server says of a refusal, read raw and bounded: a few kilobytes may unpack to gigabytes, a body
need not end, and one that drips never meets a time-out that is counted per read."""

import contextlib
import time
import zlib

import httpx

LIMIT = 64 * 1024
_SECONDS = 30.0
_WINDOWS = {
    "gzip": (zlib.MAX_WBITS | 16,),
    "x-gzip": (zlib.MAX_WBITS | 16,),
    "deflate": (zlib.MAX_WBITS, -zlib.MAX_WBITS),  # half of the sources sends it without its header
}


def take(response: httpx.Response) -> bytes:
    """Read at most LIMIT bytes of a body, leave them as the whole body of the response, and return
    them. One that breaks off, or goes on after the request's read time-out, is as long as it came."""
    until = time.monotonic() + _seconds(response.request)
    stream, raw = response.stream, bytearray()
    assert isinstance(stream, httpx.SyncByteStream)
    with contextlib.suppress(httpx.TransportError, httpx.StreamError), contextlib.closing(stream):
        for chunk in stream:
            raw += chunk[: LIMIT - len(raw)]
            if len(raw) >= LIMIT or time.monotonic() > until:
                break
    return _left(response, bytes(raw))


async def take_async(response: httpx.Response) -> bytes:
    """The same for async callers, under asyncio and trio."""
    import anyio

    stream, raw = response.stream, bytearray()
    assert isinstance(stream, httpx.AsyncByteStream)
    with contextlib.suppress(httpx.TransportError, httpx.StreamError):
        with anyio.move_on_after(_seconds(response.request)):
            async for chunk in stream:
                raw += chunk[: LIMIT - len(raw)]
                if len(raw) >= LIMIT:
                    break
        await stream.aclose()
    return _left(response, bytes(raw))


def _seconds(request: httpx.Request) -> float:
    found = request.extensions.get("timeout", {}).get("read")
    return float(found) if found else _SECONDS


def _left(response: httpx.Response, raw: bytes) -> bytes:
    """Make what was read the response's body, unpacked where that can be bounded and as it came
    otherwise: nothing that reads it later unpacks it again."""
    body = unpacked(raw, response.headers.get("Content-Encoding", ""))
    for name in ("Content-Encoding", "Transfer-Encoding"):
        response.headers.pop(name, None)
    response.headers["Content-Length"] = str(len(body))
    response.stream = httpx.ByteStream(body)
    return body


def unpacked(raw: bytes, encodings: str) -> bytes:
    """Undo the encodings of a body as far as LIMIT bytes; `raw` itself where one is not known."""
    body: bytes | None = raw
    for encoding in reversed(encodings.lower().split(",")):
        if encoding.strip() not in ("", "identity"):
            windows = _WINDOWS.get(encoding.strip(), ())
            body = next(
                (found for bits in windows if (found := _inflated(body or b"", bits)) is not None), None
            )
        if body is None:
            return raw
    return body or b""


def _inflated(data: bytes, bits: int) -> bytes | None:
    try:
        return zlib.decompressobj(bits).decompress(data, LIMIT)
    except zlib.error:
        return None
