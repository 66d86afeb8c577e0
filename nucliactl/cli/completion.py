"""Completion by argcomplete: commands, flags and profile names. Imports only the command typed, starts
no program, writes nothing, and is silent about what it cannot read."""

import argparse
import contextlib
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from nucliactl.children import search_path
from nucliactl.cli.arguments import GLOBAL_FLAGS, Parser, global_flag
from nucliactl.cli.registry import COMMANDS, lookup, module_of, named_by
from nucliactl.errors import NucliactlError
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Flags, sources_of
from nucliactl.text import printable

_NAMES = ("name", "old", "profile")
_DESCRIBED = 50
Completer = Callable[..., Mapping[str, str]]


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
            name = flag.names[-1].removeprefix("--").replace("-", "_")
            given[name] = next(left, "") if word in flag.names else word.partition("=")[2]
        elif not word.startswith("-"):
            rest.append(word)
    return given, tuple(rest)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """The whole command line as one parser, with the arguments of the command typed so far only."""
    given, typed = _split(words)
    names = partial(profile_names, given)
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


def _command(path: tuple[str, ...], names: Completer) -> Parser:
    parser: Parser = module_of(path).parser(path)
    for action in parser._actions:
        _with_completer(action, names)
    return parser


def _with_global_flags(parser: argparse.ArgumentParser, names: Completer) -> None:
    for flag in GLOBAL_FLAGS:
        _with_completer(parser.add_argument(*flag.names, **flag.options), names)


def _with_completer(action: argparse.Action, names: Completer) -> None:
    positional = not action.option_strings
    if action.dest == "words":
        action.completer = _program_words  # type: ignore[attr-defined]
    elif action.dest in _NAMES and (positional or action.dest == "profile"):
        action.completer = names  # type: ignore[attr-defined]
    elif action.dest in ("config_dir", "profiles_dir"):
        action.completer = partial(_paths, directories=True)  # type: ignore[attr-defined]
    elif action.dest == "env_file":
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
    flags = Flags(config_dir=given.get("config_dir"), profiles_dir=given.get("profiles_dir"))
    try:
        directories = sources_of(os.environ, flags).directories
        names = [name for name in directories.names() if name.startswith(prefix)]
    except NucliactlError:
        return {}
    described = len(names) <= _DESCRIBED
    return {name: _description(directories, name) if described else "" for name in names}


def _description(directories: Directories, name: str) -> str:
    try:
        found = directories.load(name)
    except NucliactlError:
        return "cannot be read"
    if found is None:
        return ""
    return printable(found.get("description") or f"{found.kind} {found.target}")
