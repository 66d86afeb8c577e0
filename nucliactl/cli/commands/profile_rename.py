"""`nucliactl profile rename`: another name, in everything that refers to the profile."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.profiles.edit import rename


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile rename handbook acme-handbook")
    made.add_argument("old", help="the profile")
    made.add_argument("new", help="its new name")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    changed = rename(sources.writable(), args.old, args.new)
    note(f"{args.old} is now {args.new}")
    emit_data(args, shapes.changed(changed))
    for name in changed.dependants:
        note(f"{name} refers to it, and was changed with it")
