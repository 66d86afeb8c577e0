"""Flows that make what the service cannot take back: once begun they are seen through to their end."""

import asyncio
import contextlib
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from nucliactl.errors import NucliactlError
from nucliactl.http.flow import Flow, perform
from nucliactl.http.threads import in_thread, under_trio
from nucliactl.signals import armed, outlive

T = TypeVar("T")
GiveBack = Callable[[Any], Flow[None]]


def perform_whole(flow: Flow[T], give_back: GiveBack | None = None) -> T:
    """Run a flow as `perform` does; Ctrl-C, SIGTERM and SIGHUP wait until it has ended.

    Where such a signal then keeps the result from its caller, `give_back` undoes it.
    """
    done: list[T] = []
    context = copy_context()  # an override of the caller's holds for the flow
    try:
        outlive(lambda: done.append(context.run(perform, flow)))
    except BaseException:
        if done:
            _undone(done[0], give_back)
        raise
    return done[0]


async def perform_whole_async(flow: Flow[T], give_back: GiveBack | None = None) -> T:
    """The same for async callers: cancelling them waits for the flow's end too."""
    if under_trio():
        return await _whole_under_trio(flow, give_back)
    with armed():
        task = asyncio.ensure_future(asyncio.to_thread(perform_whole, flow))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            if give_back and not task.cancelled() and task.exception() is None:
                await asyncio.to_thread(_undone, task.result(), give_back)
            raise


async def _whole_under_trio(flow: Flow[T], give_back: GiveBack | None) -> T:
    import anyio

    with armed():
        with anyio.CancelScope(shield=True):
            done = await in_thread(partial(perform_whole, flow))
        try:
            await anyio.lowlevel.checkpoint_if_cancelled()
        except BaseException:
            with anyio.CancelScope(shield=True):
                await in_thread(partial(_undone, done, give_back))
            raise
        return done


def _undone(made: Any, give_back: GiveBack | None) -> None:
    if give_back is not None:
        with contextlib.suppress(NucliactlError):
            outlive(lambda: perform(give_back(made)))
