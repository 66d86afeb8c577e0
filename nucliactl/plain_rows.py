"""The rows of plain profiles: as this program wrote their two files, and not active.

Of thousands of profiles nearly all are. Each file is opened once, and no definition or credential is made of
it; where a profile leads is asked of the rules that every definition is held to, once for all that state the
same address. What is not plain in any way is left to `listing`, which knows what to say of it.
"""

from __future__ import annotations

import stat
from functools import lru_cache

from nucliactl.disk.judging import judge
from nucliactl.disk.owners import own_uid
from nucliactl.errors import NucliactlError
from nucliactl.listed import Listed
from nucliactl.model.definition import parse_definition
from nucliactl.model.ending import Life, is_near
from nucliactl.model.endpoint import KB_PATH, is_kb, plain_zone
from nucliactl.model.fields import secret_keys
from nucliactl.model.kinds import KB, KINDS, USER
from nucliactl.model.profile import SecretRef, Source
from nucliactl.model.shared_fields import ACCOUNT, IDENTITY, INFORMATIONAL
from nucliactl.model.ways import WAYS
from nucliactl.store.layout import JSON, TOML
from nucliactl.store.plain import frame, stated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nucliactl.disk.reading import Files, Glance
    from nucliactl.store.layout import Store

_TYPE = stat.S_IFMT(0o177777)
_WRITABLE, _READABLE = _TYPE | stat.S_IWOTH, _TYPE | stat.S_IRWXG | stat.S_IRWXO
_FILE = stat.S_IFREG
_INFORMING = frozenset((*INFORMATIONAL, ACCOUNT.name, IDENTITY.name, "description", "extends"))
_SECRETS = frozenset(key for kind in KINDS for key in secret_keys(kind))
_BOX = ("kind", "url")
_UNKNOWN = Life()
_STORAGE = WAYS["store"].storage


Place = tuple[str, str | None, tuple[str, ...]]
"""Where a profile leads, as a row says it; its zone; and the origins of its credential."""


class PlainRows:
    """Makes the rows of the plain profiles of a store. `now` is epoch seconds; the profiles of some `names`
    are not plain, nor is any whose credential ends soon."""

    def __init__(self, store: Store, files: Files, names: Collection[str], now: float) -> None:
        self._store, self._files, self._names, self._now = store, files, names, now
        self._uid = own_uid()
        self._judged = self._are_folders_ours()
        self._definitions = store.definition("").removesuffix(TOML)
        self._credentials = store.credential("").removesuffix(JSON)

    def _are_folders_ours(self) -> bool:
        try:
            for path in (self._store.definition("x"), self._store.credential("x")):
                judge(path, stat.S_IFREG, self._uid, self._store.trust)
        except NucliactlError:
            return False
        return True

    def rows(self, names: Iterable[str]) -> dict[str, Listed]:
        """Return the row of each profile of those names that is plain. What was read of the others is kept
        for who reads it with care.

        Files are read one after another, and then understood one after another: by turns both take half as
        long again.
        """
        if not self._judged:
            return {}
        glance, keep = self._files.glance, self._files.keep
        paths = [(name, f"{self._definitions}{name}{TOML}") for name in names if name not in self._names]
        read = [(name, path, found) for name, path in paths if (found := glance(path)) is not None]
        plain = [
            (name, path, said, place)
            for name, path, (data, info) in read
            if info.st_mode & _WRITABLE == _FILE
            and info.st_uid == self._uid
            and (said := stated(data)) is not None
            and (place := _place_of(said)) is not None
        ]
        held = [glance(f"{self._credentials}{name}{JSON}") for name, _, _, _ in plain]
        rows = {
            name: _row(name, path, said, place, ends[0])
            for (name, path, said, place), found in zip(plain, held, strict=True)
            if found is not None and (ends := self._ends(said, place, found)) is not None
        }
        if len(rows) < len(read):
            for name, path, found in read:
                if name not in rows:
                    keep(path, found)
            for (name, _, _, _), found in zip(plain, held, strict=True):
                if found is not None and name not in rows:
                    keep(f"{self._credentials}{name}{JSON}", found)
        return rows

    def _ends(self, said: dict[str, str], place: Place, found: Glance) -> tuple[int | None] | None:
        """Return when a credential ends, as `Frame.ends` does; None where that is soon, or the file is not
        plain."""
        data, info = found
        if info.st_mode & _READABLE != _FILE or info.st_uid != self._uid:
            return None
        ends = frame(said["kind"], place[2]).ends(data)
        return None if ends is None or is_near(ends[0], None, self._now) else ends


def _row(name: str, path: str, said: dict[str, str], place: Place, ends: int | None) -> Listed:
    target, zone, _ = place
    get = said.get
    return Listed._make(
        (
            name,
            said["kind"],
            target,
            get("account"),
            get("account_slug"),
            f"store: {path}",
            False,
            ends,
            _STORAGE,
            False,
            get("title"),
            get("description"),
            zone,
            Life._make((None, ends, False)) if ends else _UNKNOWN,
        )
    )


def _place_of(said: dict[str, str]) -> Place | None:
    """Return where a definition leads whose credential is a file of the store, and not a session."""
    address = _address(tuple(said))
    if address == _BOX and said["kind"] == KB.name:
        url = said["url"]
        origin, _, kb = url.partition(KB_PATH)
        zone = plain_zone(origin)
        return (url, zone, (origin,)) if zone is not None and is_kb(kb) else None
    return None if address is None else _place_at(tuple([(key, said[key]) for key in address]))


@lru_cache
def _address(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return which keys of a definition say where it leads; None where one holds its secret."""
    return tuple(key for key in keys if key not in _INFORMING) if _SECRETS.isdisjoint(keys) else None


@lru_cache
def _place_at(address: tuple[tuple[str, str], ...]) -> Place | None:
    """Return where a definition leads that states so much, by the rules of every definition."""
    places = {"file": SecretRef("store"), "keyring": SecretRef("keyring")}
    try:
        found = parse_definition("x", dict(address), Source("store", ""), places.__getitem__)
    except NucliactlError:
        return None
    if found.kind == USER.name or found.secret.way != "store" or found.warnings:
        return None
    return found.target, found.get("zone"), found.origins
