"""`nucliactl auth nua`: log in with a NUA key."""

import os

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import secret_from
from nucliactl.cli.login import add_login_flags, check_first, finish_login
from nucliactl.errors import Malformed
from nucliactl.login import draft
from nucliactl.model.kinds import NUA


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path, "nucliactl auth nua - < nua.txt", "nucliactl auth nua - --name pipeline < nua.txt"
    )
    # The official documentation also shows `nua REGION KEY` and `nua --key KEY`.
    made.add_argument("words", nargs="*", metavar="NUA_KEY", help="the key; - reads standard input")
    made.add_argument("--token", "--key", metavar="NUA_KEY", help="the same, as a flag")
    made.add_argument("--origin", metavar="URL", help="its server, outside the known hosts")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    if len(args.words) > 2:
        raise Malformed("auth nua takes one key.", hint=hints.NUA)
    argument = args.token or (args.words[-1] if args.words else None)
    check_first(args, NUA.name)
    secret = secret_from(argument, "NUA key", NUA.name)
    finish_login(args, draft.nua(secret, origin=args.origin or os.environ.get("NUCLIA_NUA_ORIGIN")))
