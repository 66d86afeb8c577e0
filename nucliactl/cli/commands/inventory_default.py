"""`nucliactl accounts | zones default`: what the signed-in profile uses unless a call says otherwise."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_connection, sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.cli.progress import ask
from nucliactl.profiles.edit import set_keys
from nucliactl.service import inventory


def parser(path: tuple[str, ...]) -> Parser:
    what = path[0].removesuffix("s")
    example = {"account": "acme", "zone": "europe-1"}[what]
    made = new_parser(path, f"nucliactl {path[0]} default {example}")
    made.add_argument("wanted", metavar=what.upper(), help=f"the {what}, by id or slug")
    made.set_defaults(what=what)
    return made


def run(args: Arguments) -> None:
    connection = active_connection(args)
    if args.what == "account":
        accounts = ask(inventory.accounts(connection), "asking for the accounts")
        account = inventory.one_of(accounts, args.wanted, "account")
        given = {"account": account.id} | ({"account_slug": account.slug} if account.slug else {})
    else:
        zones = ask(inventory.zones(connection), "asking for the zones")
        given = {"zone": inventory.one_of(zones, args.wanted, "zone").name}
    name = connection.definition.name
    changed = set_keys(sources_from(args), name, given)
    note(f"the default {args.what} of {name} is {args.wanted}")
    emit_data(args, shapes.changed(changed))
