"""A command that runs, its arguments read: how it prints is settled before anything is done."""

from __future__ import annotations

from nucliactl.cli.flags import FORMATS, WIDE, Arguments
from nucliactl.cli.output import stated_format
from nucliactl.errors import Malformed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def carry_out(module: Any, parsed: Arguments, *, bare: bool, looks_for_faults: bool = False) -> int:
    """Run the command of a module; return its exit code. `bare` and `looks_for_faults` are its `Entry`'s.
    Raises what it raises, and Malformed for a --query that is none."""
    picks = None
    if parsed.query is not None:
        from nucliactl.cli.query import query_from

        picks = query_from(parsed)
    _settle_format(parsed, bare, looks_for_faults)
    if parsed.verbose:
        import logging

        logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")  # httpx names each request
    if picks is None:
        return module.run(parsed) or 0
    from nucliactl.cli.query import querying

    with querying(picks):
        return module.run(parsed) or 0


def _settle_format(parsed: Arguments, bare: bool, looks_for_faults: bool) -> None:
    """Settle how a command prints: `output_flag` is the format that was typed, `output` the one to use (a
    table that is `wide` is a table)."""
    parsed.output_flag = parsed.output
    try:
        stated = stated_format(parsed)
    except Malformed:
        if not looks_for_faults:
            raise
        stated = None
    if stated is None and not bare:
        from nucliactl.cli.context import stored_format

        stated = stored_format(parsed)
    parsed.wide = stated == WIDE
    parsed.output = FORMATS[0] if parsed.wide else stated or FORMATS[0]
