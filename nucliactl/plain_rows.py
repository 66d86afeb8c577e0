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
from nucliactl.model.endpoint import plain_kb
from nucliactl.model.fields import secret_keys
from nucliactl.model.kinds import KB, KINDS, USER
from nucliactl.model.profile import SecretRef, Source
from nucliactl.model.shared_fields import ACCOUNT, IDENTITY, INFORMATIONAL
from nucliactl.model.ways import WAYS
from nucliactl.store.plain import frame, stated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection

    from nucliactl.disk.reading import Files
    from nucliactl.model.words import KindName
    from nucliactl.store.layout import Store

_TYPE = stat.S_IFMT(0o177777)
_WRITABLE, _READABLE = _TYPE | stat.S_IWOTH, _TYPE | stat.S_IRWXG | stat.S_IRWXO
_INFORMING = frozenset((*INFORMATIONAL, ACCOUNT.name, IDENTITY.name, "description", "extends"))
_SECRETS = frozenset(key for kind in KINDS for key in secret_keys(kind))
_BOX = ("kind", KB.name)
_UNKNOWN = Life()
_STORAGE = WAYS["store"].storage


class PlainRows:
    """Makes the rows of the plain profiles of a store. `now` is epoch seconds; the profiles of some `names`
    are not plain, nor is any whose credential ends soon."""

    def __init__(self, store: Store, files: Files, names: Collection[str], now: float) -> None:
        self._store, self._files, self._names, self._now = store, files, names, now
        self._trust, self._uid = store.trust, own_uid()
        self._judged = self._are_folders_ours()

    def _are_folders_ours(self) -> bool:
        try:
            for path in (self._store.definition("x"), self._store.credential("x")):
                judge(path, stat.S_IFREG, self._uid, self._trust)
        except NucliactlError:
            return False
        return True

    def row(self, name: str) -> Listed | None:
        """Return the row of the profile of that name; None where it is not plain."""
        if not self._judged or name in self._names:
            return None
        path = self._store.definition(name)
        data = self._own(path, _WRITABLE)
        said = stated(data) if data is not None else None
        if said is None or (place := _place_of(said)) is None:
            return None
        target, zone, origins = place
        kind: KindName = said["kind"]  # type: ignore[assignment]
        private = self._store.credential(name)
        held = self._own(private, _READABLE)
        ends = frame(kind, origins).ends(held) if held is not None else None
        if ends is None or is_near(ends[0], None, self._now):
            return None
        self._files.drop(path)
        self._files.drop(private)
        return Listed._make(
            (
                name,
                kind,
                target,
                said.get("account"),
                said.get("account_slug"),
                f"store: {path}",
                False,
                ends[0],
                _STORAGE,
                False,
                said.get("title"),
                said.get("description"),
                zone,
                Life._make((None, ends[0], False)) if ends[0] else _UNKNOWN,
            )
        )

    def _own(self, path: str, bits: int) -> bytes | None:
        """Return what a regular file holds that is this user's and has none of some mode bits; else None."""
        try:
            found = self._files.read(path, self._trust, judged=False)
        except NucliactlError:  # told by who reads it again
            return None
        if found is None or found.info.st_mode & bits != stat.S_IFREG or found.info.st_uid != self._uid:
            return None
        return found.data


Place = tuple[str, str | None, tuple[str, ...]]
"""Where a profile leads, as a row says it; its zone; and the origins of its credential."""


def _place_of(said: dict[str, str]) -> Place | None:
    """Return where a definition leads whose credential is a file of the store, and not a session."""
    address = tuple([item for item in said.items() if item[0] not in _INFORMING])
    if len(address) == 2 and address[0] == _BOX and address[1][0] == "url":
        box = plain_kb(address[1][1])
        return (box.url, box.zone, (box.origin,)) if box else None
    return _place_at(address) if _SECRETS.isdisjoint(said) else None


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
