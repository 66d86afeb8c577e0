"""`nucliactl version`."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.output import data, emit_data
from nucliactl.version import __version__


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl version")


def run(args: Arguments) -> None:
    if not emit_data(args, {"version": __version__}):
        data(__version__)
