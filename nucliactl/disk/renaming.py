"""Changing names. Windows refuses that while anybody reads the file, which is soon over: there we wait."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 2.0
_POLL = 0.01


def replace(source: str, target: str) -> None:
    """Do what `os.replace` does. OSError."""
    _patiently(lambda: os.replace(source, target))


def unlink(path: str) -> None:
    """Do what `os.unlink` does. OSError."""
    _patiently(lambda: os.unlink(path))


def _patiently(change: Callable[[], None]) -> None:
    if sys.platform != "win32":
        return change()
    import time

    until = time.monotonic() + _SECONDS
    while True:
        try:
            return change()
        except PermissionError:
            if time.monotonic() > until:
                raise
        time.sleep(_POLL)
