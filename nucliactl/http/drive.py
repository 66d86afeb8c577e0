"""Running operations: a generator yields requests and is sent the responses.

An operation yields one `httpx.Request`, or a list of them to be sent at once; for a list it is sent
a list in which a request that failed stands as its error. The async driver is the implementation;
the sync one runs it in an event loop of its own, which gives both a *total* deadline (httpx's own
time-outs are per read: a server that drips bytes never meets them).
"""

import asyncio
import errno
from collections.abc import Callable, Coroutine, Generator, Sequence
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

import httpx

from nucliactl.errors import Malformed, NucliactlError, Refused, Unreachable, unclear
from nucliactl.http.auth import CredentialAuth
from nucliactl.http.bounded import take_async
from nucliactl.http.client import Connection, async_client
from nucliactl.http.failures import in_words, too_many_files, turned_away
from nucliactl.http.origin import origin_of_request
from nucliactl.http.proxies import VIA
from nucliactl.http.threads import in_async_code, in_thread, under_trio
from nucliactl.secret import HIDDEN, Untraced
from nucliactl.signals import armed, beside

AT_ONCE = 32
BODY_LIMIT = 4 * 1024 * 1024
MAX_HOPS = 6
WANTS_PROXY_LOGIN = 407
_ASKING = ("GET", "HEAD")
_SECRET_LEAST = 8  # shorter ones stand in any text

T = TypeVar("T")
Answer = httpx.Response | NucliactlError
Operation = Generator[httpx.Request | list[httpx.Request], Any, T]


class Call(NamedTuple, Generic[T]):
    """An operation and the connection it runs over."""

    connection: Connection
    operation: Operation[T]


Flow = Generator["Call[Any] | list[Call[Any]]", Any, T]
"""What a command does in all: it yields calls and is sent their results (an error is thrown into it),
or yields a list of calls, made at once, and is sent a list in which a failed one is its error."""


def run(connection: Connection, operation: Operation[T]) -> T:
    """Run an operation to its result. Each request has `connection.timeout` seconds in all.

    Raises what the operation raises, Unreachable when the service cannot be reached in time or is
    broken, Refused when it redirects to a foreign origin. Works inside a running event loop too.
    """
    return _in_own_loop(lambda: run_async(connection, operation))


async def run_async(connection: Connection, operation: Operation[T]) -> T:
    """Run an operation to its result, as `run` does, for async callers."""
    return await _run(connection, operation, asyncio.Semaphore(AT_ONCE))


async def _run(connection: Connection, operation: Operation[T], room: asyncio.Semaphore) -> T:
    """`room` bounds the requests under way; a client keeps one idle connection, not one a request."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=1)
    with Untraced():
        async with async_client(connection, limits=limits) as http:
            try:
                wanted = next(operation)
                while True:
                    if isinstance(wanted, list):
                        sent = (_send(http, one, connection, room) for one in wanted)
                        answers = await asyncio.gather(*sent, return_exceptions=True)
                        for answer in answers:
                            if isinstance(answer, BaseException) and not isinstance(answer, NucliactlError):
                                raise answer
                        wanted = operation.send(answers)
                        continue
                    try:
                        answer = await _send(http, wanted, connection, room)
                    except NucliactlError as error:
                        wanted = operation.throw(error)
                    else:
                        wanted = operation.send(answer)
            except StopIteration as stop:
                result: T = stop.value
                return result
            except UnicodeEncodeError:
                raise _no_text() from None


async def _send(
    http: httpx.AsyncClient, request: httpx.Request, connection: Connection, room: asyncio.Semaphore
) -> httpx.Response:
    """Send a request and follow redirects within the origin; return the whole answer.

    Only what asks is sent on: what changes something, or has a secret in its body, is never sent twice.
    Encodings are not asked for and not undone: a few kilobytes may unpack to gigabytes. Where the
    answer repeats the credential, it is masked before anything reads it.
    """
    host, deadline = origin_of_request(request), connection.timeout
    request.headers["Accept-Encoding"] = "identity"
    try:
        async with room, asyncio.timeout(deadline):
            for _ in range(MAX_HOPS):
                response = await http.send(request, stream=True)
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
            body = await _body(response, host)
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        raise in_words(error, request, host, deadline) from None
    return httpx.Response(response.status_code, content=_masked(body, http), request=request)


def _not_sent_on(host: str, method: str) -> Refused:
    error = Refused(
        f"{host} redirects a {method} elsewhere, which is not followed.",
        hint="What it carries was sent to that address only. Check the address.",
    )
    error.lost = True  # some servers redirect when they have done it
    return error


async def _body(response: httpx.Response, host: str) -> bytes:
    try:
        if response.is_error:  # its words at most
            return await take_async(response)
        if response.headers.get("Content-Encoding", "").strip().lower() not in ("", "identity"):
            raise unclear(f"{host} sends an encoded answer, which was not asked for.")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > BODY_LIMIT:
                raise unclear(f"{host} sends an answer larger than any it should.")
        return bytes(body)
    finally:
        await response.aclose()


def _masked(body: bytes, http: httpx.AsyncClient) -> bytes:
    sent = http.auth.sent if isinstance(http.auth, CredentialAuth) else None
    secret = sent.reveal().encode() if sent else b""
    return body.replace(secret, HIDDEN.encode()) if len(secret) >= _SECRET_LEAST and secret in body else body


def _in_own_loop(start: Callable[[], Coroutine[Any, Any, T]]) -> T:
    if not in_async_code():
        return _new_loop(start)
    return beside(lambda: _new_loop(start), "nucliactl-call")


def _new_loop(start: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        with asyncio.Runner() as runner:
            runner.get_loop().set_exception_handler(_unless_ending)
            return runner.run(start())
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise too_many_files() from None  # the loop itself needs some
        raise


def _unless_ending(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say what went wrong in a task, but not that a signal ended it: whoever runs the loop says that."""
    if not isinstance(context.get("exception"), KeyboardInterrupt | SystemExit):
        loop.default_exception_handler(context)


