"""`nucliactl prompt`: the active name for a shell prompt; nothing where there is none."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources
from nucliactl.cli.output import data, emit_json, output_format
from nucliactl.errors import NucliactlError
from nucliactl.resolver.answer import Query
from nucliactl.resolver.order import resolve


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "print the active profile for a shell prompt, or nothing", ["nucliactl prompt"])


def run(args: Arguments) -> int:
    try:
        choice = resolve(sources(args), Query(definition=False)).choice
    except NucliactlError:
        choice = None
    if output_format(args) == "json":
        emit_json({"name": choice.name if choice else None})
    elif choice is not None:
        data(choice.name)
    return 0
