"""`nucliactl auth delete_personal_token`: delete a personal access token."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import active_connection
from nucliactl.cli.output import emit_data, note
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed
from nucliactl.service.tokens import delete


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth delete_personal_token TOKEN_ID")
    made.add_argument("id", nargs="?", metavar="TOKEN_ID", help="its id, as list_personal_tokens shows it")
    made.add_argument("--token-id", "--token_id", dest="flag", metavar="TOKEN_ID", help="the same, as a flag")
    add_yes_flag(made)
    return made


def run(args: Arguments) -> None:
    identity = args.flag or args.id
    if not identity:
        raise Malformed("Which token?", hint=f"List them: {hints.TOKENS}")
    connection = active_connection(args)
    confirm(args, f"Delete the personal token {identity}? What uses it stops working at once.")
    ask(delete(connection, identity), "deleting the token")
    note(f"deleted personal token {identity}")
    emit_data(args, {"id": identity})
