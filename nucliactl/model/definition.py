"""From what a file, an environment or a login states to a checked definition in one form."""

from __future__ import annotations

from nucliactl.errors import Malformed
from nucliactl.model.fields import file_keys, free_keys, secret_keys
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.shared_fields import Field
from nucliactl.model.trust import Trust
from nucliactl.model.ways import KEYED, STORES
from nucliactl.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from nucliactl.model.words import KindName, StoreName

    Kept = Callable[[StoreName], SecretRef]
    """Where the tool would keep a secret, by what the definition says of that (`storage`)."""


def define(
    name: str,
    kind: KindName,
    given: Mapping[str, Any],
    source: Source,
    secret: SecretRef,
    places: Mapping[str, Source] | None = None,
    trust: Trust | None = None,
) -> Definition:
    """Check what a source states and bring it into one form.

    `given` holds definition keys without secrets. Raises Malformed naming the key and the rule.
    """
    warnings: list[str] = []
    keys, free = file_keys(kind), free_keys(kind)
    values = {
        key: value if key in free and value and type(value) is str else _checked(keys[key], value)
        for key, value in given.items()
    }
    origins = KINDS[kind].endpoint(values, warnings)
    _check_ways(values, secret)
    stated = dict(places or {})
    return Definition(name, kind, values, source, secret, origins, tuple(warnings), stated, None, trust)


def kept_nowhere(_: StoreName) -> SecretRef:
    """The tool keeps secrets for definitions of the store only."""
    return SecretRef("absent")


def parse_definition(
    name: str, table: Mapping[str, Any], source: Source, stored: Kept, trust: Trust | None = None
) -> Definition:
    """Read the table of a definition file. `stored` says where the tool would keep its secret, `trust` how
    the files of its directory are judged.

    Unknown keys become warnings. Raises Malformed naming the key.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed(
            "kind is missing." if kind is None else f"kind = {str(kind)[:40]!r} does not exist.",
            hint=f"The kinds are {', '.join(KINDS)}.",
        )
    keys = file_keys(kind)
    plain = {key: value for key, value in table.items() if key in keys and key != "kind"}
    secret, rest = _take_secret(kind, plain, source, stored)
    definition = define(name, kind, rest, source, secret, trust=trust)
    if len(plain) + 1 == len(table):
        return definition
    unknown = [key for key in table if key not in keys]
    from nucliactl.model.spelling import did_you_mean

    warnings = (f"unknown key {key!r} for kind {kind}{did_you_mean(key, keys)}" for key in unknown)
    return definition._replace(warnings=(*definition.warnings, *warnings))


def _take_secret(
    kind: KindName, table: Mapping[str, Any], source: Source, stored: Kept
) -> tuple[SecretRef, Mapping[str, Any]]:
    """Split a table into the reference to its secret and the rest."""
    keys = secret_keys(kind)
    if not keys:
        return SecretRef("none"), table
    if table.keys().isdisjoint(keys):
        if "session" in table:
            return SecretRef("session", str(table["session"])), table
        keyless = table.get("public") is True or bool(table.get("roles"))
        return SecretRef("none") if keyless else stored(_storage(table)), table
    stated = {key: way for key, way in zip(keys, KEYED, strict=True) if key in table}
    rest = {key: value for key, value in table.items() if key not in stated}
    if len(stated) > 1:
        raise Malformed(f"{' and '.join(stated)} exclude each other.", hint="Keep one of them.")
    [(key, way)] = stated.items()
    value = table[key]
    if way.runs:
        argv = tuple(value) if isinstance(value, list) else ()
        if not argv or not all(isinstance(part, str) and part for part in argv):
            raise Malformed(
                f"{key} must be a list of strings: the program and its arguments.",
                hint=f'For example {key} = ["pass", "show", "nuclia"].',
            )
        return SecretRef(way.name, argv[0], argv=argv), rest
    if not isinstance(value, str):
        raise Malformed(f"{key} must be a string, not {_form(value)}.", hint="Put it in quotes.")
    if not value:
        raise Malformed(f"{key} is empty.", hint="Remove the line or give it a value.")
    if flaw := way.flaw and way.flaw(value):
        raise Malformed(f"{key} is {flaw}.", hint=f"A secret itself goes into {keys[0]}.")
    if way.opens == "at once":
        return SecretRef(way.name, f"{source.location}, key {key}", Secret(value)), rest
    return SecretRef(way.name, value), rest


def _checked(declared: Field, value: Any) -> Any:
    name = declared.name
    if not _has_form(declared.form, value):
        form = "a list of strings" if declared.form == "strings" else f"a {declared.form}"
        raise Malformed(f"{name} must be {form}, not {_form(value)}.", hint="Correct the line.")
    if declared.form == "number" and not 0 < value < 1e6:
        raise Malformed(f"{name} must be more than 0.", hint="Give it as a number, for example 30.")
    if declared.form == "string" and value == "":
        raise Malformed(f"{name} is empty.", hint="Remove the line or give it a value.")
    if declared.choices:
        for one in (value,) if isinstance(value, str) else value:
            if one not in declared.choices:
                raise Malformed(
                    f"{name} = {one[:40]!r} is not known.",
                    hint=f"Use {', '.join(declared.choices)}.",
                )
    if declared.check is not None:
        return declared.check(value, name)
    return tuple(value) if declared.form == "strings" else value


def _has_form(form: str, value: Any) -> bool:
    if form == "string":
        return isinstance(value, str)
    if form == "boolean":
        return isinstance(value, bool)
    if form == "number":
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)


def _storage(table: Mapping[str, Any]) -> StoreName:
    """What a table says of it; a word that is none is told with the other keys."""
    said = table.get("storage", "file")
    return next((name for name in STORES if name == said), "file")


_FORMS = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}


def _form(value: Any) -> str:
    return "a table" if isinstance(value, dict) else _FORMS.get(type(value), "a date or time")


_WAYS = ("public", "roles", "session")


def _check_ways(values: Mapping[str, Any], secret: SecretRef) -> None:
    if values.keys().isdisjoint(_WAYS):
        return
    stated = [key for key in _WAYS if values.get(key)]
    if secret.way not in ("none", "session"):
        stated.append("an API key")
    if len(stated) > 1:
        raise Malformed(f"{' and '.join(stated)} exclude each other.", hint="Keep one of them.")
