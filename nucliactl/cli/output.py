"""stdout is data, stderr is for people."""

from __future__ import annotations

import os
import sys
import time

from nucliactl.cli.flags import DATA_FORMATS, FORMATS, Arguments
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.secret import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TextIO

    from nucliactl.text_table import Column, Section, Table, Toned


_DATES: dict[int, str] = {}
"""The days since 1970 that were asked for, in ISO 8601: of many times the most are of few days."""
_SHORT = 64
"""The length of a name that is shown as it is."""


def stated_format(args: Arguments) -> str | None:
    """Return the format that -o, which the command's parser has checked, or NUCLIACTL_OUTPUT states."""
    if args.output:
        return str(args.output)
    stated = os.environ.get("NUCLIACTL_OUTPUT") or None
    if stated is not None and stated not in FORMATS:
        raise Malformed("NUCLIACTL_OUTPUT is not an output format.", hint=f"Use one of {', '.join(FORMATS)}.")
    return stated


def note(text: str) -> None:
    """Say something to people, on stderr."""
    print(f"nucliactl: {printable(text, 2000)}", file=sys.stderr)


def note_left(left: Sequence[NucliactlError]) -> None:
    """Say what the keyring still has of a secret that is not kept there any more."""
    for error in left:
        note(f"{error.message} What it has stays there.")


def data(text: str) -> None:
    """Print one line of data; what came from outside shows its control characters escaped."""
    print(printable(text, 100_000))


def emit_json(found: Any) -> None:
    """Print a value as JSON, or what --query picks from it."""
    from nucliactl.cli.query import current

    if query := current():
        if text := query.text(found):
            print(text)
        return
    from nucliactl.cli.json_rows import pieces

    sys.stdout.writelines(pieces(found))
    print()


def wants_data(args: Arguments) -> bool:
    """Say whether the output format is one for programs."""
    return args.output in DATA_FORMATS


def emit_data(args: Arguments, found: Any) -> bool:
    """Print a value where the output format is one for programs; say whether it is."""
    if args.output == "json":
        emit_json(found)
    return wants_data(args)


def emit_unless_table(args: Arguments, found: Any, names: Sequence[str]) -> bool:
    """Print data, or names, where the format asks for one of them; say whether a table is wanted."""
    if not emit_data(args, found) and args.output == "name":
        emit_lines(names)
    return bool(args.output == "table")


def emit_columns(args: Arguments, columns: Mapping[str, Sequence[Any]], names: Sequence[str]) -> None:
    """Print the same, of rows that are given as columns, each with its key."""
    from nucliactl.cli.query import current

    if args.output == "json" and not current():
        from nucliactl.cli.json_rows import pieces_of_columns

        sys.stdout.writelines(pieces_of_columns(columns))
        print()
    else:
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        emit_unless_table(args, rows, names)


def emit_table(args: Arguments, rows: Sequence[Sequence[str | Toned]], columns: Sequence[Column]) -> None:
    """Print rows under their columns, made to fit where stdout is a terminal."""
    from nucliactl.text_table import Section

    emit_sections(args, [Section("", columns, rows)])


def emit_sections(args: Arguments, sections: Sequence[Section]) -> None:
    """Print tables, each below its title; then tell people on a terminal, once, what is not shown."""
    from nucliactl.text_table import table

    width, colour = terminal_width(), coloured(sys.stdout, args.no_color)
    tables = [table(s.rows, s.columns, width=width, colour=colour, wide=args.wide) for s in sections]
    for number, (section, made) in enumerate(zip(sections, tables, strict=True)):
        if number:
            print()
        if section.title:
            data(section.title)
        print(made.text)
        if made.same and (section.title or sys.stdout.isatty()):  # scripts read the lines of a list
            data(made.same)
    if sys.stdout.isatty() and (text := _not_shown(tables)):
        note(text)


def _not_shown(tables: Sequence[Table]) -> str:
    """Return what tables on a terminal do not show, as a sentence; "" where they show everything."""
    cut = dict.fromkeys(head for made in tables for head in made.cut)
    left_out = dict.fromkeys(head for made in tables for head in made.left_out)
    parts = [f"cut to fit: {', '.join(cut)}"] if cut else []
    parts += [f"left out to fit: {', '.join(left_out)}"] if left_out else []
    return f"{'; '.join(parts)}; -o wide shows everything" if parts else ""


def emit_flowing(args: Arguments, rows: Sequence[Sequence[str | Toned]], columns: Sequence[Column]) -> None:
    """Print rows under their columns, and cut nothing, however narrow the terminal is."""
    from nucliactl.text_table import flowing

    print(flowing(rows, columns, width=terminal_width(), colour=coloured(sys.stdout, args.no_color)))


def terminal_width() -> int | None:
    """Return how many columns stdout has, None where it is no terminal or does not say."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size((0, 0)).columns or None


def coloured(stream: TextIO, no_color: bool) -> bool:
    """Say whether a stream gets colours: never with --no-color or NO_COLOR, always with FORCE_COLOR or
    CLICOLOR_FORCE, else on a terminal, but for CLICOLOR=0 and TERM=dumb."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if any(os.environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    plain = os.environ.get("TERM") == "dumb" or os.environ.get("CLICOLOR") == "0"
    return stream.isatty() and not plain


def emit_lines(names: Sequence[str]) -> None:
    if names:
        short = max(map(len, names)) <= _SHORT and "".join(names).isprintable()
        print("\n".join(names if short else [printable(name) for name in names]))


def iso(seconds: int | None) -> str | None:
    """Return a time as ISO 8601 UTC."""
    if seconds is None:
        return None
    day, rest = divmod(int(seconds), 86400)
    if day not in _DATES:
        _DATES[day] = time.strftime("%Y-%m-%d", time.gmtime(day * 86400))
    return f"{_DATES[day]}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"
