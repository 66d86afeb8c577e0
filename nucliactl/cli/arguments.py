"""Reading the command line: global flags before or after the command, and no echo of values."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from itertools import takewhile

from nucliactl.cli.flags import FORMATS, GLOBAL_FLAGS, PRESET
from nucliactl.cli.flags import Arguments as Arguments  # noqa: PLC0414 (re-exported)
from nucliactl.cli.registry import COMMANDS
from nucliactl.errors import Malformed
from nucliactl.text import plural, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


class _Help(argparse.RawDescriptionHelpFormatter):
    """argparse makes one for each argument it is told of, and would import `shutil` to ask for the width."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)


def _columns() -> int:
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated) > 0:
        return int(stated)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or 80 if sys.__stdout__ else 80
    except (OSError, ValueError):
        return 80


class Parser(argparse.ArgumentParser):
    """argparse, except that an error is raised as ours and never repeats a value: it may be a key.
    `intermixed`: options may stand between its arguments."""

    intermixed = False
    common: Sequence[argparse.Action] = ()
    _words: Sequence[str] = ()

    def read(self, words: Sequence[str]) -> Arguments:
        """Return what a command line says. Raises Malformed for words that have no place in it, other
        than the `--` that ends the options."""
        parse = self.parse_known_intermixed_args if self.intermixed else self.parse_known_args
        self._words = words
        said, left = parse(words, Arguments())
        if "--" in left:
            left.remove("--")
        if left:
            raise Malformed(_too_many(left), hint=self._after(left))
        return said

    def error(self, message: str) -> NoReturn:
        unknown = [] if "required" not in message else self._unknown_options()
        raise Malformed(_too_many(unknown) if unknown else _safe(message), hint=self._after(unknown))

    def _unknown_options(self) -> list[str]:
        """Return the words that look like options and are none: without them too little is left."""
        words = takewhile("--".__ne__, self._words)
        known = self._option_string_actions
        return [word for word in words if _looks_like_an_option(word) and word.partition("=")[0] not in known]

    def _after(self, words: Sequence[str]) -> str:
        """Say where help is; or how a file is named that is called like an option."""
        files = any(action.metavar == "FILE" for action in self._get_positional_actions())
        named = next(
            (word for word in words if files and word.startswith("-") and os.path.lexists(word)), None
        )
        return (
            f"A file that is called so: {self.prog} -- {quoted(named)}"
            if named
            else f"See: {self.prog} --help"
        )

    def format_help(self) -> str:
        """Return the help. Its usage leaves out the global options, which stand in a list of their own."""
        own = [action for action in self._actions if action not in self.common]
        for action in own:
            if action.nargs == argparse.SUPPRESS:  # set aside while options between arguments are read
                action.nargs = getattr(action, "save_nargs", None)
        formatter = self._get_formatter()
        formatter.add_usage(None, own, self._mutually_exclusive_groups)
        self.usage = formatter.format_help().removeprefix("usage: ").strip().replace("%", "%%")
        return super().format_help()

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            choices = ", ".join(str(choice) for choice in action.choices)
            raise argparse.ArgumentError(action, f"must be one of {choices}")


def _looks_like_an_option(word: str) -> bool:
    """Say whether a word is a mistyped option and not a secret that begins with dashes."""
    name = word.split("=", 1)[0]
    if len(name) == 2:
        return name[0] == "-" and name[1].isascii() and name[1].isalpha()
    return (
        name.startswith("--")
        and len(name) < 24
        and name[2:].replace("-", "_").isidentifier()
        and name.islower()
    )


def _too_many(words: Sequence[str]) -> str:
    """Say which of the words that are left over are no options here, and how many others there are."""
    flags = [word.split("=", 1)[0] for word in words if _looks_like_an_option(word)]
    others = len(words) - len(flags)
    parts = [f"{'are' if len(flags) > 1 else 'is'} no {', '.join(flags)} here"] if flags else []
    if others:
        parts.append(f"{'are' if others > 1 else 'is'} {plural(others, 'argument')} too many")
    return f"There {', and there '.join(parts)}."


def _safe(message: str) -> str:
    """Return argparse's message without the values it repeats."""
    label, _, _ = message.partition(": ")
    if " invalid " in message and "value" in message:
        return f"{label}: the value is not of the right form."
    if "ignored explicit argument" in message:
        return f"{label}: takes no value."
    return message[:1].upper() + message[1:] + "."


def new_parser(path: tuple[str, ...], *examples: str, formats: Sequence[str] = FORMATS) -> Parser:
    """Return the parser of one command, with the global flags. `examples` are shown and tested; `formats` are
    those of its -o."""
    description = COMMANDS[path].description
    parser = Parser(
        prog=" ".join(("nucliactl", *path)),
        description=f"{description[:1].upper()}{description[1:]}.",
        epilog="examples:\n" + "\n".join(f"  $ {line}" for line in examples),
        formatter_class=_Help,
        allow_abbrev=False,
        add_help=False,
    )
    common = parser.add_argument_group("global options")
    common.add_argument("-h", "--help", action="help", help="show this and exit")
    for flag in GLOBAL_FLAGS:
        own = {"choices": formats, "help": ", ".join(formats)} if "choices" in flag.options else {}
        common.add_argument(*flag.names, **(flag.options if formats == FORMATS else {**flag.options, **own}))
    parser.common = common._group_actions
    parser.set_defaults(**PRESET)
    return parser


def add_address_argument(
    parser: Parser, flag: str, words: str = "a Redis or a Vault (default: NUCLIA_PROFILES_URL)"
) -> None:
    """Let a command take the address of a team's store, by the flag --from or --to."""
    parser.add_argument(flag, dest="address", metavar="URL", help=words)


def add_profile_argument(parser: Parser, default: str | None = "the active one") -> None:
    """Let a command take the profile it works on as an argument, which means the same as --profile.
    `default`: which one it is where none is named, in words; None where one has to be."""
    parser.intermixed = True
    words = f"the profile (default: {default})" if default else "the profile"
    parser.add_argument("named", nargs="?", metavar="name", help=words)
