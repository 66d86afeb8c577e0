"""The entry point: finds the command, imports its module only, and handles every error."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
from collections.abc import Sequence
from itertools import pairwise, takewhile

from nucliactl import hints
from nucliactl.cli.registry import COMMANDS, GROUPS, lookup, module_of, named_by, near
from nucliactl.cli.streams import abandon, mend_streams, told
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.signals import Ended, armed
from nucliactl.text import printable_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.cli.arguments import Arguments
    from nucliactl.cli.query import Query


def program() -> int:
    """Run the command line of this process, which ends with it; return its exit code. Cycles of garbage are
    hardly looked for: a command ends before there are many, and its end frees them all."""
    gc.set_threshold(100_000)
    code = main()
    gc.freeze()
    return code


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Raises nothing. SIGTERM and SIGHUP end the
    process by that very signal, once everything is in order."""
    with armed(unwinding=True):
        try:
            return _main(argv)
        except Ended as end:
            signal.raise_signal(end.number)
            return int(end.code or 0)  # something is still under way: the signal comes again


def _main(argv: Sequence[str] | None) -> int:
    if "_ARGCOMPLETE" in os.environ:
        from nucliactl.cli.completion import complete

        complete()
    mend_streams()
    arguments = list(sys.argv[1:] if argv is None else argv)
    as_json = _wants_json(_own_words(arguments))
    try:
        _check_text(arguments)
        code = _run(arguments)
        with told():
            sys.stdout.flush()
        return code
    except NucliactlError as known:
        error = known
    except BrokenPipeError:
        abandon(sys.stdout)  # the reader has gone (`| head`)
        return 0
    except OSError as refused:
        abandon(sys.stdout)
        error = NucliactlError(f"The system refused: {refused.strerror or refused}.")
    except KeyboardInterrupt as broken_off:
        error = Interrupted(str(broken_off) or "Interrupted.")
    except RecursionError:
        error = NucliactlError("The input is nested too deeply.")
    _report(error, as_json)
    return error.exit_code


def _own_words(argv: list[str]) -> list[str]:
    """Return the arguments that are ours: not those behind `--`, nor those of a program to be started."""
    from nucliactl.cli.arguments import split_command

    ours = list(takewhile(lambda word: word != "--", argv))
    with contextlib.suppress(Malformed):  # told when they are parsed
        _, rest = split_command(ours)
        used = named_by(rest)
        path = lookup(used)
        if path and COMMANDS[path].passes_on:
            _, theirs = split_command(rest[len(used) :], COMMANDS[path].valued)
            return ours[: len(ours) - len(theirs)]
    return ours


def _check_text(argv: list[str]) -> None:
    """Raise Malformed for an argument of ours (those behind `--` are another program's) whose bytes are
    no text."""
    for number, word in enumerate(takewhile(lambda word: word != "--", argv), 1):
        if any("\ud800" <= c <= "\udfff" for c in word):
            raise Malformed(
                f"Argument {number} is not UTF-8 text.",
                hint="Spell it in UTF-8; pass a secret on standard input, and - for it.",
            )


class Interrupted(NucliactlError):
    """Ctrl-C, or a list that a person leaves without a choice."""

    exit_code = 130


def _run(argv: list[str]) -> int:
    from nucliactl.cli.arguments import split_command

    before, rest = split_command(argv)
    if rest and rest[0] in GROUPS:  # `auth -o json status`
        with contextlib.suppress(Malformed):  # `kbs --zone Z`: the command's own option
            within, after = split_command(rest[1:])
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
    module = module_of(path)
    try:
        parsed = _parsed(module, path, before, rest[len(used) :])
    except Ended:
        raise
    except SystemExit as stop:  # --help
        return int(stop.code or 0)
    if parsed.verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")  # httpx names each request
    if parsed.picks is None:
        return module.run(parsed) or 0
    from nucliactl.cli.query import querying

    with querying(parsed.picks):
        return module.run(parsed) or 0


def _parsed(module: Any, path: tuple[str, ...], before: list[str], own: list[str]) -> Arguments:
    """Read the arguments of a command, once, and before anything is done. `output_flag` is the format that
    was typed, `output` the one to use (a table that is `wide` is a table), `picks` what --query says, `words`
    another program's command line."""
    from nucliactl.cli.arguments import FORMATS, WIDE, split_command
    from nucliactl.cli.output import stated_format

    theirs: list[str] = []
    if COMMANDS[path].passes_on:
        try:
            own, theirs = split_command(own, COMMANDS[path].valued)
        except Malformed as error:
            error.hint = f"What belongs to the program stands behind --: {hints.RUN}"
            raise
    parser = module.parser(path)
    parse = parser.parse_intermixed_args if parser.intermixed else parser.parse_args
    parsed: Arguments = parse(before + own)
    if COMMANDS[path].passes_on:
        parsed.words = theirs[1:] if theirs[:1] == ["--"] else theirs
    parsed.picks = _picks(parsed)
    parsed.output_flag = parsed.output
    try:
        stated = stated_format(parsed)
    except Malformed:
        if not COMMANDS[path].looks_for_faults:
            raise
        stated = None
    if stated is None and not COMMANDS[path].bare:
        from nucliactl.cli.context import stored_format

        stated = stored_format(parsed)
    parsed.wide = stated == WIDE
    parsed.output = FORMATS[0] if parsed.wide else stated or FORMATS[0]
    return parsed


def _picks(parsed: Arguments) -> Query | None:
    if parsed.query is None:
        return None
    from nucliactl.cli.query import query_from

    return query_from(parsed)


def _without_command(before: list[str]) -> int:
    if "--version" in before:
        return _run(["version"])
    if not before or any(word in ("-h", "--help") for word in before):
        return _help(None)
    raise Malformed("No command was given.", hint=f"See: {hints.HELP}")


def _help(group: str | None) -> int:
    """Print the commands, or those of a group."""
    from nucliactl.cli.arguments import GLOBAL_FLAGS

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


def _wants_json(argv: list[str]) -> bool:
    for word, following in pairwise((*takewhile(lambda word: word != "--", argv), "")):
        if word in ("-ojson", "-o=json", "--output=json"):
            return True
        if word in ("-o", "--output") and following == "json":
            return True
    return os.environ.get("NUCLIACTL_OUTPUT") == "json" and not any(
        word == "-o" or word.startswith("--output") for word in argv
    )


def _report(error: NucliactlError, as_json: bool) -> None:
    """Say an error on stderr: the only place where errors become words."""
    if as_json:
        import json

        found = {"error": error.message, "hint": error.hint, "exit_code": error.exit_code}
        text = json.dumps(found)
    else:
        from nucliactl.cli.output import coloured

        red, plain = ("\x1b[31m", "\x1b[0m") if coloured(sys.stderr, "--no-color" in sys.argv) else ("", "")
        text = f"{red}nucliactl:{plain} {error}"
        for line in printable_lines(error.hint) if error.hint else ():
            text += f"\n  {line}"
    print(text, file=sys.stderr)
