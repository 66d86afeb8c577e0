"""What a shell offers for a word that is being typed: profiles, accounts, keys and values, paths.

Each is silent about what it cannot read: an error would stand in the line that is being typed.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping

from nucliactl.disk.paths import expanded
from nucliactl.errors import NucliactlError
from nucliactl.model.names import OFFICIAL, names_in
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Flags, Sources, sources_of
from nucliactl.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    import argparse
    from typing import Any

    from nucliactl.model.shared_fields import Field

_DESCRIBED = 50
Completer = Callable[..., Mapping[str, str]]


def program_words(prefix: str, parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    """Return what another program's command line may go on with: its name on PATH, then paths."""
    if getattr(parsed_args, "words", None) or "/" in prefix:
        return paths(prefix)
    from nucliactl.children import search_path

    names: set[str] = set()
    for folder in search_path(os.environ).split(os.pathsep):
        with contextlib.suppress(OSError):
            names.update(
                name for name in os.listdir(folder) if name.startswith(prefix) and name.isprintable()
            )
    return sorted(names)


def paths(prefix: str, *, directories: bool = False, **_: Any) -> list[str]:
    """Return the paths that begin with `prefix`, but those that a shell cannot be handed: a line break
    or a byte that is no text would spoil the rest. (argcomplete's own completer starts whatever `bash`
    PATH has first.)"""
    folder, slash, begin = prefix.rpartition("/")
    folder += slash
    try:
        names = os.listdir(expanded(folder, os.environ) or ".")
    except (OSError, ValueError):
        return []
    paths = (folder + name for name in names if name.startswith(begin) and name.isprintable())
    shown = [f"{path}/" if os.path.isdir(expanded(path, os.environ)) else path for path in paths]
    return [path for path in shown if path.endswith("/") or not directories]


def profile_names(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return the names that begin with `prefix`, described where they are few and the shell
    shows it. `given` are the global
    flags typed so far."""
    try:
        directories = _directories(given)
        names = [name for name in directories.names() if name.startswith(prefix)]
    except NucliactlError:
        return {}
    described = len(names) <= _DESCRIBED and _shows_descriptions()
    return {name: _description(directories, name) if described else "" for name in names}


def _shows_descriptions() -> bool:
    return bool(os.environ.get("_ARGCOMPLETE_DFS")) or os.environ.get("_ARGCOMPLETE_SHELL") == "zsh"


def selections(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return the selections that begin with `prefix`: behind a comma, the profiles of kinds that are not
    selected yet."""
    before, comma, begun = prefix.rpartition(",")
    found = profile_names(given, begun)
    if not comma:
        return found
    chosen = names_in(before)
    try:
        directories = _directories(given)
        taken = {_kind(directories, name) for name in chosen} - {None}
    except NucliactlError:
        return {}
    fit = (name for name in found if name not in chosen and _kind(directories, name) not in taken)
    return {f"{before},{name}": found[name] for name in fit}


def accounts(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return the accounts of profiles that begin with `prefix`, with the profiles of each."""
    from nucliactl.model.accounts import names_of_accounts, of_account

    try:
        known = _directories(given).all()[0]
    except NucliactlError:
        return {}
    names = sorted(
        name for name in names_of_accounts(known) if name.startswith(prefix) and name.isprintable()
    )
    return {name: printable(", ".join(one.name for one in of_account(known, name))) for name in names}


def any_profile(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return the same, and the defaults of the official client, which can be named but not changed."""
    return profile_names(given, prefix) | _official(given, prefix)


def any_selection(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return selections, and the defaults of the official client."""
    return selections(given, prefix) | _official(given, prefix)


def keys(given: Mapping[str, str], prefix: str, parsed_args: argparse.Namespace, **_: Any) -> dict[str, str]:
    """Return the keys that the definition of the profile typed before may have."""
    fields = _fields(given, parsed_args)
    return {name: field.summary for name, field in fields.items() if name.startswith(prefix)}


def settings(
    given: Mapping[str, str], prefix: str, parsed_args: argparse.Namespace, **_: Any
) -> dict[str, str]:
    """Return `KEY=` for each such key, and behind the sign the values it may have, where these are known.
    The same values where the key is a word of its own."""
    typed: list[str] = [word for word in getattr(parsed_args, "pairs", None) or () if isinstance(word, str)]
    fields = _fields(given, parsed_args)
    key, equals, begun = prefix.partition("=")
    if equals:
        return {f"{key}={value}": "" for value in _values(given, key, fields.get(key), begun)}
    if len(typed) == 1 and typed[0] in fields:
        return dict.fromkeys(_values(given, typed[0], fields[typed[0]], prefix), "")
    return {f"{name}=": field.summary for name, field in fields.items() if name.startswith(prefix)}


def _fields(given: Mapping[str, str], parsed_args: argparse.Namespace) -> dict[str, Field]:
    """Return the keys that may be set of the profile that is named; of any, where it cannot be read."""
    from nucliactl.model.fields import file_keys
    from nucliactl.model.kinds import KINDS

    name = given.get("profile") or getattr(parsed_args, "name", None)
    try:
        kind = _kind(_directories(given), name) if name else None
    except NucliactlError:
        kind = None
    found = {key: field for one in KINDS if kind in (None, one) for key, field in file_keys(one).items()}
    return {key: field for key, field in found.items() if key != "kind" and not field.secret}


def _values(given: Mapping[str, str], key: str, field: Field | None, begun: str) -> list[str]:
    """Return the values of a key that begin so; of a list, those that are not in it yet."""
    if field is None:
        return []
    if key in ("extends", "session"):
        return [*profile_names(given, begun)]
    before, comma, begun = begun.rpartition(",") if field.form == "strings" else ("", "", begun)
    known = ("true", "false") if field.form == "boolean" else field.choices
    taken = before.split(",")
    return [before + comma + value for value in known if value.startswith(begun) and value not in taken]


def _official(given: Mapping[str, str], prefix: str) -> dict[str, str]:
    if not (prefix.startswith(OFFICIAL) or OFFICIAL.startswith(prefix)):
        return {}
    try:
        found = [one.definition for one in _sources(given).official() if one.default and one.definition]
    except NucliactlError:
        return {}
    return {one.name: printable(one.target) for one in found if one.name.startswith(prefix)}


def _sources(given: Mapping[str, str]) -> Sources:
    flags = Flags(config_dir=given.get("config_dir"), profiles_dir=given.get("profiles_dir"))
    return sources_of(os.environ, flags)


def _directories(given: Mapping[str, str]) -> Directories:
    return _sources(given).directories


def _kind(directories: Directories, name: str) -> str | None:
    try:
        found = directories.load(name)
    except NucliactlError:
        return None
    return found.kind if found else None


def _description(directories: Directories, name: str) -> str:
    try:
        found = directories.load(name)
    except NucliactlError:
        return "cannot be read"
    if found is None:
        return ""
    return printable(found.get("description") or f"{found.kind} {found.target}")
