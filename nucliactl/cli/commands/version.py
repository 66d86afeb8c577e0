"""`nucliactl version`."""

from __future__ import annotations

from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import data, emit_data
from nucliactl.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.cli.arguments import Parser


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import new_parser

    return new_parser(path, "nucliactl version")


def run(args: Arguments) -> None:
    if not emit_data(args, {"version": __version__}):
        data(__version__)
