"""`nucliactl profile unset`: take keys out of a definition."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.profiles.edit import set_keys


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile unset handbook account")
    made.add_argument("name", help="the profile")
    made.add_argument("keys", nargs="+", metavar="KEY", help="the keys")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    changed = set_keys(sources, args.name, {}, tuple(args.keys))
    note(f"changed {args.name} ({changed.where})")
    note_left(changed.left)
    emit_data(args, shapes.changed(changed))
