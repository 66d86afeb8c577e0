"""The project directory: one walk, and what the directory found may say.

It may name a profile, or bring its own complete credential for a known Nuclia host. It is data of
somebody else until proven otherwise: nothing here is executed, opened by name, or sent. A file that
says nothing to us is nobody's business; one that does and cannot be heard is a problem, never silence.
"""

from __future__ import annotations

import os
import stat

from nucliactl.disk import witness
from nucliactl.disk.looking import NotAFile
from nucliactl.disk.reading import Files
from nucliactl.errors import NucliactlError, Unreadable
from nucliactl.model.names import DOTENV
from nucliactl.model.source import Source
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import FILE, Environment
from nucliactl.sources.pin import LIMIT, PIN, Pin, parse_pin
from nucliactl.sources.trust import Trust, check_link, check_owner, trusted_uid, unreadable
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ENV_FILE = ".env"
_VCS = (".git", ".hg", ".svn", ".jj")
_SHARED = stat.S_IWOTH | stat.S_ISVTX
LOOKED_AT = 64 * 1024 * 1024


class Unheard(NamedTuple):
    """A file that chooses, and why it is not followed: `source` is its place."""

    source: Source
    problem: NucliactlError


class Project(NamedTuple):
    """What the walk found: the directory, its `.env`'s variables, its pin, which of the two choose and
    cannot be followed, and what people should be told."""

    folder: str
    environment: Environment | None = None
    pin: Pin | None = None
    unheard: tuple[Unheard, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def speaks(self) -> bool:
        return self.environment is not None or self.pin is not None or bool(self.unheard)


def find_project(
    walked: Sequence[str], allow: Callable[[str], bool], trust: Trust, files: Files
) -> Project | None:
    """Return the first of some directories (nearest first, the last is the VCS root) that says
    something to us. `allow` judges the origins a `.env` may bring."""
    warnings: list[str] = []
    for folder in walked:
        unheard: list[Unheard] = []
        environment = pin = None
        path = os.path.join(folder, ENV_FILE)
        try:
            environment = _environment(path, walked[-1], allow, trust, warnings, files)
        except NucliactlError as problem:
            unheard.append(Unheard(Source("dotenv", path), problem))
        path = os.path.join(folder, PIN)
        try:
            pin = _pin(path, walked[-1], trust, warnings, files)
        except NucliactlError as problem:
            unheard.append(Unheard(Source("pin", path), problem))
        found = Project(folder, environment, pin, tuple(unheard), tuple(warnings))
        if found.speaks:
            return found
    return Project(walked[0], warnings=tuple(warnings)) if warnings else None


def folders(start: str) -> list[str]:
    """From the working directory up to the VCS root; the working directory alone without one."""
    found = []
    folder = start
    while True:
        found.append(folder)
        if any(_marks(folder, name) for name in _VCS):
            return found
        parent = os.path.dirname(folder)
        if parent == folder:
            return found[:1]
        folder = parent


def _marks(folder: str, name: str) -> bool:
    """Say whether a VCS root is here. In a directory where everybody leaves files (`/tmp`) another
    user's mark makes no project of everything below."""
    mark = os.path.join(folder, name)
    if not witness.is_there(mark):
        return False
    try:
        shared = witness.status(folder).mode & _SHARED == _SHARED
        return not shared or trusted_uid(witness.link_status(mark).uid)
    except OSError:
        return False


def _environment(
    path: str, root: str, allow: Callable[[str], bool], trust: Trust, warnings: list[str], files: Files
) -> Environment | None:
    """Return the variables of a `.env` that has some of ours, None for any other.

    Raises Refused where it chooses and is not trusted, Damaged where what it says cannot be read.
    """
    try:
        looked = files.look(path, LOOKED_AT)
    except Unreadable as error:
        if not witness.is_directory(path):  # somebody's virtual environment
            warnings.append(f"{path} is skipped: it{error.message.removeprefix(path)}")
        return None
    if looked is None:
        return None
    from nucliactl.sources.dotenv import parse_dotenv, speaks

    if not speaks(looked.data):
        return None
    found = parse_dotenv(looked.data, path, strict=False)
    if found.flaw is None and not any(found.variables.values()):
        warnings.extend(found.warnings)
        return None
    environment = Environment(found.variables, DOTENV, "dotenv", path, False, path, found.lines, allow)
    try:
        check_link(path, root, trust)
        check_owner(path, looked, root, trust)
    except NucliactlError:
        if found.flaw or environment.selected_profiles() or candidates(environment):
            raise
        return None  # a zone, an account: it chooses nothing
    if found.flaw is not None:
        raise found.flaw
    from nucliactl.model.fields import secret_variables

    warnings.extend(found.warnings)
    for name in found.variables:
        if name.endswith(FILE) and name.removesuffix(FILE) in secret_variables():
            warnings.append(f"{name} in {path} is not honoured: a project's .env could show any file by it")
    return environment


def _pin(path: str, root: str, trust: Trust, warnings: list[str], files: Files) -> Pin | None:
    """Return what the pin names. By its name alone a pin chooses: one that is there and cannot be read
    is Refused, like one that is not trusted."""
    check_link(path, root, trust)
    try:
        looked = files.look(path, LIMIT + 1)
    except NotAFile as error:
        warnings.append(f"{path} is skipped: it{error.message.removeprefix(path)}")
        return None
    except Unreadable as error:
        raise unreadable(error.message) from None
    if looked is None:
        if witness.is_link(path):
            raise unreadable(f"{path} is a link that leads nowhere.")
        return None
    check_owner(path, looked, root, trust)
    found = parse_pin(looked.data, path)
    if found is None:
        warnings.append(f"{path} is skipped: it names no profile")
    return found
