"""`nucliactl auth nuas`: the NUA keys that are configured."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_table, emit_unless_table
from nucliactl.listing import all_definitions
from nucliactl.model.kinds import NUA
from nucliactl.overview import nua_section
from nucliactl.resolver.order import resolve
from nucliactl.resolver.result import Query


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "list the NUA keys, without asking the service", ["nucliactl auth nuas"])


def run(args: Arguments) -> None:
    sources = sources_from(args)
    found = [d for d in all_definitions(sources)[0] if d.kind == NUA.name]
    shape = [{"name": d.name, "client_id": d.get("identity"), "account": d.account} for d in found]
    if emit_unless_table(args, shape, [d.name for d in found]):
        active = resolve(sources, Query((NUA.name,))).choice
        part = nua_section(found, active.name if active else None)
        emit_table(args, part.rows, part.headers)
