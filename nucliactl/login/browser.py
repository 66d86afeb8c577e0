"""Opening a browser, where there is one to open."""

import os
import shlex
import sys
from collections.abc import Mapping

from nucliactl.children import OUTSIDE, frozen, program, surroundings

_OPENERS = ("xdg-open", "open", "x-www-browser")


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
    """Open an address in a process of its own: a browser may block, and must not write where our data
    goes. Raises Refused for a BROWSER relative to the directory."""
    import subprocess

    choices = [_words(choice) for choice in environ.get("BROWSER", "").split(os.pathsep)]
    for words in filter(None, choices):
        program(words[0], environ, "BROWSER")
    if frozen():
        command = _by_hand(choices, url, environ)
    else:  # -I: neither the working directory nor PYTHON* decides what `webbrowser` is
        command = [sys.executable, "-I", "-m", "webbrowser", url] if sys.executable else []
    if not command:
        return
    null = subprocess.DEVNULL
    subprocess.Popen(
        command,
        cwd=OUTSIDE,
        env=surroundings(environ),
        stdin=null,
        stdout=null,
        stderr=null,
        start_new_session=True,
    )


def _words(choice: str) -> list[str]:
    try:
        return shlex.split(choice)
    except ValueError:
        return choice.split()


def _by_hand(choices: list[list[str]], url: str, environ: Mapping[str, str]) -> list[str]:
    """Return the command that opens an address where no interpreter can; [] where there is none."""
    for first, *others in [*filter(None, choices), *([name] for name in _OPENERS)]:
        if found := program(first, environ, "BROWSER"):
            given = [word.replace("%s", url) for word in others if word != "&"]
            return [found, *given] if url in " ".join(given) else [found, *given, url]
    return []
