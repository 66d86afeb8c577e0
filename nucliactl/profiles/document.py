"""Documents that hold profiles: TOML, JSON or a `.env`, as text. Reading one is the inverse of writing it."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.editing import toml_of
from nucliactl.errors import Damaged, Malformed, Newer
from nucliactl.model.names import shown
from nucliactl.programs.formats import in_dotenv
from nucliactl.secret import Secret
from nucliactl.sources.dotenv import environment_of, parse_dotenv, speaks
from nucliactl.sources.environment.variables import Environment
from nucliactl.store.formats import parse_toml

FORMATS = ("toml", "json", "dotenv")
VERSION = 1
_LEVELS = 20
_NAMED = r"# profile: (\S{1,64})\s*"
_CUT_OFF = "It may be cut off; export it again."


class Described(NamedTuple):
    """A profile as a document has it. `table`: the keys of its definition with the secret's own among them,
    or in a `.env` its variables. `name` is None where the document says none."""

    name: str | None
    table: Mapping[str, Any]


class Parsed(NamedTuple):
    """What a document holds: definitions, or a `.env` with its variables."""

    profiles: tuple[Described, ...]
    variables: Environment | None = None
    comments: tuple[tuple[int, str], ...] = ()

    def name_above(self, lines: Sequence[int]) -> str | None:
        """Return the name that a comment of the `.env` gives to the variables of these lines."""
        before = [name for line, name in self.comments if lines and line < min(lines)]
        return before[-1] if before else None


def written(profiles: Sequence[Described], form: str) -> str:
    """Return profiles as a document in one of FORMATS. Raises Malformed for what a `.env` cannot carry."""
    plain = {one.name or "": revealed(one) for one in profiles}
    if form == "dotenv":
        return _as_dotenv(plain)
    if form == "json":
        return json.dumps({"version": VERSION, "profiles": plain}, indent=2) + "\n"
    return toml_of({"version": VERSION, "profiles": plain})


def revealed(one: Described) -> dict[str, Any]:
    """Return the table of a profile with its secrets in the open."""
    return {key: value.reveal() if isinstance(value, Secret) else value for key, value in one.table.items()}


def _as_dotenv(profiles: Mapping[str, Mapping[str, Any]]) -> str:
    text, wanted = "", dict[str, str]()
    for name, variables in profiles.items():
        for variable, value in variables.items():
            if wanted.setdefault(variable, value) != value:
                raise Malformed(
                    f"One .env cannot hold all of {', '.join(profiles)}: {variable} would have two values.",
                    hint=f"Export them one by one, or as TOML: {hints.EXPORT.format('NAME')}",
                )
        lines = "".join(f"{variable}={in_dotenv(value)}\n" for variable, value in variables.items())
        text += f"# profile: {name}\n{lines}"
    if parse_dotenv(text.encode(), "-").variables != wanted:
        raise Malformed(
            "A .env cannot carry one of the values as it is.",
            hint=f"Choose TOML or JSON: {hints.EXPORT.format('NAME')} -o json",
        )
    return text


def parsed(data: bytes, place: str, name: str | None) -> Parsed:
    """Read a document. `place` is where it is, for errors; `name` is that of a definition without one.

    Raises Damaged for what is no document, or was cut off.
    """
    text = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise Damaged(f"{place} is empty.", hint=_CUT_OFF)
    if text.startswith(b"{"):
        return Parsed(_profiles(_json(data, place), place, name))
    try:
        table = parse_toml(data, place)
    except Damaged:
        if not speaks(data):
            raise
        table = {}
    if speaks(data) and not {"profiles", "kind"} & {*table}:
        return Parsed((), environment_of(parse_dotenv(data, place), place), _comments(data))
    return Parsed(_profiles(table, place, name))


def _comments(data: bytes) -> tuple[tuple[int, str], ...]:
    lines = data.decode("utf-8", "replace").splitlines()
    found = ((number, re.fullmatch(_NAMED, line)) for number, line in enumerate(lines, 1))
    return tuple((number, match[1]) for number, match in found if match)


def _json(data: bytes, place: str) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise Damaged(f"{place} names a key twice.", hint="Keep one of them.")
        return found

    try:
        found: dict[str, Any] = json.loads(data.decode("utf-8-sig"), object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise Damaged(f"{place} is not valid JSON.", hint=_CUT_OFF) from None
    if flaw := _no_toml(found, _LEVELS):
        raise Damaged(f"{place} holds {flaw}, which a definition cannot.", hint="Take it out of there.")
    return found


def _no_toml(value: Any, levels: int) -> str | None:
    """Say what is in a value of JSON that TOML has no form for, None where nothing is."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return "half of a character (\\ud800 to \\udfff)" if re.search("[\ud800-\udfff]", value) else None
    if not isinstance(value, dict | list):
        return None
    if not levels:
        return f"more than {_LEVELS} levels of lists"
    inner = [*value, *value.values()] if isinstance(value, dict) else value
    return next((flaw for one in inner if (flaw := _no_toml(one, levels - 1))), None)


def _profiles(table: Mapping[str, Any], place: str, name: str | None) -> tuple[Described, ...]:
    if "kind" in table and "profiles" not in table:  # a definition file as it stands in a profile directory
        return (Described(name, table),)
    version, profiles = table.get("version", VERSION), table.get("profiles")
    if isinstance(version, int) and version > VERSION:
        raise Newer(f"{place} was written by a newer nucliactl.", hint="Upgrade nucliactl.")
    if not isinstance(profiles, dict) or not profiles:
        raise Damaged(f"{place} holds no profiles.", hint=f"Make one: {hints.EXPORT.format('NAME')}")
    for key, value in profiles.items():
        if not isinstance(value, dict):
            raise Damaged(f"{place}: the profile {shown(key)} is not a table.", hint=_CUT_OFF)
    return tuple(Described(key, value) for key, value in profiles.items())
