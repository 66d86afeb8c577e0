"""`active.json`: the current profile (or one of each of several kinds), the previous one, and the last of
each kind."""

from __future__ import annotations

from collections.abc import Mapping

from nucliactl import hints
from nucliactl.errors import Damaged, Newer
from nucliactl.model.names import names_in
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.model.words import KindName

VERSION = 1


class Active(NamedTuple):
    """What was switched to. `current` and `previous` are selections: a name, or several of different kinds
    (`acme-kb,acme-nua`). `last` maps a kind to the name last switched to of that kind."""

    current: str | None = None
    previous: str | None = None
    last: dict[str, str] = {}  # noqa: RUF012 (never mutated: every change makes a new one)
    version: int = VERSION

    @property
    def names(self) -> tuple[str, ...]:
        """The current profiles; the first is the one that counts where no kind is asked for."""
        return (names_in(self.current) or (self.current,)) if self.current else ()

    def switched(self, selection: str, kinds: Mapping[KindName, str]) -> Active:
        """Return what it is after switching to a selection, `kinds` being the profile of each kind in it."""
        last = dict([*self.last.items(), *kinds.items()])
        same = self.current is None or names_in(selection) == self.names
        previous = self.previous if same else self.current
        return self._replace(current=selection, previous=previous, last=last)

    def logged_in(self, name: str, kind: KindName) -> Active:
        """Return what it is after a login: who renews the first of a selection keeps the others."""
        kept = self.current if self.current and self.names[0] == name else name
        return self.switched(kept, {kind: name})

    def cleared(self) -> Active:
        """Return what it is when nothing is switched to any more; `use -` goes back."""
        return self._replace(current=None, previous=self.current or self.previous, last={})

    def renamed(self, old: str, new: str | None) -> Active:
        """Return what it is when a profile has another name, or (None) no longer exists: what was selected
        with it stays."""
        last = {kind: name for kind, before in self.last.items() if (name := _replaced(before, old, new))}
        current, previous = _replaced(self.current, old, new), _replaced(self.previous, old, new)
        return self._replace(current=current, previous=previous, last=last)


def _replaced(selection: str | None, old: str, new: str | None) -> str | None:
    """Return a selection with another name in the place of one, or without it."""
    names = names_in(selection or "")
    if old not in names:
        return selection
    return ",".join(kept for name in names if (kept := new if name == old else name)) or None


def read_active(store: Store) -> Active:
    """Return what `active.json` says, all None if there is no such file. Raises Damaged."""
    contents = store.read(store.active, store.trust)
    if contents is None:
        return Active()
    hint = f"Correct it, or move it away and switch again with: {hints.USE}"
    found = parse_plain(contents.data)
    if found is None:
        from nucliactl.store.formats import parse_json

        found = parse_json(contents.data, store.active, hint)
    current, previous, last = found.get("current"), found.get("previous"), found.get("last") or {}
    version = found.get("version")
    if (
        not isinstance(current, str | None)
        or not isinstance(previous, str | None)
        or not isinstance(version, int)
        or not isinstance(last, dict)
        or not all(isinstance(name, str) for name in last.values())
    ):
        raise Damaged(f"{store.active} does not say which profile is current.", hint=hint)
    return Active(current or None, previous or None, dict(last), version)


def parse_plain(data: bytes) -> dict[str, Any] | None:
    """Return what JSON's parser makes of a file as `active_bytes` writes it; None for any other. To import
    that parser is a sixth of `current`."""
    text = data.decode("latin-1")
    if not text.isascii() or "\\" in text or not text.replace("\n", "").isprintable():
        return None
    said: dict[str, str | None] = {}
    for line in text.split("\n"):
        key, _, value = line.strip(" ,").partition(": ")
        said[key.strip('"')] = None if value == "null" else value.strip('"')
    current, previous = said.get("current"), said.get("previous")
    last = {kind: name for kind, name in said.items() if name and kind not in _KEYS}
    if text != _plainly(current, previous, last):
        return None
    return {"version": VERSION, "current": current, "previous": previous, "last": last}


_KEYS = ("version", "current", "previous", "last")


def _plainly(current: str | None, previous: str | None, last: Mapping[str, str]) -> str:
    """Write `active.json` as JSON's writer does where no text needs an escape."""
    names = ",".join([f"\n  {_quoted(kind)}: {_quoted(name)}" for kind, name in last.items()])
    inner = f"{{{names}\n }}" if last else "{}"
    return (
        f'{{\n "version": {VERSION},\n "current": {_quoted(current)},\n "previous": {_quoted(previous)},\n'
        f' "last": {inner}\n}}\n'
    )


def _quoted(text: str | None) -> str:
    return "null" if text is None else '"' + text.replace('"', "") + '"'


def active_bytes(store: Store, active: Active) -> bytes:
    """Return the contents of `active.json`, made of what was read under the store's lock.

    Raises Newer where a newer version of the tool wrote the file.
    """
    if active.version > VERSION:
        raise Newer(
            f"{store.active} was written by a newer nucliactl (version {active.version}).",
            hint="Upgrade nucliactl; nothing was changed.",
        )
    import json

    found = {"version": VERSION, "current": active.current, "previous": active.previous, "last": active.last}
    return json.dumps(found, indent=1).encode() + b"\n"
