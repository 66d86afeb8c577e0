"""`nucliactl auth delete_personal_token`: delete a personal access token."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import active_connection, sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed
from nucliactl.listing import of_kind
from nucliactl.model.kinds import PERSONAL_TOKEN
from nucliactl.service.status import ended_by
from nucliactl.service.tokens import delete
from nucliactl.store.lives import remedy


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
    connection, sources = active_connection(args), sources_from(args)
    confirm(args, f"Delete the personal token {identity}? What uses it stops working at once.")
    flow = ended_by(delete(connection, identity), of_kind(sources, PERSONAL_TOKEN.name), sources, time.time())
    ended = ask(flow, "deleting the token")
    note(f"deleted personal token {identity}")
    for profile in ended:
        note(f"the profile {profile.name} was made of it and no longer works; {remedy(profile)}")
    emit_data(args, {"id": identity})
