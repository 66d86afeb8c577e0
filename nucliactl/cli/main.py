"""Runs one command line, and turns every error into words."""

from __future__ import annotations

import os
import sys
from itertools import pairwise

from nucliactl.cli.light import Line, read
from nucliactl.cli.running import carry_out
from nucliactl.cli.streams import abandon, in_words, mend_streams, told
from nucliactl.errors import NucliactlError
from nucliactl.text import printable_lines

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code. Raises nothing. SIGTERM and SIGHUP end the
    process by that very signal, once everything is in order."""
    if "_ARGCOMPLETE" in os.environ:
        from nucliactl.cli.light_completion import complete

        complete()
    arguments = list(sys.argv[1:] if argv is None else argv)
    line = read(arguments)
    if line is not None and line.command.reads:
        return _main(arguments, line)
    from nucliactl.signals import Ended, armed

    with armed(unwinding=True):
        try:
            return _main(arguments, line)
        except Ended as end:
            return end.carry_out()


def _main(arguments: list[str], line: Line | None) -> int:
    mend_streams()
    try:
        code = _run(arguments, line)
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
        error = in_words(refused)
    except KeyboardInterrupt as broken_off:
        error = Interrupted(str(broken_off) or "Interrupted.")
    except RecursionError:
        error = NucliactlError("The input is nested too deeply.")
    _report(error, _wants_json(arguments))
    return error.exit_code


def _run(arguments: list[str], line: Line | None) -> int:
    if line is not None:
        return carry_out(line.module(), line.arguments, bare=line.command.bare)
    from nucliactl.cli.grammar import run

    return run(arguments)


class Interrupted(NucliactlError):
    """Ctrl-C, or a list that a person leaves without a choice."""

    exit_code = 130


def _wants_json(argv: list[str]) -> bool:
    """Say whether a command line wants its errors as JSON."""
    from nucliactl.cli.grammar import own_words

    ours = own_words(argv)
    for word, following in pairwise((*ours, "")):
        if word in ("-ojson", "-o=json", "--output=json"):
            return True
        if word in ("-o", "--output") and following == "json":
            return True
    return os.environ.get("NUCLIACTL_OUTPUT") == "json" and not any(
        word == "-o" or word.startswith("--output") for word in ours
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
