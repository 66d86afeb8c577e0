"""Pushing stored profiles to a server, as records: the inverse of pulling."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from nucliactl import hints
from nucliactl.errors import (
    Damaged,
    Incomplete,
    Malformed,
    NameTaken,
    NucliactlError,
    Refused,
    UnknownProfile,
)
from nucliactl.fleet.contract import Fields, Records
from nucliactl.fleet.record import fields_of, file_of, record_of
from nucliactl.model.fields import file_keys, secret_keys
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.model.ways import WAYS
from nucliactl.profiles.exporting import stored_profile
from nucliactl.profiles.handing import opened
from nucliactl.programs.variables import key_instead
from nucliactl.secret import Untraced
from nucliactl.sources.sources import Sources
from nucliactl.store.credentials import login_command
from nucliactl.store.formats import parse_toml
from nucliactl.store.sessions import stored_credential

_LOCAL = ("extends", "storage")


class Pushed(NamedTuple):
    """What became of a record; `fields` are the names of those that changed, `left_out` of the keys of the
    definition that no record has."""

    name: str
    verb: Literal["created", "updated", "unchanged"]
    fields: tuple[str, ...]
    left_out: tuple[str, ...]


class _Outgoing(NamedTuple):
    definition: Definition
    fields: Fields
    left_out: tuple[str, ...]


def push(names: Sequence[str], sources: Sources, records: Records, *, force: bool) -> tuple[Pushed, ...]:
    """Write stored profiles as records. A record that says the same already is left as it is.

    Everything is checked before anything is written. Raises UnknownProfile, Refused for a profile whose
    secret is not its own, NameTaken where a record of that name leads elsewhere, or Damaged where it is none
    (`force` replaces both), and what opening a secret or the server raises.
    """
    with Untraced():
        outgoing = [_outgoing(name, sources) for name in dict.fromkeys(names)]
        there = records.read([one.definition.name for one in outgoing])
        pushed = [_compared(one, there[one.definition.name], records, force) for one in outgoing]
        for one, result in zip(outgoing, pushed, strict=True):
            if result.verb != "unchanged":
                records.write(result.name, one.fields)
        return tuple(pushed)


def _outgoing(name: str, sources: Sources) -> _Outgoing:
    definition = stored_profile(name, sources)
    _check_own(definition)
    contents = sources.files.read(definition.source.location, definition.trust)
    table = parse_toml(contents.data if contents else b"", definition.source.location)
    inherited = _inherited(definition, sources)
    keys = file_keys(definition.kind).keys() - {*secret_keys(definition.kind), *_LOCAL, "kind"}
    values = {**inherited, **{key: value for key, value in table.items() if key in keys}}
    left_out = table.keys() - keys - {*secret_keys(definition.kind), *_LOCAL, "kind"}
    secret = opened(definition, sources)
    if secret is None and definition.secret.way != "none":
        raise Incomplete(f"{name!r} has no secret.", hint=hints.LOGINS)
    fields = fields_of(definition.kind, values, secret)
    try:
        file_of(record_of(name, fields, f"The record of {name}"))
    except NucliactlError as error:  # what no pull would take
        raise Malformed(error.message, hint=f"Nothing was written. {error.hint or ''}".strip()) from None
    return _Outgoing(definition, fields, tuple(sorted(left_out)))


def _check_own(definition: Definition) -> None:
    """Raise Refused for a profile whose secret is elsewhere, or a session: both stay where they are."""
    name, way, declared = definition.name, WAYS[definition.secret.way], KINDS[definition.kind].secret
    if definition.secret.way == "session":
        raise Refused(
            f"{name!r} uses the session of {definition.secret.where!r}, which never leaves its store.",
            hint=key_instead(definition),
        )
    if definition.kind == USER.name and (held := stored_credential(definition)) and held.refresh_token:
        raise Refused(
            f"{name!r} is a signed-in user, and a session never leaves its store.",
            hint=f"Make a personal token of it: {hints.TOKEN_OF.format(name)}",
        )
    if declared and way.opens == "late":
        raise Refused(
            f"{name!r} says where its secret is ({declared.name}{way.suffix}), and a record holds the secret "
            "itself.",
            hint=f"Keep it in the store first: {login_command(definition)}",
        )


def _inherited(definition: Definition, sources: Sources) -> Mapping[str, Any]:
    names = {declared.name for declared in KINDS[definition.kind].fields if declared.inherited}
    found: dict[str, Any] = {}
    for base in sources.bases(definition):
        found |= {key: value for key, value in base.values.items() if key in names and key not in found}
    return found


def _compared(one: _Outgoing, there: Fields | NucliactlError, records: Records, force: bool) -> Pushed:
    """Say what writing a record changes. Raises where something else would be lost."""
    name, left_out = one.definition.name, one.left_out
    if isinstance(there, UnknownProfile):
        return Pushed(name, "created", tuple(one.fields), left_out)
    if isinstance(there, NucliactlError):
        if not (force and isinstance(there, Damaged)):
            raise there
        return Pushed(name, "updated", tuple(one.fields), left_out)
    if not force:
        _check_same(one.definition, there, records)
    changed = sorted(key for key in {*one.fields, *there} if one.fields.get(key) != there.get(key))
    return Pushed(name, "updated" if changed else "unchanged", tuple(changed), left_out)


def _check_same(definition: Definition, there: Fields, records: Records) -> None:
    try:
        other = record_of(definition.name, there, records.place(definition.name)).definition
    except NucliactlError as error:
        error.hint = "Nothing was written. Replace it with --force."
        raise
    ids = definition.identity[2], other.identity[2]
    if definition.identity[:2] != other.identity[:2] or (None not in ids and ids[0] != ids[1]):
        raise NameTaken(
            f"{records.place(definition.name)} leads to {other.target} ({other.kind}).",
            hint="Nothing was written. Push under another name, or replace it with --force.",
        )
