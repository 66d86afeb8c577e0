"""`nucliactl profile rename`: another name, in everything that refers to the profile."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources
from nucliactl.cli.output import note
from nucliactl.login.manage import rename
from nucliactl.store.layout import writable


def parser(path: tuple[str, ...]) -> Parser:
    example = "nucliactl profile rename handbook acme-handbook"
    made = new_parser(path, "give a profile another name", [example])
    made.add_argument("old", help="the profile")
    made.add_argument("new", help="its new name")
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    changed = rename(writable(world.store), args.old, args.new)
    note(f"{args.old} is now {args.new}")
    for name in changed.dependants:
        note(f"{name} refers to it, and was changed with it")
    return 0