async def _all(calls: Sequence[Call[T]]) -> list[T | NucliactlError]:
    """Run operations of several connections, AT_ONCE of them at a time: each holds a socket, and a
    process may open some hundred files. An error stands in its place."""
    calls_under_way, requests_under_way = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(AT_ONCE)

    async def one(call: Call[T]) -> T | NucliactlError:
        try:
            async with calls_under_way:
                return await _run(call.connection, call.operation, requests_under_way)
        except NucliactlError as error:
            return error

    return list(await asyncio.gather(*(one(call) for call in calls)))


def perform(flow: Flow[T]) -> T:
    """Run a flow: its own steps here, its calls to the service in an event loop of their own.

    Raises what the flow raises.
    """
    with Untraced():
        ended, wanted = _step(flow, None)
        while not ended:
            calls = wanted if isinstance(wanted, list) else [wanted]
            answers = _in_own_loop(partial(_all, calls)) if calls else []
            ended, wanted = _step(flow, answers if isinstance(wanted, list) else answers[0])
        result: T = wanted
        return result


async def perform_async(flow: Flow[T]) -> T:
    """Run a flow for async callers: its own steps (files, locks) in a thread, its calls here."""
    with Untraced(), armed():
        if under_trio():  # the calls are asyncio's
            return await in_thread(partial(perform, flow))
        ended, wanted = await in_thread(partial(_step, flow, None))
        while not ended:
            answers = await _all(wanted if isinstance(wanted, list) else [wanted])
            answer = answers if isinstance(wanted, list) else answers[0]
            ended, wanted = await in_thread(partial(_step, flow, answer))
        result: T = wanted
        return result


def together(*flows: Flow[Any]) -> Flow[list[Any]]:
    """Run flows side by side: what they want at the same time is asked at once. Return their results
    in order; one that raised a NucliactlError has it as its result."""
    states = [_tried(flow, None) for flow in flows]
    while not all(ended for ended, _ in states):
        wanted = [[] if ended else w if isinstance(w, list) else [w] for ended, w in states]
        answers = iter((yield [call for calls in wanted for call in calls]))
        for index, (ended, value) in enumerate(states):
            if not ended:
                own = [next(answers) for _ in wanted[index]]
                states[index] = _tried(flows[index], own if isinstance(value, list) else own[0])
    return [value for _, value in states]


def _tried(flow: Flow[Any], answer: Any) -> tuple[bool, Any]:
    try:
        return _step(flow, answer)
    except NucliactlError as error:
        return True, error


def _step(flow: Flow[Any], answer: Any) -> tuple[bool, Any]:
    """Let a flow go on with an answer; say whether it ended, and what it wants or returned."""
    try:
        if isinstance(answer, NucliactlError):
            return False, flow.throw(answer)
        return False, flow.send(answer)
    except StopIteration as stop:
        return True, stop.value
    except UnicodeEncodeError:
        raise _no_text() from None


def _no_text() -> Malformed:
    return Malformed(
        "What was given holds a character that is no text and cannot be sent.",
        hint="It comes from bytes that are not UTF-8; copy it again.",
    )
