"""`nucliactl auth show`: what is configured, each profile checked at the service at once."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources
from nucliactl.cli.output import emit_json, emit_lines, note, output_format
from nucliactl.http.drive import perform
from nucliactl.overview import as_text, overview


def parser(path: tuple[str, ...]) -> Parser:
    examples = ["nucliactl auth show", "nucliactl auth show -o json"]
    return new_parser(path, "show what is configured and what the service says of it", examples)


def run(args: Arguments) -> int:
    world = sources(args)
    active_definition(world)  # half a credential or none is an error here, as in resolve()
    found = perform(overview(world, time.time()))
    for warning in found.warnings:
        note(warning)
    shape = output_format(args)
    if shape == "json":
        emit_json(found.json())
    elif shape == "name":
        emit_lines([shown.definition.name for shown in found.profiles])
    else:
        print(as_text(found))
    return 0
