"""`nucliactl accounts | zones default`: what calls of the signed-in profile take where nothing is said."""

from collections.abc import Sequence

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_json, note, output_format
from nucliactl.cli.progress import ask
from nucliactl.errors import UnknownProfile
from nucliactl.model.names import shown
from nucliactl.model.profile import SIGNED_IN
from nucliactl.profiles.edit import set_keys
from nucliactl.service import inventory
from nucliactl.service.inventory import Account, Zone


def parser(path: tuple[str, ...]) -> Parser:
    what = path[0].removesuffix("s")
    example = {"account": "nucliactl accounts default acme", "zone": "nucliactl zones default europe-1"}
    made = new_parser(path, f"set the default {what} of the signed-in profile", [example[what]])
    made.add_argument("wanted", metavar=what.upper(), help=f"the {what}, by id or slug")
    made.set_defaults(what=what)
    return made


def run(args: Arguments) -> int:
    sources = sources_from(args)
    definition = active_definition(sources, SIGNED_IN)
    rows: Sequence[Account | Zone]
    if args.what == "account":
        rows = ask(inventory.ask_accounts(definition, sources), "asking for the accounts")
    else:
        rows = ask(inventory.ask_zones(definition, sources), "asking for the zones")
    chosen = next((row for row in rows if args.wanted in (row.id, row.slug)), None)
    if chosen is None:
        names = ", ".join(row.slug or row.id for row in rows)
        raise UnknownProfile(f"There is no {args.what} {shown(args.wanted)}.", hint=f"There are: {names}.")
    value = chosen.id if args.what == "account" else chosen.slug or chosen.id
    changed = set_keys(sources, definition.name, {args.what: value})
    note(f"the default {args.what} of {definition.name} is {args.wanted}")
    if output_format(args) == "json":
        emit_json(shapes.changed(changed))
    return 0
