"""`nucliactl version`."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.output import data, emit_json
from nucliactl.version import __version__


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl version")


def run(args: Arguments) -> None:
    if args.output == "json":
        emit_json({"version": __version__})
    else:
        data(__version__)
