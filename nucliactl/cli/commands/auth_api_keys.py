"""`nucliactl auth create_api_key | list_api_keys | delete_api_key`: keys of a Knowledge Box you have access
to."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import active_connection, sources_from
from nucliactl.cli.handover import check_stdout, hand_over, make
from nucliactl.cli.login import add_place_flags, say_saved
from nucliactl.cli.output import emit_table, emit_unless_table, iso, note
from nucliactl.cli.progress import ask
from nucliactl.http.client import Connection
from nucliactl.login import draft
from nucliactl.login.naming import check_new
from nucliactl.login.save import Saved
from nucliactl.model.ending import Life, sentence
from nucliactl.profiles import creating
from nucliactl.secret import Secret
from nucliactl.service import keys
from nucliactl.service.inventory import KBS, Box, find_box, in_zone, inventory
from nucliactl.service.keys import ApiKey
from nucliactl.sources.sources import Sources
from nucliactl.text_table import Column, end_cell

DAYS = 365
_EXAMPLES = {
    "create_api_key": [
        "nucliactl auth create_api_key handbook --role READER --days 30 > container-key.txt",
        "nucliactl auth create_api_key handbook --role WRITER --save-as handbook-write",
    ],
    "list_api_keys": ["nucliactl auth list_api_keys handbook"],
    "delete_api_key": ["nucliactl auth delete_api_key handbook KEY_ID"],
}


def parser(path: tuple[str, ...]) -> Parser:
    what = path[-1]
    made = new_parser(path, *_EXAMPLES[what])
    made.add_argument("kb", metavar="KB", help="the Knowledge Box, by slug or id")
    if what == "delete_api_key":
        made.add_argument("id", metavar="KEY_ID", help="the key's id, as list_api_keys shows it")
        add_yes_flag(made)
    if what == "create_api_key":
        made.add_argument("--role", default="READER", help="READER (the default), WRITER, MANAGER, OWNER …")
        made.add_argument("--days", type=int, default=DAYS, metavar="N", help=f"days until it ends ({DAYS})")
        made.add_argument("--title", default="nucliactl", help="what it is called in the dashboard")
        saving = "make it a profile and switch to it; print nothing"
        made.add_argument("--save-as", metavar="NAME", help=saving)
        add_place_flags(made)
    made.add_argument("--account", metavar="ID", help="only this account, by id or slug")
    made.add_argument("--zone", metavar="ZONE", help="only this zone")
    made.set_defaults(what=what)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    connection = active_connection(args)
    if args.what == "create_api_key" and args.save_as is None:
        check_stdout()
    elif args.what == "create_api_key":
        check_new(sources.writable(), args.save_as, force=args.force)
    flow = inventory(connection, account=args.account, zone=args.zone, modes=(KBS,))
    box = find_box(ask(flow, "asking every zone"), args.kb)
    zone = in_zone(connection, box.zone)
    if args.what == "list_api_keys":
        _list(args, ask(keys.list_keys(zone, box), "asking for the keys"))
    elif args.what == "delete_api_key":
        name = box.slug or box.id
        confirm(args, f"Delete the API key {args.id} of {name}? What uses it stops working at once.")
        ask(keys.delete(zone, box, args.id), "deleting the key")
        note(f"deleted API key {args.id} of {name}")
    else:
        _create(args, sources, connection, box)


def _create(args: Arguments, sources: Sources, connection: Connection, box: Box) -> None:
    now, destination = time.time(), None
    if args.save_as is not None:
        destination = creating.place_of_key(
            box, sources, now, name=args.save_as, force=args.force, role=args.role, storage=args.storage
        )

    def keep(key: ApiKey, secret: Secret) -> Saved | None:
        if destination is not None:
            return destination.keep(draft.kb(box.url, secret)._replace(ends=key.expires_at))
        hand_over(args, secret, _row(key))
        return None

    flow = creating.api_key(connection, box, args.title, args.role, args.days, now, keep, destination)
    key, saved = make(args, flow, "making a key")
    ends = sentence(key.expires_at, now)
    note(f"created an API key for {box.slug or box.id} with the role {key.role}, which {ends}")
    if saved is not None:
        say_saved(args, saved)


def _row(key: ApiKey) -> dict[str, str | None]:
    return {"id": key.id, "title": key.title, "role": key.role, "expires": iso(key.expires_at)}


def _list(args: Arguments, found: tuple[ApiKey, ...]) -> None:
    if emit_unless_table(args, [_row(key) for key in found], [key.id for key in found]):
        now = time.time()
        rows = [(k.id, k.title or "-", k.role or "-", end_cell(Life(None, k.expires_at), now)) for k in found]
        columns = (Column("ID"), Column("TITLE", least=12, leaves=1), Column("ROLE"), Column("EXPIRES"))
        emit_table(args, rows, columns)
