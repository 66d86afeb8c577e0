"""Checks of the command itself: which one a shell finds, where it is found, and its completion."""

import contextlib
import os
import sys
import sysconfig
from collections.abc import Iterator

from nucliactl import hints
from nucliactl.disk.looking import look
from nucliactl.disk.paths import home_dir
from nucliactl.doctor.finding import Check, Finding, note, problem
from nucliactl.doctor.world import Unchecked, World
from nucliactl.errors import NucliactlError
from nucliactl.shells.install import completion_path
from nucliactl.text import quoted
from nucliactl.version import __version__

_COMMAND = "nucliactl.exe" if sys.platform == "win32" else "nucliactl"
_LIMIT = 1024 * 1024


def header() -> dict[str, str]:
    """Return what a report begins with: versions, and the system."""
    import platform

    system = platform.system()
    with contextlib.suppress(OSError):
        system = platform.freedesktop_os_release().get("PRETTY_NAME", system)
    return {
        "nucliactl": __version__,
        "python": platform.python_version(),
        "system": f"{system} ({platform.machine()})",
    }


def path(world: World) -> Iterator[Finding]:
    """Find why a shell would not find the command, or would look in the working directory."""
    entries = world.environ.get("PATH", os.defpath).split(os.pathsep)
    if relative := [entry or "(empty)" for entry in entries if not os.path.isabs(entry)]:
        sentence = f"PATH has entries that depend on the working directory: {', '.join(relative)}."
        yield note(sentence, "Take them out; nucliactl starts no program from there.")
    own = _own()
    if own and not _on_path(world):
        folder = os.path.dirname(own[0])
        yield note("A shell does not find nucliactl.", f'export PATH={quoted(folder)}:"$PATH"')


def installation(world: World) -> Iterator[Finding]:
    """Find a second installation: two versions would write one store."""
    own = _own()
    found = _on_path(world)
    others = [one for one in found if not _leads_here(one, own)]
    if not own or not others:
        return
    first = "this one" if found[0] not in others else found[0]
    sentence = f"There is another nucliactl: {', '.join(others)}; a shell finds {first} first."
    yield problem(sentence, f"This is {__version__}. Compare, and remove one: {quoted(others[0])} version")


def _leads_here(path: str, own: list[str]) -> bool:
    """Say whether a command is this one, by another name or by a script that names it; or a shim of a manager
    of versions (pyenv, asdf, mise), which leads to whichever is chosen."""
    if os.path.realpath(path) in map(os.path.realpath, own):
        return True
    if os.path.basename(os.path.dirname(path)) == "shims":
        return True
    text = look(path, _LIMIT)
    return text is not None and any(os.fsencode(one) in text.data for one in own)


def _own() -> list[str]:
    """The paths of the command that belong to this package."""
    folders = {sysconfig.get_path("scripts"), os.path.dirname(sys.executable)}
    folders.add(sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user")))
    paths = [os.path.join(folder, _COMMAND) for folder in sorted(folders) if folder]
    started = os.path.abspath(sys.argv[0]) if os.path.basename(sys.argv[0]) == _COMMAND else ""
    return [one for one in dict.fromkeys((started, *paths)) if one and os.path.isfile(one)]


def _on_path(world: World) -> list[str]:
    """Every command of that name that a shell can find, the first one first; one that is found by several
    names, once."""
    found: dict[str, str] = {}
    for entry in world.environ.get("PATH", os.defpath).split(os.pathsep):
        one = os.path.join(entry, _COMMAND)
        if os.path.isabs(entry) and os.path.isfile(one) and os.access(one, os.X_OK):
            found.setdefault(os.path.realpath(one), one)
    return list(found.values())


def completion(world: World) -> Iterator[Finding]:
    """Say how to set completion up where no start file of the person's shell does."""
    shell, home = os.path.basename(world.environ.get("SHELL", "")), home_dir(world.environ)
    if shell not in _START_FILES or home is None:
        raise Unchecked("SHELL names none of bash, zsh and fish")
    folder = (world.environ.get("ZDOTDIR") if shell == "zsh" else None) or home
    files = [os.path.join(folder, name) for name in _START_FILES[shell]]
    with contextlib.suppress(NucliactlError):
        files.append(completion_path(shell, world.environ))
    if any(_mentions(file) for file in files):
        return
    yield note(f"{shell} does not complete the words of nucliactl.", hints.install_completion(shell))


def _mentions(file: str) -> bool:
    try:
        found = look(file, _LIMIT)
    except NucliactlError:
        return False
    return found is not None and any(
        b"nucliactl" in line and b"complet" in line and not line.lstrip().startswith(b"#")
        for line in found.data.splitlines()
    )


_START_FILES = {
    "bash": (
        ".bashrc",
        ".bash_profile",
        ".bash_login",
        ".profile",
        ".bash_completion",
    ),
    "zsh": (".zshrc", ".zprofile", ".zshenv", ".zlogin"),
    "fish": (
        ".config/fish/config.fish",
        ".config/fish/conf.d/nucliactl.fish",
    ),
}
CHECKS = (
    Check("path", "a shell finds the command", path),
    Check("installation", "there is one", installation),
    Check("completion", "it is set up", completion),
)
