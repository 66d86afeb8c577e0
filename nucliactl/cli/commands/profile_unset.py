"""`nucliactl profile unset`: take keys out of a definition."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources
from nucliactl.cli.output import note
from nucliactl.login.manage import set_keys
from nucliactl.store.layout import writable


def parser(path: tuple[str, ...]) -> Parser:
    example = "nucliactl profile unset handbook account"
    made = new_parser(path, "take keys out of a profile's definition", [example])
    made.add_argument("name", help="the profile")
    made.add_argument("keys", nargs="+", metavar="KEY", help="the keys")
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    store = writable(world.store)
    set_keys(store, args.name, {}, tuple(args.keys))
    note(f"{args.name} is changed ({store.definition(args.name)})")
    return 0
