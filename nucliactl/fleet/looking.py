"""One look at the records of a server: what of them is a profile, and what should be published then.

A record that is gone, or forbidden, is withdrawn: deletion is revocation. One that is broken keeps its last
good file. Of a server that does not answer nothing is concluded.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from nucliactl.errors import Forbidden, NucliactlError, UnknownProfile
from nucliactl.fleet.contract import Fields, Records
from nucliactl.fleet.record import Record, file_of, record_of
from nucliactl.model.names import is_name
from nucliactl.secret import Untraced, forget


class Seen(NamedTuple):
    """A record that is a profile, and the definition file that says the same."""

    record: Record
    file: bytes

    def __repr__(self) -> str:
        return f"Seen({self.record.definition.name})"


class Look(NamedTuple):
    """What one look saw: of each name the record, or why there is none. `nameless`: the keys that no profile
    can be called by."""

    found: Mapping[str, Seen | NucliactlError]
    nameless: tuple[str, ...] = ()

    @property
    def records(self) -> dict[str, Record]:
        return {name: one.record for name, one in self.found.items() if isinstance(one, Seen)}

    @property
    def problems(self) -> dict[str, NucliactlError]:
        return {name: one for name, one in self.found.items() if isinstance(one, NucliactlError)}


class Change(NamedTuple):
    """What publishing changed of one name; `why` it was withdrawn."""

    name: str
    verb: Literal["published", "updated", "withdrew", "unchanged"]
    why: str = ""


def look(records: Records, names: Sequence[str], *, listening: bool = False) -> Look:
    """Read the records of these names, or of all there are; where `listening`, hear of changes from then on.

    Raises what the server as a whole is at fault of: Unreachable, Rejected, Forbidden where the names may not
    be listed.
    """
    with Untraced():
        every = list(dict.fromkeys(names)) or records.names()
        wanted = [name for name in every if is_name(name)]
        if listening:
            records.listen(wanted)
        read = records.read(wanted)
        found = {name: _seen(name, read[name], records) for name in wanted}
        return Look(found, tuple(records.key(name) for name in every if not is_name(name)))


def _seen(name: str, fields: Fields | NucliactlError, records: Records) -> Seen | NucliactlError:
    if isinstance(fields, NucliactlError):
        return fields
    try:
        record = record_of(name, fields, records.place(name))
        return Seen(record, file_of(record))
    except NucliactlError as error:
        forget(error)  # its frames have read the record
        return error


def planned(before: Mapping[str, bytes], seen: Look) -> tuple[dict[str, bytes], tuple[Change, ...]]:
    """Return the files that should be published after a look, where `before` is published now, and what that
    changes of each name."""
    files: dict[str, bytes] = {}
    changes: list[Change] = []
    for name, one in seen.found.items():
        held = before.get(name)
        if isinstance(one, Seen):
            files[name] = one.file
            verb: Literal["published", "updated", "unchanged"] = "published" if held is None else "updated"
            changes.append(Change(name, "unchanged" if held == one.file else verb))
        elif held is not None and isinstance(one, UnknownProfile | Forbidden):
            changes.append(Change(name, "withdrew"))
        elif held is not None:
            files[name] = held
    gone = sorted(before.keys() - seen.found.keys())
    return files, (
        *changes,
        *(Change(name, "withdrew", "it is not among those that are pulled") for name in gone),
    )
