"""stdout is data, stderr is for people."""

import os
import sys
import time
from collections.abc import Sequence
from typing import Any, TextIO

from nucliactl.cli.arguments import FORMATS, Arguments
from nucliactl.errors import Damaged, Malformed
from nucliactl.secret import printable
from nucliactl.store.config import read_config
from nucliactl.store.layout import store_at
from nucliactl.text_table import table


def output_format(args: Arguments, *, stored: bool = True) -> str:
    """Return the format: -o, else NUCLIACTL_OUTPUT, else `output` of config.toml (if `stored`), or table."""
    if args.output:
        return str(args.output)
    if stated := os.environ.get("NUCLIACTL_OUTPUT"):
        if stated not in FORMATS:
            raise Malformed("NUCLIACTL_OUTPUT is no output format.", hint=f"Use one of {', '.join(FORMATS)}.")
        return stated
    return _stored_format(args.config_dir) if stored else FORMATS[0]


def _stored_format(config_dir: str | None) -> str:
    found = FORMATS[0]
    for path, settings in read_config(store_at(os.environ, config_dir)[0], ("output",)).files:
        found = settings.get("output", found)
        if found not in FORMATS:
            from nucliactl.store.lines import place_of

            hint = f"Use one of {', '.join(FORMATS)}."
            raise Damaged(f"{place_of(path, 'output')}: output is no output format.", hint=hint)
    return found


def note(text: str) -> None:
    """Say something to people, on stderr."""
    print(f"nucliactl: {printable(text, 2000)}", file=sys.stderr)


def data(text: str) -> None:
    """Print one line of data; what came from outside shows its control characters escaped."""
    print(printable(text, 100_000))


def emit_json(found: Any) -> None:
    import json

    print(json.dumps(found, indent=2))


def emit_table(args: Arguments, rows: Sequence[Sequence[str]], headers: Sequence[str]) -> None:
    """Print aligned columns, made to fit where stdout is a terminal; a cell is never wrapped or re-typed."""
    width = None
    if sys.stdout.isatty():
        import shutil

        width = shutil.get_terminal_size((0, 0)).columns or None
    print(table(rows, headers, width=width, colour=coloured(sys.stdout, args.no_color)))


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
