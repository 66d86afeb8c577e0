"""Flows: generators that ask the service.

A flow yields an `Ask` and is sent the response, or has the error thrown into it; or it yields several
questions or flows, which go on side by side, and is sent their results, a failed one's being its error.

Between its questions a flow does its own work. What may take long there (a lock, another program) a flow that
has others beside it yields as `Work`, and is sent what that returns: all of them take turns in one thread.
Its requests share a few clients, whatever profiles they are of: a server that many profiles lead to is not
connected to for each of them. All clients are closed at its end.
"""

import asyncio
import contextlib
import errno
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias, TypeVar

import httpx

from nucliactl.credentials.contract import abandoned
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.http.client import Connection, Trust, shared_client
from nucliactl.http.failures import too_many_files
from nucliactl.http.origin import origin_of_request
from nucliactl.http.send import send
from nucliactl.http.threads import aside, in_async_code, in_thread, under_trio
from nucliactl.secret import Untraced
from nucliactl.signals import armed, beside

AT_ONCE = 32
"""Requests under way: each holds a socket, and a process may open some hundred files."""

ASKED_BY = "nucliactl.asked_by"
"""Where an answer keeps the definition of the profile that asked."""

T = TypeVar("T")
Answer = httpx.Response | NucliactlError


class Ask(NamedTuple):
    """A request, and the connection that it is sent over."""

    connection: Connection
    request: httpx.Request


class Work(NamedTuple):
    """What may take long and asks nobody over the network."""

    do: Callable[[], Any]


Wanted: TypeAlias = "Ask | Work | Sequence[Ask | Flow[Any]]"
Flow = Generator[Wanted, Any, T]


def get(connection: Connection, url: str, **options: Any) -> Ask:
    return Ask(connection, httpx.Request("GET", url, **options))


