"""The project directory: one walk, and what the directory found may say.

It may name a profile, or bring its own complete credential for a known Nuclia host. It is data of
somebody else until proven otherwise: nothing here is executed, opened by name, or sent.
"""

import os
import stat
from collections.abc import Callable, Iterator
from typing import NamedTuple

from nucliactl.disk.reading import Contents, Unreadable, read_file
from nucliactl.errors import Damaged
from nucliactl.model.names import DOTENV
from nucliactl.sources.dotenv import parse_dotenv
from nucliactl.sources.variables import FILE, Environment

PIN = ".nuclia-profile"
ENV_FILE = ".env"
_VCS = (".git", ".hg", ".svn", ".jj")
_PIN_LIMIT = 4096


class Project(NamedTuple):
    """What the walk found: the directory, its `.env`'s variables, its pin, and what was skipped."""

    folder: str
    environment: Environment | None
    pin: str | None
    pin_path: str
    warnings: tuple[str, ...]


def find_project(start: str, allow: Callable[[str], bool]) -> Project | None:
    """Return the nearest directory from `start` up to the VCS root that says something to us.

    Without a VCS root only `start` is looked at. `allow` judges the origins a `.env` may bring.
    Raises Damaged or Refused for a file that is ours to read and cannot be used.
    """
    warnings: list[str] = []
    for folder in _folders(start):
        environment = _environment(folder, allow, warnings)
        pin_path = os.path.join(folder, PIN)
        pin = _pin(pin_path, warnings)
        if environment is not None or pin is not None:
            return Project(folder, environment, pin, pin_path, tuple(warnings))
    return Project(start, None, None, "", tuple(warnings)) if warnings else None


def _folders(start: str) -> Iterator[str]:
    """From the working directory up to the VCS root; the working directory alone without one."""
    found = []
    folder = start
    while True:
        found.append(folder)
        if any(os.path.lexists(os.path.join(folder, name)) for name in _VCS):
            return iter(found)
        parent = os.path.dirname(folder)
        if parent == folder:
            return iter(found[:1])
        folder = parent


def _read(path: str, warnings: list[str], limit: int) -> Contents | None:
    """Read a file of the project; None, with a warning, for one that is not the user's or root's."""
    try:
        info = os.stat(path)
    except OSError:
        return None
    if os.path.islink(path) and not _stays(path):
        warnings.append(f"{path} is skipped: it is a link that leaves its directory")
        return None
    if not stat.S_ISREG(info.st_mode):
        # A directory .env is somebody's virtual environment.
        if not stat.S_ISDIR(info.st_mode) or os.path.basename(path) == PIN:
            warnings.append(f"{path} is skipped: it is not a regular file")
        return None
    try:
        contents = read_file(path, limit=limit)
    except Unreadable as error:
        warnings.append(f"{path} is skipped: {error.message}")
        return None
    if contents and os.name == "posix" and contents.uid not in (os.getuid(), 0):
        warnings.append(f"{path} is skipped: it belongs to another user (uid {contents.uid})")
        return None
    return contents


def _stays(path: str) -> bool:
    """Say whether a link leads to a file below its own directory: a project may not show others."""
    folder = os.path.realpath(os.path.dirname(path))
    return os.path.realpath(path).startswith(folder + os.sep)


def _environment(folder: str, allow: Callable[[str], bool], warnings: list[str]) -> Environment | None:
    path = os.path.join(folder, ENV_FILE)
    contents = _read(path, warnings, 1024 * 1024)
    if contents is None:
        return None
    found = parse_dotenv(contents.data, path)
    if not any(found.variables.values()):
        return None
    warnings.extend(found.warnings)
    for name in found.variables:
        if name.endswith(FILE):
            warnings.append(f"{name} in {path} is not honoured: a project's .env could show any file by it")
    return Environment(found.variables, DOTENV, "dotenv", path, False, path, found.lines, allow)


def _pin(path: str, warnings: list[str]) -> str | None:
    contents = _read(path, warnings, _PIN_LIMIT)
    return _name_line(contents, path)[1] if contents else None


def pinned(path: str, name: str) -> bytes:
    """Return a pin that names `name`, with the comments of the one that is there.

    Raises Damaged where what is there is no pin: nobody's notes are overwritten.
    """
    contents = read_file(path)
    if contents is None or not contents.data.strip():
        return name.encode() + b"\n"
    lines, before = _name_line(contents, path)
    return "".join(
        line.replace(before, name, 1) if line.strip() == before else line for line in lines
    ).encode()


def _name_line(contents: Contents, path: str) -> tuple[list[str], str]:
    """Return the lines of a pin, and the one that is no comment."""
    try:
        lines = contents.data.decode("utf-8-sig").splitlines(keepends=True)
    except UnicodeDecodeError:
        raise Damaged(f"{path} is not UTF-8.", hint="It holds the name of a profile.") from None
    names = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    if len(names) != 1:
        raise Damaged(
            f"{path} has {len(names)} lines where it should have one.",
            hint="It holds the name of a profile, or several of different kinds: acme-kb,acme-nua",
        )
    return lines, names[0]
