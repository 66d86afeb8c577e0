"""`nucliactl auth list_personal_tokens`: the signed-in user's personal access tokens."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_connection
from nucliactl.cli.output import emit_table, emit_unless_table, iso
from nucliactl.cli.progress import ask
from nucliactl.model.ending import Life
from nucliactl.service.tokens import list_tokens
from nucliactl.text_table import Column, end_cell


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl auth list_personal_tokens")


def run(args: Arguments) -> None:
    connection = active_connection(args)
    tokens = ask(list_tokens(connection), "asking for the tokens")
    shape = [{"id": t.id, "description": t.description, "expires": iso(t.expires_at)} for t in tokens]
    if emit_unless_table(args, shape, [token.id for token in tokens]):
        now = time.time()
        rows = [
            (t.id, t.description, iso(t.expires_at) or "never", end_cell(Life(None, t.expires_at), now))
            for t in tokens
        ]
        columns = (Column("ID"), Column("DESCRIPTION", least=12), Column("EXPIRES", leaves=1), Column("LEFT"))
        emit_table(args, rows, columns)
