"""Completion by argcomplete: commands, flags and profile names. Imports only the command typed, starts
no program, writes nothing, and is silent about what it cannot read."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from functools import partial

from nucliactl.cli.arguments import Parser
from nucliactl.cli.completers import (
    Completer,
    accounts,
    any_profile,
    any_selection,
    keys,
    paths,
    profile_names,
    program_words,
    selections,
    settings,
)
from nucliactl.cli.flags import GLOBAL_FLAGS, global_flag
from nucliactl.cli.registry import COMMANDS, GROUPS, lookup, module_of, named_by
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_NAMES = ("name", "old")
_SELECTIONS = ("selection", "profile", "named")
_OF_THE_STORE = {("use",), ("auth", "logout"), *(("profile", word) for word in ("delete", "edit", "path"))}
"""The commands whose --profile is one of the tool's own."""


class Completers(NamedTuple):
    """What is offered where a profile, a selection of several, an account, or a key of a definition with its
    value is typed; and for a key alone."""

    profile: Completer
    selection: Completer
    account: Completer
    setting: Completer
    key: Completer


def _completers(given: Mapping[str, str]) -> Completers:
    """Return what knows the profiles under these global flags."""
    known = (profile_names, any_selection, accounts, settings, keys)
    return Completers(*(partial(one, given) for one in known))


def set_up(shell: str) -> str:
    """Return the code that sets completion up in a shell."""
    from argcomplete.shell_integration import shellcode

    return str(shellcode(["nucliactl"], shell=shell))


def answer_by_argcomplete() -> None:
    """Answer the shell and end the process."""
    from argcomplete.completers import SuppressCompleter
    from argcomplete.finders import CompletionFinder
    from argcomplete.lexers import split_line

    line = os.environ.get("COMP_LINE", "")[: int(os.environ.get("COMP_POINT") or 0) or None]
    _, begun, _, words, _ = split_line(line)
    finder = CompletionFinder(always_complete_options=False, default_completer=SuppressCompleter())
    finder(_parser(words[1:], begun), always_complete_options=False, default_completer=SuppressCompleter())


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


def _parser(words: Sequence[str], begun: str) -> argparse.ArgumentParser:
    """The whole command line as one parser, with the arguments of the command typed so far only; `begun` is
    the word that is being typed."""
    given, typed = _split(words)
    names = _completers(given)
    root = argparse.ArgumentParser(prog="nucliactl", add_help=False, allow_abbrev=False)
    _with_global_flags(root, names)
    used = named_by(typed)
    chosen = lookup(used)
    top = root.add_subparsers(dest="first")
    groups: dict[str, Any] = {}
    shown = {path: entry.summary for path, entry in COMMANDS.items()}
    if "-" in begun:  # `set-user-token` is `set_user_token`
        shown |= {(*path[:-1], path[-1].replace("_", "-")): summary for path, summary in shown.items()}
    own = [_command(chosen, given)] if chosen else []
    bare = used[0] if len(used) == 1 and used[0] in GROUPS else None  # `kbs` is `kbs list`, and may go on
    if chosen and bare is None:
        shown.setdefault(used, "")  # another spelling: `auth switch`, `set-user-token`
    for path, summary in shown.items():
        where = top
        if len(path) == 2:
            if path[0] not in groups:
                parents = own if path[0] == bare else []
                group = top.add_parser(path[0], help=f"{path[0]} …", parents=parents, add_help=False)
                if path[:1] == typed[:1] and not parents:
                    _with_global_flags(group, names)
                groups[path[0]] = group.add_subparsers(dest="second")
            where = groups[path[0]]
        parents = own if path == used else []
        where.add_parser(path[-1], help=summary, parents=parents, add_help=False)
    return root


def _command(path: tuple[str, ...], given: Mapping[str, str]) -> Parser:
    parser: Parser = module_of(path).parser(path)
    names = _completers(given)
    if path[0] == "profile":  # these work on one profile
        names = names._replace(selection=partial(any_profile, given))
    if path in _OF_THE_STORE:
        names = names._replace(selection=partial(selections if path == ("use",) else profile_names, given))
    for action in parser._actions:
        _with_completer(action, names)
    return parser


def _with_global_flags(parser: argparse.ArgumentParser, names: Completers) -> None:
    for flag in GLOBAL_FLAGS:
        _with_completer(parser.add_argument(*flag.names, **flag.options), names)


def _with_completer(action: argparse.Action, names: Completers) -> None:
    positional = not action.option_strings
    if action.dest == "words":
        action.completer = program_words  # type: ignore[attr-defined]
    elif action.dest in _NAMES and positional:
        action.completer = names.profile  # type: ignore[attr-defined]
    elif action.dest in _SELECTIONS:
        action.completer = names.selection  # type: ignore[attr-defined]
    elif action.dest == "account" and not positional:
        action.completer = names.account  # type: ignore[attr-defined]
    elif action.dest == "pairs":
        action.completer = names.setting  # type: ignore[attr-defined]
    elif action.dest == "keys":
        action.completer = names.key  # type: ignore[attr-defined]
    elif action.dest in ("config_dir", "profiles_dir"):
        action.completer = partial(paths, directories=True)  # type: ignore[attr-defined]
    elif action.dest in ("env_file", "file"):
        action.completer = paths  # type: ignore[attr-defined]
