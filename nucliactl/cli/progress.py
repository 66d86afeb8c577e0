"""A line on stderr while something takes long, on a terminal only."""

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from nucliactl.http.flow import Flow, perform
from nucliactl.signals import start_quiet
from nucliactl.terminal import in_foreground

T = TypeVar("T")
_AFTER = 0.5
_STEP = 0.1
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


def ask(flow: Flow[T], text: str) -> T:
    """Run a flow; say `text` meanwhile if it takes longer than half a second."""
    with waiting(text):
        return perform(flow)


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Show `text` with a moving sign after half a second, and take it away at the end."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    ended = threading.Event()

    def show() -> None:
        if ended.wait(_AFTER):
            return
        number = 0
        while True:
            if in_foreground(sys.stderr.fileno()):  # else a program asks there for a PIN, say
                sys.stderr.write(f"\r{_FRAMES[number % len(_FRAMES)]} {text}")
                sys.stderr.flush()
            number += 1
            if ended.wait(_STEP):
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()
                return

    thread = threading.Thread(target=show, name="nucliactl-progress", daemon=True)
    start_quiet(thread)
    try:
        yield
    finally:
        ended.set()
        thread.join()
