"""`nucliactl accounts | zones | kbs | agents list`: what the signed-in user has access to."""

from typing import Any

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_connection
from nucliactl.cli.output import emit_table, emit_unless_table, note
from nucliactl.cli.progress import ask
from nucliactl.model.kinds import NUCLIADB, SIGNED_IN
from nucliactl.overview import box_row, local_row, zone_row
from nucliactl.secret import printable
from nucliactl.service import database, inventory
from nucliactl.service.inventory import AGENTS, AGENTS_WITHOUT_MEMORY, KBS
from nucliactl.text_table import Column

_COLUMNS = {
    "title": Column("TITLE", least=12, leaves=2),
    "account": Column("ACCOUNT", leaves=3, told=True),
    "zone": Column("ZONE", leaves=1, told=True),
    "origin": Column("ORIGIN", leaves=1),
    "url": Column("URL", wide=True),
}


def parser(path: tuple[str, ...]) -> Parser:
    what = path[0]
    made = new_parser(path, f"nucliactl {what} list", f"nucliactl {what} list -o json")
    if what in ("kbs", "agents"):
        made.add_argument("--account", metavar="ID", help="only this account, by id or slug")
        made.add_argument("--zone", metavar="ZONE", help="only this zone")
    made.set_defaults(what=what)
    return made


def run(args: Arguments) -> None:
    local = args.what == "kbs" and not (args.account or args.zone)
    connection = active_connection(args, (*SIGNED_IN, NUCLIADB.name) if local else SIGNED_IN)
    rows: list[dict[str, Any]]
    if args.what == "accounts":
        accounts = ask(inventory.accounts(connection), "asking for the accounts")
        rows = [account._asdict() for account in accounts]
    elif args.what == "zones":
        zones = ask(inventory.zones(connection), "asking for the zones")
        for zone in zones:
            if zone.problem:
                note(f"zone {printable(zone.name)} is not asked: {zone.problem}")
        rows = [zone_row(zone) for zone in zones]
    elif connection.definition.kind == NUCLIADB.name:
        found_here = ask(database.boxes(connection), "asking for the list")
        rows = [local_row(box, database.box_url(connection, box)) for box in found_here]
    else:
        modes = (KBS,) if args.what == "kbs" else (AGENTS, AGENTS_WITHOUT_MEMORY)
        asked = inventory.inventory(connection, account=args.account, zone=args.zone, modes=modes)
        found = ask(asked, "asking every zone")
        for warning in found.warnings:
            note(warning)
        rows = [box_row(box) for box in found.boxes]
    if not emit_unless_table(args, rows, [str(row["slug"] or row["id"]) for row in rows]):
        return
    if rows:
        columns = [_COLUMNS.get(key) or Column(key.upper()) for key in rows[0]]
        emit_table(args, [[_cell(value) for value in row.values()] for row in rows], columns)
    else:
        note(f"there are no {args.what}")


def _cell(value: Any) -> str:
    return "yes" if value is True else "" if value in (None, False) else str(value)
