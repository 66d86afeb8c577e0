"""Signals that wait for work that must not be cut short, and threads that take none.

`outlive` does such work in a thread of its own. Meanwhile SIGINT, SIGTERM and SIGHUP are remembered,
where the main thread is `armed`; once the work is done they do what they would have done.
"""

from __future__ import annotations

import sys
from _thread import RLock

from nucliactl.errors import NoThread
from nucliactl.forks import in_every_child
from nucliactl.lean import contextmanager, suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    import threading
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType
    from typing import Any, TypeVar

    T = TypeVar("T")
else:
    import _signal as signal  # `signal` makes enums of the numbers, and `enum` is dear


_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
_WAITING = tuple(getattr(signal, name) for name in _NAMES if hasattr(signal, name))


class Ended(SystemExit):
    """SIGTERM or SIGHUP, as the command line meets it: everything is put in order on the way out.

    A SystemExit, because an event loop lets no other exception of a handler through.
    """

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.number = number

    def carry_out(self) -> int:
        """End the process by that signal; return its exit code where something is still under way: then the
        signal comes again."""
        signal.raise_signal(self.number)
        return 128 + self.number


class _Watch:
    """What this process is in the middle of. `before`: the handlers that `_caught` stands over."""

    def __init__(self) -> None:
        # Reentrant: a handler may meet another signal's.
        self.gate = RLock()
        self.under_way = 0
        self.remembered: set[int] = set()
        self.armed = 0
        self.before: dict[int, Any] = {}
        self.unwinds = False

    def whole(self, work: Callable[[], T]) -> T:
        """Do `work` as something under way; what came meanwhile is sent to the main thread afterwards."""
        with self.gate:
            self.under_way += 1
        try:
            return work()
        finally:
            with self.gate:
                self.under_way -= 1
                due = sorted(self.remembered) if not self.under_way else ()
                self.remembered.difference_update(due)
            for number in due:
                _send_to_main(number)


_watch = _Watch()


@in_every_child
def _forked() -> None:
    """In a forked child nothing is under way: the thread that did it is the parent's."""
    _watch.gate = RLock()
    _watch.under_way = 0
    _watch.remembered.clear()


def outlive(work: Callable[[], T]) -> T:
    """Do `work` where no signal cuts it short; return what it returns, raise what it raises. Raises
    NoThread where it cannot be begun."""
    return beside(lambda: _watch.whole(work), "nucliactl-refresh")


def beside(work: Callable[[], T], name: str) -> T:
    """Do `work` in a thread that takes no signals and that the interpreter waits for; return what it
    returns, raise what it raises."""
    import threading

    outcome: list[T] = []
    failure: list[BaseException] = []
    ended = threading.Event()

    def whole() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)
        finally:
            ended.set()

    thread = threading.Thread(target=whole, name=name, daemon=False)
    with armed():
        try:
            start_quiet(thread)
        except RuntimeError:
            raise NoThread(
                "The system lets this process start no further thread, which this needs.",
                hint="Look at the limits (ulimit -u), or do this before the program ends.",
            ) from None
        ended.wait()  # not join(): interrupted, Python 3.11 takes the thread for ended, and exits
    if failure:
        raise failure.pop()
    return outcome[0]


def start_quiet(thread: threading.Thread) -> None:
    """Start a thread that takes no signals, nor do those that it starts."""
    if sys.platform == "win32":
        thread.start()
    else:
        with blocked(signal.valid_signals()):
            thread.start()


if sys.platform != "win32":

    @contextmanager
    def blocked(numbers: Iterable[int]) -> Iterator[None]:
        """Let signals wait for this thread, and for those it starts, to leave the block."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def armed(*, unwinding: bool = False) -> Iterator[None]:
    """Let signals wait for what is under way, within the block, where the main thread asks for it.

    Only SIG_DFL and Python's own handlers of SIGINT are stood over, no program's and no extension's.
    With nothing under way a signal does at once what it would have done; `unwinding`, for the command
    line, lets the first SIGTERM or SIGHUP raise Ended instead.
    """
    if not _in_main_thread():
        yield
        return
    _watch.armed += 1
    _watch.unwinds |= unwinding
    for number in _WAITING:
        found = signal.getsignal(number)
        if (found is signal.SIG_DFL and (unwinding or not _caught_below(number))) or _is_pythons_own(found):
            with suppress(ValueError):  # not of the main interpreter
                _watch.before[number] = found
                signal.signal(number, _caught)
    try:
        yield
    finally:
        _watch.armed -= 1
        _watch.unwinds &= not unwinding
        if not _watch.armed and not _watch.under_way:  # else they stay, and do no harm
            for number, found in _watch.before.items():
                if signal.getsignal(number) is _caught:
                    signal.signal(number, found)
            _watch.before.clear()


def _in_main_thread() -> bool:
    """Say whether this is the main thread, as it is where nobody has loaded what starts others."""
    threading = sys.modules.get("threading")
    return threading is None or threading.current_thread() is threading.main_thread()


def _caught_below(number: int) -> bool:
    """Say whether something below Python handles a signal (faulthandler, an extension): `getsignal` calls
    that SIG_DFL too, and it could not be put back. Known on Linux only."""
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            caught = next(line for line in status if line.startswith("SigCgt:"))
    except (OSError, StopIteration):
        return False
    return bool(int(caught.split()[1], 16) >> (number - 1) & 1)


def _is_pythons_own(handler: Any) -> bool:
    """Say whether a handler is the one Python starts with, or asyncio.run's, which stands in for it."""
    if handler is signal.default_int_handler:
        return True
    method = getattr(handler, "func", None)
    return getattr(method, "__module__", "") == "asyncio.runners"


def _caught(number: int, frame: FrameType | None) -> None:
    with _watch.gate:
        if _watch.under_way:
            _watch.remembered.add(number)
            return
        before = _watch.before.get(number, signal.SIG_DFL)
        if before is signal.SIG_DFL and not _watch.unwinds:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)  # the end, and nothing can begin any more
            return
    if before is signal.SIG_DFL:
        _watch.unwinds = False  # a second one does not wait
        raise Ended(number)
    before(number, frame)


def _send_to_main(number: int) -> None:
    if sys.platform == "win32":
        signal.raise_signal(number)
        return
    import threading

    main = threading.main_thread().ident
    if main is not None:
        signal.pthread_kill(main, number)