class _Clients:
    """The clients of a flow, AT_ONCE for each trust. Each sends one request at a time over one connection:
    httpx looks through all connections of a client at each request, which costs more than a client does."""

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._turn = asyncio.Lock()
        self.made: list[httpx.AsyncClient] = []
        self._of_trust = Counter[Trust]()
        self._idle = dict[httpx.AsyncClient, tuple[Trust, str]]()  # what it was used for; the last one last

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow: its own steps in threads, its requests here."""
        try:
            ended, wanted = await in_thread(partial(_step, flow, None))
            while not ended:
                answer = await self.answer(wanted)
                ended, wanted = await in_thread(partial(_step, flow, answer))
            result: T = wanted
            return result
        finally:
            with contextlib.suppress(ValueError):  # cancelled, and its thread is at a step still
                flow.close()

    async def answer(self, wanted: Wanted) -> Any:
        if isinstance(wanted, Ask | Work):
            return await self._one(wanted)
        answers = await asyncio.gather(*map(self._one, wanted), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, NucliactlError):
                raise answer
        return answers

    async def _beside(self, flow: Flow[T]) -> T:
        """Run a flow that goes on beside others. One begins after the other: the first has asked what it asks
        while the last has still to read its files."""
        with contextlib.closing(flow):
            async with self._turn:
                ended, wanted = _step(flow, None)
            while not ended:
                ended, wanted = _step(flow, await self.answer(wanted))
            result: T = wanted
            return result

    async def _one(self, wanted: Ask | Work | Flow[Any]) -> Any:
        try:
            if isinstance(wanted, Work):
                return await aside(wanted.do)
            if not isinstance(wanted, Ask):
                return await self._beside(wanted)
            connection, request = wanted
            async with self._room, self._client(connection.trust, request) as http:
                answer = await send(http, request, connection.auth, connection.timeout)
            answer.extensions[ASKED_BY] = connection.definition
            return answer
        except NucliactlError as error:
            return error

    @contextlib.asynccontextmanager
    async def _client(self, trust: Trust, request: httpx.Request) -> AsyncIterator[httpx.AsyncClient]:
        """Lend a client, if possible one that is connected to the server already."""
        place = trust, origin_of_request(request)
        client = next((one for one in reversed(self._idle) if self._idle[one] == place), None)
        if client is None and self._of_trust[trust] >= AT_ONCE:  # one of them is idle: there is room
            client = next(one for one, (its_trust, _) in self._idle.items() if its_trust == trust)
        if client is None:
            client = shared_client(trust)
            self.made.append(client)
            self._of_trust[trust] += 1
        self._idle.pop(client, None)
        try:
            yield client
        finally:
            self._idle[client] = place

    async def close(self) -> None:
        for client in self.made:
            await client.aclose()


def perform(flow: Flow[T], gone: Callable[[], bool] = lambda: False) -> T:
    """Run a flow: its own steps here, its requests in an event loop of their own, which gives each a
    *total* deadline of `connection.timeout` seconds. Between them it ends once its caller is `gone`.

    Raises what the flow raises; into the flow, Unreachable when the service cannot be reached in time or
    is broken, Refused when it redirects to a foreign origin. Works inside a running event loop too.
    """
    with Untraced(), contextlib.closing(flow), _own_loop() as asked:
        ended, wanted = _step(flow, None)
        while not ended:
            if gone():
                raise NucliactlError("Nobody waits for what the service says any more.")
            ended, wanted = _step(flow, _done(wanted) if isinstance(wanted, Work) else asked(wanted))
        result: T = wanted
        return result


async def perform_async(flow: Flow[T]) -> T:
    """Run a flow for async callers: its own steps in a thread, its requests here."""
    with Untraced(), armed():
        if under_trio():  # the requests are asyncio's
            return await aside(partial(perform, flow, abandoned))
        clients = _Clients()
        try:
            return await clients.run(flow)
        finally:
            await clients.close()


def together(*flows: Flow[Any]) -> Flow[list[Any]]:
    """Run flows side by side, none of which waits for another. Return their results in order; one that
    raised a NucliactlError has it as its result."""
    results: list[Any] = yield flows
    return results


def _done(work: Work) -> Any:
    try:
        return work.do()
    except NucliactlError as error:
        return error


def doing(work: Callable[[], Any]) -> Flow[Any]:
    """Do what may take long while flows beside it wait, and return what it returns."""
    return (yield Work(work))


def _step(flow: Flow[Any], answer: Any) -> tuple[bool, Any]:
    """Let a flow go on with an answer; say whether it ended, and what it wants or returned."""
    try:
        if isinstance(answer, NucliactlError):
            return False, flow.throw(answer)
        return False, flow.send(answer)
    except StopIteration as stop:
        return True, stop.value
    except UnicodeEncodeError:
        raise Malformed(
            "What was given has a character that is not text and cannot be sent.",
            hint="It comes from bytes that are not UTF-8; copy it again.",
        ) from None


@contextlib.contextmanager
def _own_loop() -> Iterator[Callable[[Wanted], Any]]:
    """Give what sends requests in a loop that stands still between them, and begins with the first one."""
    runner, clients = asyncio.Runner(loop_factory=asyncio.new_event_loop), _Clients()
    try:
        yield lambda wanted: _outside(partial(_run, runner, partial(clients.answer, wanted)))
    finally:
        _outside(partial(_end, runner, clients))


def _outside(work: Callable[[], T]) -> T:
    """Do work in this thread, or in another where a loop runs here."""
    return beside(work, "nucliactl-call") if in_async_code() else work()


def _run(runner: asyncio.Runner, start: Callable[[], Coroutine[Any, Any, T]]) -> T:
    try:
        runner.get_loop().set_exception_handler(unless_ending)
    except OSError as error:
        if error.errno in (errno.EMFILE, errno.ENFILE):
            raise too_many_files() from None  # the loop itself needs some
        raise
    return runner.run(start())


def _end(runner: asyncio.Runner, clients: _Clients) -> None:
    try:
        if clients.made:
            runner.run(_ended(clients))
    finally:
        runner.close()


async def _ended(clients: _Clients) -> None:
    await end_tasks()
    await clients.close()


async def end_tasks() -> None:
    """End what a signal left under way, so that nobody hears of it when its connection is closed."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


def unless_ending(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say what went wrong in a task, but not that a signal ended it: whoever runs the loop says that."""
    if not isinstance(context.get("exception"), KeyboardInterrupt | SystemExit):
        loop.default_exception_handler(context)
