"""`nucliactl auth show`: what is configured, each profile checked at the service at once."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_sections, emit_unless_table, note
from nucliactl.cli.progress import ask
from nucliactl.overview import overview, sections
from nucliactl.text_table import ready


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl auth show", "nucliactl auth show -o json")


def run(args: Arguments) -> None:
    sources = sources_from(args)
    active_definition(sources)  # half a credential or none is an error here, as in resolve()
    now = time.time()
    meanwhile = ready if args.output == "table" else lambda: None
    found = ask(overview(sources, now, meanwhile), "asking the service about every profile")
    for warning in found.warnings:
        note(warning)
    if emit_unless_table(args, found.json(), [shown.name for shown in found.profiles]):
        emit_sections(args, sections(found, now))
