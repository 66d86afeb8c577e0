"""`nucliactl doctor`: what is wrong on this machine, and what to do about it."""

import os
import sys
import time
from collections import Counter
from textwrap import wrap
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import flags_from
from nucliactl.cli.flags import FORMATS
from nucliactl.cli.output import coloured, emit_unless_table, terminal_width
from nucliactl.doctor.examining import Report, report
from nucliactl.doctor.finding import LEVELS
from nucliactl.doctor.machine import header
from nucliactl.doctor.world import World
from nucliactl.sources.sources import working_directory
from nucliactl.text import plural, printable, printable_lines

_COLOURS = {"problem": "\x1b[31m", "note": "\x1b[33m", "mended": "\x1b[32m", "ok": "\x1b[32m"}
_PLAIN = "\x1b[0m"
_LONGEST = 4000
_LABEL = max(map(len, LEVELS)) + 2
_NARROWEST = 20
_TOLD = 10  # of one check and level


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path, "nucliactl doctor", "nucliactl doctor --fix", "nucliactl doctor --offline -o json"
    )
    made.add_argument("--fix", action="store_true", help="mend what is safe to mend, and say what was done")
    made.add_argument("--offline", action="store_true", help="do not ask the service")
    return made


def run(args: Arguments) -> int:
    flags, cwd = flags_from(args), working_directory()
    found = report(World(os.environ, flags, cwd, FORMATS, time.time(), offline=args.offline), fix=args.fix)
    faulty = dict.fromkeys(one.check for one in found.findings if one.level == "problem")
    if emit_unless_table(args, _json(found), list(faulty)):
        _print(found, args.verbose, _Paper(terminal_width(), coloured(sys.stdout, args.no_color)))
    return 1 if found.problems else 0


def _json(found: Report) -> dict[str, Any]:
    rows = [
        {"check": one.check, **one._asdict(), "fix": one.fix.does if one.fix else None}
        for one in found.findings
    ]
    mended = [one._asdict() for one in found.mended]
    return {**header(), "problems": found.problems, "mended": mended, "findings": rows}


def _print(found: Report, verbose: bool, paper: "_Paper") -> None:
    """Print what is wrong first, each with what to do; what is well on few lines, unless `verbose`."""
    facts = header()
    print(f"nucliactl {facts['nucliactl']}, Python {facts['python']}, {facts['system']}\n")
    for done in found.mended:
        failed = f": not done, {done.error}" if done.error else ""
        paper.say("note" if done.error else "mended", f"{done.check}: {done.does}{failed}")
    briefly = () if verbose else ("skipped", "ok")
    told = Counter[tuple[str, str]]()
    for one in found.findings:
        told[one.level, one.check] += 1
        if one.level not in briefly and (verbose or told[one.level, one.check] <= _TOLD):
            paper.say(one.level, f"{one.check}: {one.sentence}", one.hint)
    for (level, check), number in told.items():
        if level not in briefly and not verbose and number > _TOLD:
            paper.say(level, f"{check}: {number - _TOLD} more", hints.DOCTOR_WHOLE)
    for level in briefly:
        if names := list(dict.fromkeys(one.check for one in found.findings if one.level == level)):
            paper.say(level, ", ".join(names))
    print(f"\n{_summary(found)}")


class _Paper(NamedTuple):
    """How lines are printed: `width` of the terminal, if there is one."""

    width: int | None
    colour: bool

    def say(self, label: str, text: str, hint: str | None = None) -> None:
        """Print a text behind its label, and what to do, which is never wrapped: it is copied."""
        begins, ends = (_COLOURS.get(label, ""), _PLAIN) if self.colour else ("", "")
        lines = [printable(text, _LONGEST)]
        if self.width:
            room = max(_NARROWEST, self.width - _LABEL)
            lines = wrap(lines[0], room, break_long_words=False, break_on_hyphens=False)
        print(f"{begins}{label:<{_LABEL}}{ends}{lines[0]}")
        for line in lines[1:]:
            print(f"{'':{_LABEL}}{line}")
        for line in printable_lines(hint) if hint else ():
            print(f"{'':{_LABEL}}  {line}")


def _summary(found: Report) -> str:
    if not found.problems:
        return "No problems were found."
    mending = f"; {hints.FIX} mends {found.fixable}" if found.fixable else ""
    return f"{plural(found.problems, 'problem')}{mending}"
