"""`nucliactl auth nuas`: the NUA keys that are configured."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_table, emit_unless_table
from nucliactl.listing import of_kind
from nucliactl.model.kinds import NUA
from nucliactl.overview import nua_section


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl auth nuas")


def run(args: Arguments) -> None:
    sources = sources_from(args)
    found = of_kind(sources, NUA.name)
    shape = [{"name": d.name, "client_id": d.get("identity"), "account": d.account} for d in found]
    if emit_unless_table(args, shape, [d.name for d in found]):
        part = nua_section(sources)
        emit_table(args, part.rows, part.columns)
