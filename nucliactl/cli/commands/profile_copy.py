"""`nucliactl profile copy`: a second profile like the first."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.profiles.edit import copy


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile copy handbook handbook-test")
    made.add_argument("old", help="the profile")
    made.add_argument("new", help="the copy's name")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    changed = copy(sources.writable(), args.old, args.new)
    note(f"{args.new} is a copy of {args.old}")
    emit_data(args, shapes.changed(changed))
    if not changed.credential:
        note(f"{args.new} has no secret of its own yet and needs a login")
