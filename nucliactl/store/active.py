"""`active.json`: the current profile (or one of each of several kinds), the previous one, and the last of
each kind."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Damaged, Newer
from nucliactl.json_writing import indented
from nucliactl.model.names import names_in
from nucliactl.store.formats import parse_json
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

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


def active_bytes(store: Store, active: Active) -> bytes:
    """Return the contents of `active.json`, made of what was read under the store's lock.

    Raises Newer where a newer version of the tool wrote the file.
    """
    if active.version > VERSION:
        raise Newer(
            f"{store.active} was written by a newer nucliactl (version {active.version}).",
            hint="Upgrade nucliactl; nothing was changed.",
        )
    found = {"version": VERSION, "current": active.current, "previous": active.previous, "last": active.last}
    return indented(found, " ").encode() + b"\n"
