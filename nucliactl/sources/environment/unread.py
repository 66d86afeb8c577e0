"""Variables that look like ours and are not read: one letter off, another program's, a browser build's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from nucliactl.disk.reading import Files
from nucliactl.errors import Unreadable
from nucliactl.model.fields import FIELDS, secret_variables
from nucliactl.model.kinds import KB, KINDS
from nucliactl.model.spelling import letters_off, nearest
from nucliactl.model.tool_variables import INTERNAL_VARIABLES, SERVER_VARIABLES, TOOL_VARIABLES
from nucliactl.patterns import pattern
from nucliactl.sources.environment.kb import arag_bases, is_nuclias, kb_secrets, kb_urls
from nucliactl.sources.environment.variables import FILE, Environment
from nucliactl.sources.project import ENV_FILE, LOOKED_AT, Project
from nucliactl.tuples import NamedTuple

_OURS = pattern(r"NUCLIA|NUA_|ARAG_|BASE_NUCLIA", re.IGNORECASE)
_PUBLIC = pattern(
    r"(?:VITE|NEXT_PUBLIC|REACT_APP|VUE_APP|GATSBY|NUXT_PUBLIC|EXPO_PUBLIC|NG_APP|PUBLIC)_(?=NUCLIA)"
)
_OTHERS = pattern(
    r"(?!SANDBOX_NUCLIADB_URL$)[A-Z][A-Z0-9]*_(?:[A-Z0-9]+_)*?(?=NUCLIA)"
)  # a program's own prefix; not what the sandbox sets
_SECRETS, _ADDRESSES = "KEY|TOKEN|SECRET|PAT|JWT", "URL|URI|ENDPOINT|HOST|ORIGIN|BACKEND"
_HALF = pattern(rf"NU(?:CLIA|A).*(?:{_SECRETS}|URL)")
_ARAG_HALF = pattern(rf"ARAG_.*(?:{_SECRETS}|URL|BASE)")
_IDS = r"(?:KNOWLEDGE_?BOX|KB)_?(?:U?U?ID)?"
_PART = pattern(rf".*(?:{_SECRETS}|{_ADDRESSES}|{_IDS})")
_LINE = pattern(
    rb"^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]{0,79})[ \t]*=[ \t]*[\"']?([^\s\"'#]*)", re.MULTILINE
)
_LIMIT = 1024 * 1024
_LETTERS = 2
_WHY = {
    "NUCLIA_TOKEN": "it means three things in the wild; see the README",
    "NUCLIA_URL": "it counts only as a whole Knowledge Box URL beside NUCLIA_API_TOKEN",
    "NUCLIA_API_TOKEN": "it counts only beside a NUCLIA_URL that is a whole Knowledge Box URL",
}
_ARAG_WHY = "the name is another program's too, and counts only beside an ARAG endpoint"
_FILE_WHY = "only a secret is read from a file that a variable names"
_BASE_WHY = "it counts only beside ARAG_KB_ID, and with a host of Nuclia or of this machine"
# What a half most often is, by its name; the first that fits.
_MEANT = (
    (pattern(rf"(?:NUCLIA_?)?NUA(?!.*AGENT).*(?:{_SECRETS})"), "NUCLIA_NUA_KEY"),
    (pattern(r".*_(?:PAT|PERSONAL_.*(?:TOKEN|KEY))"), "NUCLIA_PERSONAL_TOKEN"),
    (pattern(r".*_(?:USER|AUTH|OAUTH|SESSION|LOGIN)_?TOKEN"), "NUCLIA_USER_TOKEN"),
    (pattern(rf".*AGENT.*(?:{_SECRETS})"), "NUCLIA_ARAG_API_KEY"),
    (pattern(rf"ARAG.*(?:{_SECRETS})"), "ARAG_API_KEY"),
    (pattern(rf".*(?:{_SECRETS})"), "NUCLIA_API_KEY"),
    (pattern(rf"ARAG.*(?:{_ADDRESSES})"), "ARAG_KB_URL"),
    (pattern(rf".*NUCLIADB.*(?:{_ADDRESSES})"), "NUCLIADB_URL"),
    (pattern(rf".*(?:{_ADDRESSES})"), "NUCLIA_KB_URL"),
    (pattern(rf".*{_IDS}"), "NUCLIA_KBID"),
)


class Unread(NamedTuple):
    """One such variable. `place`: the file and line of a `.env`. `near`: within two letters of one that
    is read, `meant`. `half`: it looks like half of a credential. `part`: it may be what an error misses.
    `why`: why it does not count here."""

    name: str
    place: str = ""
    meant: str | None = None
    near: bool = False
    half: bool = False
    part: bool = False
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
    names = [v for v in env.variables if env.variables[v] and _looks_like_ours(v)]
    if not names:
        return ()
    idle, arag = _idle(env), _arag_is_ours(env.variables)
    return tuple(judged for name in sorted(names) if (judged := _judge(name, idle, arag)))


def unread_in_file(path: str, files: Files, env: Environment | None = None) -> tuple[Unread, ...]:
    """Return those of a `.env`. Values are not looked at but for which of ours count (`env`, where they
    are known), and nothing of it is an error."""
    lines, values = _written(path, files)
    if not lines:
        return ()
    idle, arag = _idle(env or Environment(values)), _arag_is_ours(values)
    found = ((_judge(name, idle, arag), line) for name, line in lines)
    return tuple(one._replace(place=f"{path}:{line}") for one, line in found if one)


def unread_in_project(walked: Sequence[str], files: Files, found: Project | None) -> tuple[Unread, ...]:
    """Return those of the first `.env` that has any of note, in some directories up to the one that
    says something to us (`found`)."""
    gathered: list[Unread] = []
    for folder in walked:
        last = found is not None and found.speaks and folder == found.folder
        judged = unread_in_file(
            os.path.join(folder, ENV_FILE), files, found.environment if last and found else None
        )
        gathered += judged
        if last or any(one.near or one.half for one in judged):
            break
    return tuple(gathered)


def _looks_like_ours(name: str) -> bool:
    return bool(_OURS.match(name) or _PUBLIC.match(name) or (_OTHERS.match(name) and _PART.fullmatch(name)))


def _arag_is_ours(variables: Mapping[str, str]) -> bool:
    """Say whether the ARAG names stand for something of Nuclia's here: an address on a host of its own,
    and a key. Other programs use the names too."""
    found = [v for v in variables if v.startswith("ARAG_") and variables[v]]
    return any(is_nuclias(variables[v]) for v in found) and any(v.endswith(("KEY", "TOKEN")) for v in found)


@lru_cache
def _known() -> frozenset[str]:
    """Every variable that is read, twins included, or that `run` and `env` set for others."""
    names = {v for declared in FIELDS for v in declared.variables}
    names |= {name for kind in KINDS.values() for name, _ in kind.hands_over}
    twins = {variable + FILE for variable in (*secret_variables(), *SERVER_VARIABLES)}
    return frozenset((*names, *twins, *(name for name, _ in TOOL_VARIABLES), *INTERNAL_VARIABLES))


@lru_cache(maxsize=256)
def _of_unknown(name: str, arag: bool) -> Unread:
    plain = _PUBLIC.sub("", name).upper()
    others = _PUBLIC.match(name) is None and _OURS.match(name) is None
    plain = _OTHERS.sub("", plain, count=1) if others else plain
    forms = {plain, re.sub(r"^NUCLIACTL_", "NUCLIA_", plain), re.sub(r"^NUCLIA_", "NUCLIACTL_", plain)}
    last = plain.rsplit("_", 1)[-1]
    names = sorted(_known(), key=lambda n: (n.rsplit("_", 1)[-1] != last, n))
    distances = ((letters_off(form, read, _LETTERS), read) for read in names for form in forms)
    near = min(((off, read) for off, read in distances if off is not None), key=lambda n: n[0], default=None)
    half = bool(_HALF.fullmatch(plain) or (arag and _ARAG_HALF.fullmatch(plain)))
    part = half or (_PART.fullmatch(plain) is not None and (arag or not plain.startswith("ARAG_")))
    if plain.endswith(FILE) and plain.removesuffix(FILE) in names:
        plain = plain.removesuffix(FILE)
        return Unread(name, half=plain.endswith("URL"), part=True, why=_FILE_WHY)
    if others:
        return Unread(name, "", _meant(plain, names), False, False, part)
    if near is not None and (not half or near[1].endswith(last)):
        return Unread(name, "", near[1], True, half, part)
    return Unread(name, "", _meant(plain, names), near is not None, half, part)


def _meant(plain: str, names: Iterable[str]) -> str | None:
    for form, name in _MEANT:
        if form.fullmatch(plain):
            return name
    return nearest(plain, (n for n in names if not n.endswith(FILE)))


def _judge(name: str, idle: Mapping[str, str], arag: bool) -> Unread | None:
    if name in idle:
        half = name in _WHY or arag
        return Unread(name, half=half, part=half, why=idle[name])
    if name in _WHY and name not in _known():
        return Unread(name, half=True, part=True, why=_WHY[name])
    return None if name in _known() else _of_unknown(name, arag)


def _idle(env: Environment) -> dict[str, str]:
    """The declared variables that do not count beside the others that are set."""
    counted = {*kb_secrets(env), *kb_urls(env), *arag_bases(env)}
    conditional = [v for f in ("api_key", "arag_url", "whole_url", "url_token") for v in KB.variables(f)]
    bases = dict.fromkeys(KB.variables("arag_url"), _BASE_WHY)
    return {v: _WHY.get(v, bases.get(v, _ARAG_WHY)) for v in conditional if v not in counted}


def _written(path: str, files: Files) -> tuple[list[tuple[str, int]], dict[str, str]]:
    """The variables of a `.env` that look like ours: with their lines, and as they are written there."""
    try:
        looked = files.look(path, LOOKED_AT)
    except Unreadable:
        return [], {}
    data = looked.data[:_LIMIT] if looked else b""
    lines, values = list[tuple[str, int]](), dict[str, str]()
    for found in _LINE.finditer(data):
        name = found[1].decode()
        if _looks_like_ours(name):
            lines.append((name, data.count(b"\n", 0, found.start(1)) + 1))
            values[name] = found[2].decode(errors="replace")
    return lines, values
