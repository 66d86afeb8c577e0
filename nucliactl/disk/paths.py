"""Where things are: the store and the profile directories."""

import os
import sys
from collections.abc import Mapping

from nucliactl.errors import Malformed

SYSTEM = "/etc/nucliactl"


def store_dir(environ: Mapping[str, str], flag: str | None = None) -> str | None:
    """Return the absolute path of the store, or None where there is no home directory.

    Order: the --config-dir flag, NUCLIA_CONFIG_DIR (absolute, else Malformed), XDG_CONFIG_HOME
    (ignored when relative, as its specification says), the home directory. Creates nothing.
    """
    if flag == "":
        raise Malformed("--config-dir is empty.", hint="Give a directory, or leave the flag out.")
    if flag is not None:
        return os.path.abspath(flag)
    stated = environ.get("NUCLIA_CONFIG_DIR")
    if stated:
        if not os.path.isabs(stated):
            raise Malformed(
                f"NUCLIA_CONFIG_DIR is not an absolute path: {stated!r}.",
                hint="Set it to a path that begins with /.",
            )
        return os.path.normpath(stated)
    if sys.platform == "win32":
        base = environ.get("APPDATA")
        return os.path.join(base, "nucliactl") if base else None
    base = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(base):
        return os.path.join(base, "nucliactl")
    home = home_dir(environ)
    return os.path.join(home, ".config", "nucliactl") if home else None


def home_dir(environ: Mapping[str, str]) -> str | None:
    """Return the home directory, or None. A relative or empty HOME is no home: nothing is ever
    written below the working directory by accident."""
    home = environ.get("HOME", "")
    if os.path.isabs(home):
        return home
    if sys.platform == "win32":
        return environ.get("USERPROFILE")
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return None
    return entry if os.path.isabs(entry) and entry != "/" else None


def path_dirs(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the directories on NUCLIA_PROFILES_PATH; raise Malformed for one that is not absolute."""
    found = tuple(d for d in environ.get("NUCLIA_PROFILES_PATH", "").split(os.pathsep) if d)
    for directory in found:
        if not os.path.isabs(directory):
            raise Malformed(
                f"NUCLIA_PROFILES_PATH has a directory that is not absolute: {directory!r}.",
                hint="Every directory on it begins with /.",
            )
    return found
