"""stdout is data, stderr is for people."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence

from nucliactl.cli.arguments import DATA_FORMATS, FORMATS, Arguments
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.secret import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO


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
    from nucliactl.cli.indented import indented

    print(indented(found))


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


def emit_table(args: Arguments, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> None:
    """Print aligned columns, made to fit where stdout is a terminal; a cell is never wrapped or re-typed."""
    from nucliactl.text_table import table

    print(table(rows, headers, width=terminal_width(), colour=coloured(sys.stdout, args.no_color)))


def terminal_width() -> int | None:
    """Return how many columns stdout has, None where it is no terminal or does not say."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size((0, 0)).columns or None


def coloured(stream: TextIO, no_color: bool) -> bool:
    """Say whether a stream gets colours: never with --no-color or NO_COLOR, always with
    CLICOLOR_FORCE, else on a terminal."""
    if no_color or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def emit_lines(names: Sequence[str]) -> None:
    if names:
        print("\n".join(printable(name) for name in names))


def iso(seconds: int | None) -> str | None:
    """Return a time as ISO 8601 UTC."""
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
