"""`active.json`: the current profile, the previous one, and the last of each kind."""

import json
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import Damaged, Newer
from nucliactl.model.kinds import KindName
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

    def renamed(self, old: str, new: str) -> "Active":
        """Return what it is when a profile has got another name."""
        last = {kind: new if name == old else name for kind, name in self.last.items()}
        current = new if self.current == old else self.current
        previous = new if self.previous == old else self.previous
        return self._replace(current=current, previous=previous, last=last)

    def forgotten(self, name: str) -> "Active":
        """Return what it is when a profile no longer exists."""
        last = {kind: other for kind, other in self.last.items() if other != name}
        current = None if self.current == name else self.current
        previous = None if self.previous == name else self.previous
        return self._replace(current=current, previous=previous, last=last)


def read_active(store: Store) -> Active:
    """Return what `active.json` says, all None if there is no such file. Raises Damaged."""
    contents = store.read(store.active, store.trust)
    if contents is None:
        return Active()
    hint = f"Correct it, or move it away and switch again with: {hints.USE}"
    try:
        found = json.loads(contents.data)
    except (ValueError, RecursionError):
        raise Damaged(f"{store.active} is not valid JSON.", hint=hint) from None
    if not isinstance(found, dict):
        raise Damaged(f"{store.active} is not a JSON object.", hint=hint)
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
    found = {
        "version": VERSION,
        "current": active.current,
        "previous": active.previous,
        "last": active.last,
    }
    return json.dumps(found, indent=1).encode() + b"\n"
