"""Where blocking work runs beside asynchronous code, under asyncio and trio."""

import sys
from collections.abc import Callable
from typing import TypeVar

from nucliactl.credentials.contract import asking
from nucliactl.signals import armed

T = TypeVar("T")


async def in_thread(work: Callable[[], T]) -> T:
    """Run blocking work in a thread and await it. Cancelling the caller does not interrupt the work."""
    from anyio.to_thread import run_sync

    return await run_sync(work, abandon_on_cancel=True)


async def aside(work: Callable[[], T]) -> T:
    """Do the same with work that may renew a session: signals wait for that, and it learns when the caller is
    cancelled."""
    with armed(), asking():
        return await in_thread(work)


def under_trio() -> bool:
    """Say whether the caller is a task of trio's."""
    lowlevel = sys.modules.get("trio.lowlevel")  # another thread may be importing the rest of it
    running = getattr(lowlevel, "in_trio_run", None)
    return running is not None and bool(running())


def in_async_code() -> bool:
    """Say whether an event loop runs in this thread: another cannot be started in it."""
    events = sys.modules.get("asyncio.events")  # who runs a loop has imported it
    running = getattr(events, "_get_running_loop", None)
    return (running is not None and running() is not None) or under_trio()
