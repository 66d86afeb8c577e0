"""`active.json`: the current profile, the previous one, and the last of each kind."""

import json
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import Damaged, Newer
from nucliactl.model.kinds import KindName
from nucliactl.store.definitions import parse_json
from nucliactl.store.layout import Store

VERSION = 1


class Active(NamedTuple):
    """What was switched to. `last` maps a kind to the name last switched to of that kind."""

    current: str | None = None
    previous: str | None = None
    last: dict[str, str] = {}  # noqa: RUF012 (never mutated: every change makes a new one)
    version: int = VERSION

    def switched(self, name: str, kind: KindName) -> "Active":
        """Return what it is after switching to a profile."""
        previous = self.previous if name == self.current else self.current
        return self._replace(current=name, previous=previous, last={**self.last, kind: name})

    def renamed(self, old: str, new: str | None) -> "Active":
        """Return what it is when a profile has another name, or (None) no longer exists."""
        now = {name: name for name in (self.current, self.previous, *self.last.values())} | {old: new}
        last = {kind: name for kind, before in self.last.items() if (name := now[before])}
        return self._replace(current=now[self.current], previous=now[self.previous], last=last)


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
    return json.dumps(found, indent=1).encode() + b"\n"
