"""Completion by argcomplete: commands, flags and profile names. Imports only the command typed, starts
no program, writes nothing, and is silent about what it cannot read."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from nucliactl.children import search_path
from nucliactl.cli.arguments import Parser
from nucliactl.cli.flags import GLOBAL_FLAGS, global_flag
from nucliactl.cli.registry import COMMANDS, lookup, module_of, named_by
from nucliactl.errors import NucliactlError
from nucliactl.model.accounts import names_of_accounts, of_account
from nucliactl.model.names import names_in
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Flags, sources_of
from nucliactl.text import printable
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_NAMES = ("name", "old")
_SELECTIONS = ("selection", "profile", "named")
_DESCRIBED = 50
Completer = Callable[..., Mapping[str, str]]


class Completers(NamedTuple):
    """What is offered where a profile, a selection of several or an account is typed."""

    profile: Completer
    selection: Completer
    account: Completer


def complete() -> None:
    """Answer the shell and end the process. Called where `_ARGCOMPLETE` is set."""
    try:
        _answer()
    except Exception:  # a traceback would stand in the line that is being typed
        os._exit(1)


def set_up(shell: str) -> str:
    """Return the code that sets completion up in a shell."""
    from argcomplete.shell_integration import shellcode

    return str(shellcode(["nucliactl"], shell=shell))


def _answer() -> None:
    from argcomplete.completers import SuppressCompleter
    from argcomplete.finders import CompletionFinder
    from argcomplete.lexers import split_line

    line = os.environ.get("COMP_LINE", "")[: int(os.environ.get("COMP_POINT") or 0) or None]
    _, _, _, words, _ = split_line(line)
    finder = CompletionFinder(always_complete_options=False, default_completer=SuppressCompleter())
    finder(_parser(words[1:]), always_complete_options=False, default_completer=SuppressCompleter())


def _split(words: Sequence[str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """Split what is typed into the values of global flags, wherever they stand, and the words that are
    no flags."""
    given: dict[str, str] = {}
    rest: list[str] = []
    left = iter(words)
    for word in left:
        flag = global_flag(word)
        if flag is not None and flag.takes_value:
            given[flag.name] = next(left, "") if word in flag.names else word.partition("=")[2]
        elif not word.startswith("-"):
            rest.append(word)
    return given, tuple(rest)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The whole command line as one parser, with the arguments of the command typed so far only."""
    given, typed = _split(words)
    names = Completers(partial(profile_names, given), partial(selections, given), partial(accounts, given))
    root = argparse.ArgumentParser(prog="nucliactl", add_help=False, allow_abbrev=False)
    _with_global_flags(root, names)
    used = named_by(typed)
    chosen = lookup(used)
    top = root.add_subparsers(dest="first")
    groups: dict[str, Any] = {}
    shown = {path: entry.summary for path, entry in COMMANDS.items()}
    if chosen:
        shown.setdefault(used, "")  # another spelling: `auth switch`, `set-user-token`
    for path, summary in shown.items():
        where = top
        if len(path) == 2:
            if path[0] not in groups:
                group = top.add_parser(path[0], help=f"{path[0]} …", add_help=False)
                if path[:1] == typed[:1]:
                    _with_global_flags(group, names)
                groups[path[0]] = group.add_subparsers(dest="second")
            where = groups[path[0]]
        parents = [_command(chosen, names)] if chosen and path == used else []
        where.add_parser(path[-1], help=summary, parents=parents, add_help=False)
    return root


def _command(path: tuple[str, ...], names: Completers) -> Parser:
    parser: Parser = module_of(path).parser(path)
    if path[0] == "profile" and path[-1] != "use":  # these work on one profile
        names = names._replace(selection=names.profile)
    for action in parser._actions:
        _with_completer(action, names)
    return parser


def _with_global_flags(parser: argparse.ArgumentParser, names: Completers) -> None:
    for flag in GLOBAL_FLAGS:
        _with_completer(parser.add_argument(*flag.names, **flag.options), names)


def _with_completer(action: argparse.Action, names: Completers) -> None:
    positional = not action.option_strings
    if action.dest == "words":
        action.completer = _program_words  # type: ignore[attr-defined]
    elif action.dest in _NAMES and positional:
        action.completer = names.profile  # type: ignore[attr-defined]
    elif action.dest in _SELECTIONS:
        action.completer = names.selection  # type: ignore[attr-defined]
    elif action.dest == "account" and not positional:
        action.completer = names.account  # type: ignore[attr-defined]
    elif action.dest in ("config_dir", "profiles_dir"):
        action.completer = partial(_paths, directories=True)  # type: ignore[attr-defined]
    elif action.dest in ("env_file", "file"):
        action.completer = _paths  # type: ignore[attr-defined]


def _program_words(prefix: str, parsed_args: argparse.Namespace, **_: Any) -> list[str]:
    """Return what another program's command line may go on with: its name on PATH, then paths."""
    if getattr(parsed_args, "words", None) or "/" in prefix:
        return _paths(prefix)
    names: set[str] = set()
    for folder in search_path(os.environ).split(os.pathsep):
        with contextlib.suppress(OSError):
            names.update(
                name for name in os.listdir(folder) if name.startswith(prefix) and name.isprintable()
            )
    return sorted(names)


def _paths(prefix: str, *, directories: bool = False, **_: Any) -> list[str]:
    """Return the paths that begin with `prefix`, but those that a shell cannot be handed: a line break
    or a byte that is no text would spoil the rest. (argcomplete's own completer starts whatever `bash`
    PATH has first.)"""
    folder, slash, begin = prefix.rpartition("/")
    folder += slash
    try:
        names = os.listdir(os.path.expanduser(folder) or ".")
    except (OSError, ValueError):
        return []
    paths = (folder + name for name in names if name.startswith(begin) and name.isprintable())
    shown = [f"{path}/" if os.path.isdir(os.path.expanduser(path)) else path for path in paths]
    return [path for path in shown if path.endswith("/") or not directories]


def profile_names(given: Mapping[str, str], prefix: str, **_: Any) -> dict[str, str]:
    """Return the names that begin with `prefix`, described where they are few. `given` are the global
    flags typed so far."""
    try:
        directories = _directories(given)
        names = [name for name in directories.names() if name.startswith(prefix)]
    except NucliactlError:
        return {}
    described = len(names) <= _DESCRIBED
    return {name: _description(directories, name) if described else "" for name in names}


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
    try:
        known = _directories(given).all()[0]
    except NucliactlError:
        return {}
    names = sorted(
        name for name in names_of_accounts(known) if name.startswith(prefix) and name.isprintable()
    )
    return {name: printable(", ".join(one.name for one in of_account(known, name))) for name in names}


def _directories(given: Mapping[str, str]) -> Directories:
    flags = Flags(config_dir=given.get("config_dir"), profiles_dir=given.get("profiles_dir"))
    return sources_of(os.environ, flags).directories


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
