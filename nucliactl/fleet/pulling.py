"""Pulling records: into a directory that others read, or into the store as a login would."""

import contextlib
import os
import time
from collections.abc import Sequence

from nucliactl.errors import NotWritable
from nucliactl.fleet.contract import Records
from nucliactl.fleet.directory import Published
from nucliactl.fleet.looking import Change, Look, look, planned
from nucliactl.profiles.document import Described
from nucliactl.profiles.reading_in import incoming_of
from nucliactl.profiles.selection import Selection
from nucliactl.profiles.switch import switch_to
from nucliactl.profiles.taking_in import TakenIn, take_in
from nucliactl.secret import Untraced
from nucliactl.sources.sources import Sources


def publish(
    records: Records, names: Sequence[str], published: Published, *, listening: bool = False
) -> tuple[Look, tuple[Change, ...]]:
    """Look once, and publish what was seen; nothing is written where no profile was seen and none is
    published yet. Raises as `look` and `Published.publish` do."""
    seen = look(records, names, listening=listening)
    with Untraced():
        return seen, _published(seen, published)


def _published(seen: Look, published: Published) -> tuple[Change, ...]:
    """Of its own, so that no frame of an error keeps what is published."""
    before = published.held()
    files, changes = planned(before, seen)
    if files or before:
        published.publish(files)
    return changes


def save(seen: Look, sources: Sources, *, force: bool) -> tuple[TakenIn, ...]:
    """Save the profiles of a look in the store, each secret as a credential of its own. A single one becomes
    current where none is. Raises as `take_in` does, for all of them or none."""
    with Untraced():
        incoming = [
            incoming_of(Described(name, record.table), record.definition.source.location)
            for name, record in seen.records.items()
        ]
        taken = take_in(sources, incoming, force=force, now=int(time.time()))
    if len(taken) == 1 and sources.active().current is None:
        switch_to(sources, Selection(taken[0].name, (taken[0].definition,)))
    return taken


def touch(path: str) -> None:
    """Let a file be as new as this moment, for a liveness probe. Raises NotWritable."""
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
        os.utime(path)
    except OSError as error:
        raise NotWritable(f"{path} cannot be touched: {error.strerror}.", hint="Correct --health.") from None
