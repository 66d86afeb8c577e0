"""Where things are: the store and the profile directories."""

from __future__ import annotations

import os
import sys

from nucliactl.disk import witness
from nucliactl.errors import Malformed
from nucliactl.text import quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

SYSTEM = "/etc/nucliactl"


def store_place(environ: Mapping[str, str], flag: str | None = None) -> str | None:
    """Return where the store is, or None where there is no home directory. Creates nothing.

    Order: the --config-dir flag, NUCLIA_CONFIG_DIR (absolute, else Malformed), XDG_CONFIG_HOME
    (ignored when relative, as its specification says), the home directory. Malformed for a path that
    nobody means.
    """
    if flag == "":
        raise Malformed("--config-dir is empty.", hint="Give a directory, or leave the flag out.")
    if flag is not None:
        return absolute(meant(flag, "--config-dir"), "--config-dir")
    stated = environ.get("NUCLIA_CONFIG_DIR")
    if stated:
        if not os.path.isabs(meant(stated, "NUCLIA_CONFIG_DIR")):
            raise Malformed(
                f"NUCLIA_CONFIG_DIR is not an absolute path: {stated!r}.",
                hint="Set it to a path that begins with /.",
            )
        return os.path.normpath(stated)
    base = None
    if sys.platform == "win32":
        base = environ.get("APPDATA")
    elif os.path.isabs(xdg := environ.get("XDG_CONFIG_HOME", "")):
        base = meant(xdg, "XDG_CONFIG_HOME")
    elif home := home_dir(environ):
        base = os.path.join(meant(home, "HOME"), ".config")
    return os.path.join(base, "nucliactl") if base else None


def meant(path: str, where: str) -> str:
    """Return a path somebody gave; raise Malformed where it begins or ends as nobody means it: what a
    file with Windows line ends, or a careless quotation, leaves there."""
    if path != path.strip():
        end = "a carriage return" if "\r" in (path[0], path[-1]) else "white space"
        raise Malformed(
            f"{where} begins or ends with {end}: {path!r}.",
            hint=f"Take it out; it should read {quoted(path.strip())}",
        )
    return path


def absolute(path: str, where: str) -> str:
    """Return a path somebody gave in whole; raise Malformed for a relative one where nothing is."""
    try:
        return os.path.abspath(path)
    except FileNotFoundError:
        raise Malformed(
            f"{where} gives the relative path {path}, and the working directory is gone.",
            hint="Give the whole path, or change to a directory that exists.",
        ) from None


def why_unreachable(path: str) -> str | None:
    """Say why nobody can tell what is at a path: a directory above may not be entered, links lead in a
    circle, a disk or server does not answer. None where it is there, or is not."""
    try:
        witness.status(path)
    except PermissionError:
        return f"{_closed_above(path)} is closed to this user"
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        return error.strerror
    return None


def _closed_above(path: str) -> str:
    """The uppermost directory above a path that may not be entered."""
    folder = os.path.dirname(path)
    try:
        witness.status(folder)
    except PermissionError:
        return _closed_above(folder)
    except OSError:
        pass
    return folder


def home_dir(environ: Mapping[str, str]) -> str | None:
    """Return the home directory, or None. A relative or empty HOME is no home: nothing is ever
    written below the working directory by accident."""
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return home
    if sys.platform == "win32":
        return environ.get("USERPROFILE")
    import pwd

    witness.unrepeatable()
    try:
        entry = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None
    return entry if os.path.isabs(entry) and entry != "/" else None


def expanded(path: str, environ: Mapping[str, str]) -> str:
    """Return a path with the home directory in place of a leading `~`; where there is none, as it is.
    `~NAME` is another user's, as the system knows it."""
    if path[:1] != "~":
        return path
    if path != "~" and not path.startswith("~/"):
        return os.path.expanduser(path)
    home = home_dir(environ)
    return home + path[1:] if home else path


def beside(place: str, path: str) -> str:
    """Return where a file lies that a file, `place`, names: a relative path begins in its directory, and `~`
    is the home directory of this process."""
    return os.path.join(os.path.dirname(place), expanded(path, os.environ))


def official_path(environ: Mapping[str, str]) -> str | None:
    """Return where the official client keeps its file, None where there is no home directory."""
    home = home_dir(environ)
    return os.path.join(home, ".nuclia", "config") if home else None


def path_dirs(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the directories on NUCLIA_PROFILES_PATH; raise Malformed for one that is not absolute."""
    variable = "NUCLIA_PROFILES_PATH"
    found = tuple(d for d in environ.get(variable, "").split(os.pathsep) if d)
    for directory in found:
        if not os.path.isabs(meant(directory, variable)):
            raise Malformed(
                f"{variable} has a directory that is not absolute: {directory!r}.",
                hint="Every directory on it begins with /.",
            )
    return tuple(os.path.normpath(directory) for directory in found)
