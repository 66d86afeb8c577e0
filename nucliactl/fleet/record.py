"""What a record means: from its fields, all of them strings, to a checked profile, and back.

A record is trusted as a file of /etc/nucliactl is, except that it refers to nothing: its secret is in it.
"""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.editing import toml_of
from nucliactl.errors import Damaged, Malformed, NucliactlError, Refused
from nucliactl.fleet.contract import LONGEST_KEY, LONGEST_RECORD, LONGEST_VALUE, MOST_FIELDS, Fields
from nucliactl.model.definition import kept_nowhere, parse_definition
from nucliactl.model.fields import as_boolean, file_keys
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition, Source
from nucliactl.model.shared_fields import Field
from nucliactl.model.ways import KEYED
from nucliactl.model.words import KindName
from nucliactl.secret import Secret
from nucliactl.store.formats import parse_toml
from nucliactl.store.lines import first_named

_HEAD = f"# Written by {hints.PULL_COMMAND}, which replaces it. Change the record instead.\n"
_FORBIDDEN = ("session", "extends", "storage")
_SEPARATORS = re.compile(r"[\s,;]+")
_TELLING = 8


class Record(NamedTuple):
    """A record that is a profile. `table`: its fields as a definition file has them; what may be secret is a
    `Secret`."""

    definition: Definition
    table: Mapping[str, Any]


def record_of(name: str, fields: Fields, place: str) -> Record:
    """Read a record. `place` is where it is, for errors and as the source of the profile.

    Raises Damaged for what is no profile, Refused for a field that refers to something else.
    """
    _check_size(fields, place)
    plain = {key: value.reveal() for key, value in fields.items()}
    kind = _kind(plain, place)
    for key in plain:
        if key in _FORBIDDEN or key in _references(kind):
            raise Refused(
                f"{place} has the field {key}, which no record may have: it refers to what is here.",
                hint=f"Take it out. {_where_the_secret(kind)}",
            )
    keys = file_keys(kind)
    order = [key for key in keys if key in plain]  # one record, one file: a server has no order
    order += sorted(plain.keys() - keys.keys())
    table = {key: _typed(keys.get(key), key, plain[key], place) for key in order}
    try:
        definition = parse_definition(name, table, Source("server", place), kept_nowhere)
    except NucliactlError as error:
        raise _broken(error, plain, place) from None
    if definition.secret.way == "absent":
        raise Damaged(f"{place} has no secret.", hint=_where_the_secret(kind))
    plainly = {key for key, declared in keys.items() if not declared.secret}
    return Record(definition, {k: v if k in plainly else Secret(v) for k, v in table.items()})


def file_of(record: Record) -> bytes:
    """Return the definition file that says what a record says, its secret included. Raises Damaged for text
    that no TOML file carries byte for byte."""
    table = {k: v.reveal() if isinstance(v, Secret) else v for k, v in record.table.items()}
    location = record.definition.source.location
    try:
        data = (_HEAD + toml_of(table)).encode()
        same = parse_toml(data, location) == table
    except (Damaged, UnicodeEncodeError):
        same = False
    if not same:
        raise Damaged(f"{location} has a text that no file carries as it is.", hint="Correct that field.")
    return data


def fields_of(kind: KindName, values: Mapping[str, Any], secret: Secret | None) -> Fields:
    """Return the record of a profile: the inverse of `record_of`. `values` are definition keys."""
    declared = KINDS[kind].secret
    found = {"kind": Secret(kind)} | {key: Secret(_text(value)) for key, value in values.items()}
    return found | ({declared.name: secret} if declared and secret else {})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ",".join(value)
    return str(value)


def _check_size(fields: Fields, place: str) -> None:
    sizes = {key: len(value.reveal()) for key, value in fields.items()}
    problem = None
    if len(fields) > MOST_FIELDS:
        problem = f"has more than {MOST_FIELDS} fields"
    elif any(len(key) > LONGEST_KEY for key in fields):
        problem = f"has a field with a name longer than {LONGEST_KEY} characters"
    elif any(size > LONGEST_VALUE for size in sizes.values()):
        problem = f"has a field larger than {LONGEST_VALUE // 1024} KiB"
    elif sum(len(key) + size for key, size in sizes.items()) > LONGEST_RECORD:
        problem = f"is larger than {LONGEST_RECORD // 1024} KiB"
    if problem:
        raise Damaged(f"{place} {problem}.", hint="It is no profile; look at who writes it.")


def _kind(plain: Mapping[str, str], place: str) -> KindName:
    stated = plain.get("kind")
    for kind in KINDS:
        if kind == stated:
            return kind
    raise Damaged(
        f"{place} has no kind." if not stated else f"{place}: its kind does not exist.",
        hint=f"The kinds are {', '.join(KINDS)}.",
    )


def _references(kind: KindName) -> set[str]:
    """The keys that say that the secret is somewhere else."""
    declared = KINDS[kind].secret
    elsewhere = [way.suffix for way in KEYED if "server" not in way.trusted_in]
    return {f"{declared.name}{suffix}" for suffix in elsewhere} if declared else set()


def _where_the_secret(kind: KindName) -> str:
    declared = KINDS[kind].secret
    return f"The secret itself stands in {declared.name}." if declared else ""


def _typed(declared: Field | None, key: str, text: str, place: str) -> Any:
    """Return a string as a definition states it: only what the key's declaration wants is no string."""
    form = declared.form if declared else "string"
    if form == "boolean":
        try:
            return as_boolean(text, key)
        except Malformed as error:
            raise Damaged(f"{place}: {error.message}", hint=error.hint) from None
    if form == "number":
        if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text):
            raise Damaged(f"{place}: {key} is not a number.", hint="Give seconds, such as 30.")
        return float(text) if "." in text else int(text)
    if form == "strings":
        return [part for part in _SEPARATORS.split(text) if part]
    return text


def _broken(error: NucliactlError, plain: Mapping[str, str], place: str) -> NucliactlError:
    """Return what is wrong with a record; of what it holds nothing is repeated: people mix fields up, and a
    key may stand in any of them."""
    hint = error.hint or "Correct that field."
    said = f"{error.message} {hint}"
    pieces = {said[at : at + _TELLING] for at in range(len(said) - _TELLING + 1)}
    if any(piece in value for key, value in plain.items() if key != "kind" for piece in pieces):
        key = first_named(error.message, plain)
        message = f"{place}: {key or 'a field'} is not what a profile of its kind has there."
        hint = f"Correct that field. What each kind has: {hints.SET}"
    else:
        message = f"{place}: {error.message}"
    return (Refused if isinstance(error, Refused) else Damaged)(message, hint=hint)
