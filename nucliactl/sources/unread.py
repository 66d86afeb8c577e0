"""Variables that look like ours and are not read: one letter off, another program's, a browser build's."""

import os
import re
import stat
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from nucliactl.model.fields import FIELDS, INTERNAL_VARIABLES, TOOL_VARIABLES, field
from nucliactl.model.kinds import KB
from nucliactl.model.spelling import letters_off, nearest
from nucliactl.sources.environ_kb import arag_bases, kb_secrets, kb_urls
from nucliactl.sources.project import ENV_FILE, Project, folders
from nucliactl.sources.variables import FILE, Environment

_OURS = re.compile(r"NUCLIA|NUA_|ARAG_|BASE_NUCLIA", re.IGNORECASE)
_PUBLIC = re.compile(r"(?:VITE|NEXT_PUBLIC|REACT_APP)_(?=NUCLIA)")
_HALF = re.compile(r"NU(?:CLIA|A).*(?:KEY|TOKEN|URL)", re.IGNORECASE)
_LINE = re.compile(rb"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,79})[ \t]*=", re.MULTILINE)
_LIMIT = 1024 * 1024
_LETTERS = 2
_WHY = {
    "NUCLIA_TOKEN": "it means three things in the wild; see the README",
    "NUCLIA_URL": "it counts only as a whole Knowledge Box URL beside NUCLIA_API_TOKEN",
    "NUCLIA_API_TOKEN": "it counts only beside a NUCLIA_URL that is a whole Knowledge Box URL",
}
_COMMON = {"KEY": "NUCLIA_API_KEY", "URL": "NUCLIA_KB_URL"}  # what half a credential most often is
_ARAG_WHY = "the name is another program's too, and counts only beside an ARAG endpoint"


class Unread(NamedTuple):
    """One such variable. `place`: the file and line of a `.env`. `near`: within two letters of one that
    is read, `meant`. `half`: it looks like half of a credential. `why`: why it does not count here."""

    name: str
    place: str = ""
    meant: str | None = None
    near: bool = False
    half: bool = False
    why: str | None = None

    @property
    def text(self) -> str:
        where = f"{self.name} in {self.place}" if self.place else self.name
        if self.why:
            return f"{where} is set but not read: {self.why}"
        hint = f" (did you mean {self.meant}?)" if self.meant else ""
        public = "; a key there is public" if _PUBLIC.match(self.name) else ""
        return f"{where} is set but not read{hint}{public}"


def unread(env: Environment) -> tuple[Unread, ...]:
    """Return the variables of an environment that look like ours and are not read."""
    names = [v for v in env.variables if env.variables[v] and (_OURS.match(v) or _PUBLIC.match(v))]
    idle = _idle(env) if names else {}
    return tuple(judged for name in sorted(names) if (judged := _judge(name, idle)))


def unread_in_project(start: str, found: Project | None) -> tuple[Unread, ...]:
    """Return those of the nearest `.env`, from `start` up to the directory that says something to us
    (`found`). Values are not looked at but for which of ours count, and nothing of it is an error."""
    for folder in folders(start):
        path = os.path.join(folder, ENV_FILE)
        last = found is not None and found.speaks and folder == found.folder
        idle = _idle(found.environment) if last and found and found.environment else {}
        judged = [
            one._replace(place=f"{path}:{line}") for name, line in _names(path) if (one := _judge(name, idle))
        ]
        if judged or last:
            return tuple(judged)
    return ()


@lru_cache
def _known() -> frozenset[str]:
    """Every variable that is read, twins included."""
    names = {v for declared in FIELDS for v in declared.variables}
    twins = {name + FILE for name in names}
    return frozenset((*names, *twins, *(name for name, _ in TOOL_VARIABLES), *INTERNAL_VARIABLES))


@lru_cache(maxsize=256)
def _of_unknown(name: str) -> Unread:
    plain = _PUBLIC.sub("", name).upper()
    forms = {plain, re.sub(r"^NUCLIACTL_", "NUCLIA_", plain), re.sub(r"^NUCLIA_", "NUCLIACTL_", plain)}
    last = plain.rsplit("_", 1)[-1]
    names = sorted(_known(), key=lambda n: (n.rsplit("_", 1)[-1] != last, n))
    near: tuple[int, str] | None = None
    for name_read in names:
        for form in forms:
            off = letters_off(form, name_read, _LETTERS)
            if off is not None and (near is None or off < near[0]):
                near = off, name_read
    half = _HALF.fullmatch(plain) is not None
    if near is not None and (not half or near[1].endswith(last)):
        return Unread(name, "", near[1], True, half)
    meant = nearest(plain, (n for n in names if not n.endswith(FILE)))
    if half and "NUA" not in plain.removeprefix("NUA"):
        meant = _COMMON.get(last, meant)
    return Unread(name, "", meant, near is not None, half)


def _judge(name: str, idle: Mapping[str, str]) -> Unread | None:
    if name in idle:
        return Unread(name, half=name in _WHY, why=idle[name])
    if name in _WHY and name not in _known():
        return Unread(name, half=True, why=_WHY[name])
    return None if name in _known() else _of_unknown(name)


def _idle(env: Environment) -> dict[str, str]:
    """The declared variables that do not count beside the others that are set."""
    counted = {*kb_secrets(env), *kb_urls(env), *arag_bases(env)}
    conditional = [
        v for f in ("api_key", "arag_url", "whole_url", "url_token") for v in field(f, KB.name).variables
    ]
    return {v: _WHY.get(v, _ARAG_WHY) for v in conditional if v not in counted}


def _names(path: str) -> Iterable[tuple[str, int]]:
    """The variables of a `.env` that look like ours, with their lines."""
    try:
        fd = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except OSError:
        return
    try:
        data = os.read(fd, _LIMIT) if stat.S_ISREG(os.fstat(fd).st_mode) else b""
    except OSError:
        return
    finally:
        os.close(fd)
    for found in _LINE.finditer(data):
        name = found[1].decode()
        if _OURS.match(name) or _PUBLIC.match(name):
            yield name, data.count(b"\n", 0, found.start(1)) + 1
