"""Opening a browser, where there is one to open."""

import os
import subprocess
import sys
from collections.abc import Mapping


def can_open(environ: Mapping[str, str]) -> bool:
    """Say whether a browser may be tried: BROWSER is set, or a person sits at this very machine."""
    if environ.get("BROWSER"):
        return True
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return False
    if os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def open_address(url: str) -> None:
    """Open an address by Python's `webbrowser` in a process of its own: it honours BROWSER, may block,
    and must not write where our data goes."""
    null = subprocess.DEVNULL
    words = [sys.executable, "-m", "webbrowser", url]
    subprocess.Popen(words, stdin=null, stdout=null, stderr=null, start_new_session=True)
