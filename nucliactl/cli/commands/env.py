"""`nucliactl env`: the variables of one profile, for a shell or a file."""

import json
import os
import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, provider_of, sources_from
from nucliactl.cli.output import emit_json, note
from nucliactl.cli.query import nothing_to_pick
from nucliactl.cli.streams import print_bytes
from nucliactl.programs.formats import FORMATS, encoded, masks, written
from nucliactl.programs.github import VARIABLE, append
from nucliactl.programs.opening import open_for_program


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        'eval "$(nucliactl env)"',
        "nucliactl env --profile handbook --format dotenv",
        "nucliactl env --format json",
    )
    made.add_argument(
        "--format", choices=tuple(FORMATS), help="posix (the default), fish, …", metavar="FORMAT"
    )
    made.epilog = f"formats: {', '.join(FORMATS)}\n\n{made.epilog}"
    return made


def run(args: Arguments) -> None:
    form = _format(args)
    sources = sources_from(args)
    definition = active_definition(sources)
    handed = open_for_program(definition, sources, provider_of(definition, sources), time.time())
    text = written(form, handed.variables, definition.name)
    for said in handed.said:
        note(said)
    if form == "github":
        print_bytes(encoded(masks(handed.variables)))
        if path := os.environ.get(VARIABLE):
            append(path, text)
            return
    if form == "json":
        emit_json(json.loads(text))
    else:
        print_bytes(encoded(text))


def _format(args: Arguments) -> str:
    """Return --format, or json where JSON is asked for on this command line; a setting does not count: what
    a shell evaluates stays what it is. Raises Malformed where --query has no JSON to pick from."""
    if args.query is not None and args.format not in (None, "json"):
        raise nothing_to_pick(f"--format {args.format}")
    return args.format or ("json" if args.output_flag == "json" or args.query is not None else "posix")
