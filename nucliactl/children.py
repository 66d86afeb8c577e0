"""Programs that we start: how one is found, where it begins, and what it is given.

A working directory may be somebody else's. Nothing of it is run: a bare name is looked for in the
absolute entries of PATH only, a path must be absolute, and a program begins outside of the project
with a PATH that has absolute entries only. An argv list of the user's is never altered.
"""

import os
import sys
from collections.abc import Mapping

from nucliactl.errors import Refused
from nucliactl.secret import printable

OUTSIDE = os.path.abspath(os.sep)
_LIBRARIES = "LD_LIBRARY_PATH"


def program(name: str, environ: Mapping[str, str], said_by: str) -> str | None:
    """Return the path of a program, or None where no absolute entry of PATH has it.

    Raises Refused for a path that depends on the working directory; `said_by` names who wrote it.
    """
    if os.path.dirname(name):
        if not os.path.isabs(name):
            raise Refused(
                f"{said_by} names the program {printable(name)} by a path that depends on the working "
                "directory.",
                hint="Write the whole path, or a name that is on PATH.",
            )
        return name
    from shutil import which

    return which(name, path=search_path(environ))


def search_path(environ: Mapping[str, str]) -> str:
    """Return PATH without the entries that depend on the working directory (`.`, `bin`, empty ones)."""
    entries = environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if os.path.isabs(entry)) or os.defpath


def surroundings(environ: Mapping[str, str], folder: str = OUTSIDE) -> dict[str, str]:
    """Return the environment of a program that begins in `folder`."""
    return {**thawed(environ), "PATH": search_path(environ), "PWD": folder}


def thawed(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment as it was before PyInstaller's start of a frozen program put its libraries there:
    another program would load those instead of its own. Unchanged where this program is not frozen."""
    if not frozen():
        return dict(environ)
    theirs = {name for name in environ if name.startswith("_PYI_")} | {_LIBRARIES, f"{_LIBRARIES}_ORIG"}
    before = {_LIBRARIES: environ[f"{_LIBRARIES}_ORIG"]} if f"{_LIBRARIES}_ORIG" in environ else {}
    return {name: value for name, value in environ.items() if name not in theirs} | before


def frozen() -> bool:
    """Say whether PyInstaller or its like made this program: then `sys.executable` is no interpreter."""
    return getattr(sys, "frozen", False)
