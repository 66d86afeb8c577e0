"""The command lines that are typed all day, read without argparse, which costs as much as the rest of them.

Only what is here word for word is read: a command of LIGHT, the options that every command takes, and one
word where the command has a place for one. Any other line is argparse's, which a test compares this with.
"""

from __future__ import annotations

import sys

from nucliactl.cli.flags import GLOBAL_FLAGS, PRESET, Arguments
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any


class Light(NamedTuple):
    """A command. `takes`: what its one word is called, None where it takes none; `needed`: without it the
    line is argparse's. `others`: what its own options are while nobody types them. `reads`: it writes
    nothing, so that a signal has nothing to wait for. `bare` as in `Entry`."""

    takes: str | None = None
    needed: bool = False
    others: dict[str, Any] = {}  # noqa: RUF012 (never mutated)
    reads: bool = True
    bare: bool = False


LIGHT = {
    ("current",): Light(),
    ("prompt",): Light(others={"shell": None}, bare=True),
    ("version",): Light(bare=True),
    ("use",): Light("selection", True, {"account": None, "here": False, "unset": False}, reads=False),
    ("auth", "token"): Light("named", reads=False),
    ("list",): Light(others={"kind": None, "account": None, "sort": None, "address": None}),
}
_FLAGS = {spelling: flag for flag in GLOBAL_FLAGS for spelling in flag.names}


class Line(NamedTuple):
    """A command line that was read: the command's words, what is known of it, and its arguments."""

    path: tuple[str, ...]
    command: Light
    arguments: Arguments

    def module(self) -> Any:
        """Import the module of the command."""
        name = f"nucliactl.cli.commands.{'_'.join(self.path)}"
        __import__(name)  # importlib loads `warnings` first
        return sys.modules[name]


def read(argv: Sequence[str]) -> Line | None:
    """Return what a command line says, None where argparse has to read it."""
    found = options_and_words(argv)
    path = next((path for path in LIGHT if found and path == (*found[1][: len(path)],)), None)
    if found is None or path is None:
        return None
    given, words = found
    command, typed = LIGHT[path], words[len(path) :]
    if len(typed) > (command.takes is not None) or len(typed) < command.needed:
        return None
    arguments = Arguments()
    untyped = {flag.name: None if flag.takes_value else False for flag in GLOBAL_FLAGS}
    arguments.__dict__.update(untyped | PRESET | command.others | given)
    if command.takes is not None:
        setattr(arguments, command.takes, typed[0] if typed else None)
    return Line(path, command, arguments)


def options_and_words(argv: Sequence[str]) -> tuple[dict[str, str | bool], list[str]] | None:
    """Split a command line into the options of every command and the other words; None where one may mean
    anything else."""
    given: dict[str, str | bool] = {}
    words: list[str] = []
    left = iter(argv)
    for word in left:
        flag = _FLAGS.get(word)
        if flag is None:
            words.append(word)
        elif not flag.takes_value:
            given[flag.name] = True
        else:
            given[flag.name] = value = next(left, "-")
            if value == "-" or not _plain(value) or value not in flag.options.get("choices", (value,)):
                return None
    return (given, words) if all(map(_plain, words)) else None


def _plain(word: str) -> bool:
    """Say whether a word is a name or a value, and no option of the command's own."""
    return word == "-" or (word.isprintable() and not word.startswith("-"))
