"""Opening a browser, where there is one to open."""

import os
import shlex
import sys
from collections.abc import Mapping

from nucliactl.children import OUTSIDE, program, surroundings


def can_open(environ: Mapping[str, str]) -> bool:
    """Say whether a browser may be tried: BROWSER is set, or a person sits at this very machine."""
    if environ.get("BROWSER"):
        return True
    remote = environ.get("SSH_CONNECTION") or environ.get("SSH_TTY")
    if remote or os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"):
        return False
    screen = environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")
    return sys.platform in ("win32", "darwin") or bool(screen)


def open_address(url: str, environ: Mapping[str, str]) -> None:
    """Open an address by Python's `webbrowser` in a process of its own: it honours BROWSER, may block,
    and must not write where our data goes. Raises Refused for a BROWSER relative to the directory."""
    import subprocess

    for choice in environ.get("BROWSER", "").split(os.pathsep):
        _check(choice, environ)
    if not sys.executable:
        return
    null = subprocess.DEVNULL
    # -I: neither the working directory nor PYTHON* decides what `webbrowser` is.
    subprocess.Popen(
        [sys.executable, "-I", "-m", "webbrowser", url],
        cwd=OUTSIDE,
        env=surroundings(environ),
        stdin=null,
        stdout=null,
        stderr=null,
        start_new_session=True,
    )


def _check(choice: str, environ: Mapping[str, str]) -> None:
    try:
        words = shlex.split(choice)
    except ValueError:
        words = choice.split()
    if words:
        program(words[0], environ, "BROWSER")
