"""From the words of any command line to the command that runs, with its arguments read by argparse."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from itertools import takewhile

from nucliactl import hints
from nucliactl.cli.flags import GLOBAL_FLAGS, Arguments, global_flag
from nucliactl.cli.registry import COMMANDS, GROUPS, lookup, module_of, named_by, near
from nucliactl.cli.running import carry_out
from nucliactl.errors import Malformed
from nucliactl.signals import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def run(argv: list[str]) -> int:
    """Run the command that a command line names, or show the help it asks for; return the exit code. Raises
    Malformed, and what the command raises."""
    _check_text(argv)
    before, rest = _split(argv)
    if rest and rest[0] in GROUPS:  # `auth -o json status`
        with contextlib.suppress(Malformed):  # `kbs --zone Z`: the command's own option
            within, after = _split(rest[1:])
            if not {"-h", "--help"} & {*within} and after:
                before, rest = before + within, [rest[0], *after]
    if rest[:1] == ["help"]:
        before, rest = [*before, "--help"], rest[1:]
    elif rest[1:2] == ["help"] and rest[0] in GROUPS:  # `auth help kb`
        before, rest = [*before, "--help"], [rest[0], *rest[2:]]
    if not rest:
        return _without_command(before)
    if "--help" in before and rest[0] in GROUPS and len(rest) == 1:
        return _help(rest[0])
    used = named_by(rest)
    path = lookup(used)
    if path is None:
        if rest[0] in GROUPS and (len(rest) == 1 or rest[1] in ("-h", "--help")):
            return _help(rest[0])
        raise _unknown(rest)
    module, entry = module_of(path), COMMANDS[path]
    try:
        parsed = _parsed(module, path, before, rest[len(used) :])
    except Ended:
        raise
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    if parsed.query is not None and not entry.prints_json:
        from nucliactl.cli.query import nothing_to_pick

        raise nothing_to_pick(" ".join(path))
    return carry_out(module, parsed, bare=entry.bare, looks_for_faults=entry.looks_for_faults)


def _check_text(argv: list[str]) -> None:
    """Raise Malformed for an argument of ours (those behind `--` are another program's) whose bytes are
    no text."""
    for number, word in enumerate(takewhile(lambda word: word != "--", argv), 1):
        if any("\ud800" <= c <= "\udfff" for c in word):
            raise Malformed(
                f"Argument {number} is not UTF-8 text.",
                hint="Spell it in UTF-8; pass a secret on standard input, and - for it.",
            )


def own_words(argv: list[str]) -> list[str]:
    """Return the arguments that are ours: not those behind `--`, nor those of a program to be started."""
    ours = list(takewhile(lambda word: word != "--", argv))
    with contextlib.suppress(Malformed):  # told when they are parsed
        _, rest = _split(ours)
        used = named_by(rest)
        path = lookup(used)
        if path and COMMANDS[path].passes_on:
            _, theirs = _split(rest[len(used) :], COMMANDS[path].valued)
            return ours[: len(ours) - len(theirs)]
    return ours


def _parsed(module: Any, path: tuple[str, ...], before: list[str], own: list[str]) -> Arguments:
    """Read the arguments of a command, once, and before anything is done. `words` is another program's
    command line."""
    theirs: list[str] = []
    if COMMANDS[path].passes_on:
        try:
            own, theirs = _split(own, COMMANDS[path].valued)
        except Malformed as error:
            error.hint = f"What belongs to the program stands behind --: {hints.RUN}"
            raise
    parser = module.parser(path)
    parsed: Arguments = parser.read(before + own)
    if COMMANDS[path].passes_on:
        parsed.words = theirs[1:] if theirs[:1] == ["--"] else theirs
    return parsed


def _split(argv: Sequence[str], valued: Sequence[str] = ()) -> tuple[list[str], list[str]]:
    """Split an argument list into the global flags before the command, and the rest. `valued` are further
    options that may stand there, each with a value."""
    before: list[str] = []
    rest = list(argv)
    while rest and rest[0].startswith("-") and rest[0] not in ("-", "--"):
        word = rest.pop(0)
        before.append(word)
        flag = global_flag(word)
        own = word.split("=", 1)[0] in valued
        if flag is None and not own and word not in ("-h", "--help", "--version"):
            raise Malformed(
                f"There is no global option {word.split('=', 1)[0][:30]}.",
                hint=f"A command's own options come after it; see: {hints.HELP}",
            )
        if word in valued or (flag is not None and flag.takes_value and word in flag.names):
            if not rest:
                raise Malformed(f"{word} needs a value.", hint=f"See: {hints.HELP}")
            before.append(rest.pop(0))
    return before, rest


def _without_command(before: list[str]) -> int:
    if "--version" in before:
        return run(["version"])
    if not before or any(word in ("-h", "--help") for word in before):
        return _help(None)
    raise Malformed("No command was given.", hint=f"See: {hints.HELP}")


def _help(group: str | None) -> int:
    """Print the commands, or those of a group."""
    wide = max(len(" ".join(path)) for path in COMMANDS)
    lines = [f"usage: nucliactl [options] {f'{group} ' if group else ''}COMMAND …", ""]
    if group is None:
        lines += ["Named credential profiles for Nuclia (Progress Agentic RAG).", ""]
    lines.append("commands:")
    for path, entry in COMMANDS.items():
        if group in (None, path[0]):
            lines.append(f"  {' '.join(path):<{wide}} {entry.summary}")
    lines += ["", "options, before or after the command:"]
    for flag in GLOBAL_FLAGS:
        spelled = ", ".join(flag.names) + (f" {flag.options['metavar']}" if flag.takes_value else "")
        lines.append(f"  {spelled:<{wide}} {flag.options['help']}")
    lines += ["", "nucliactl COMMAND --help shows a command's arguments and examples."]
    print("\n".join(lines))
    return 0


def _unknown(rest: list[str]) -> Malformed:
    words = tuple(rest[:2]) if rest[0] in GROUPS else tuple(rest[:1])
    found = near(words)
    # Only a word that looks like a command is repeated: anything else may be a key.
    plain = all(word.replace("-", "_").isidentifier() and len(word) < 30 for word in words)
    shown = " ".join(words) if plain else "that"
    hint = f"Did you mean: nucliactl {found[0]}" if found else f"See: {hints.HELP}"
    return Malformed(f"There is no command {shown}.", hint=hint)
