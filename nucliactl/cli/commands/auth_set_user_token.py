"""`nucliactl auth set_user_token`: log in with a user token made elsewhere."""

import os

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.login import add_login_flags, finish
from nucliactl.cli.prompt import secret_from
from nucliactl.login import draft
from nucliactl.model.kinds import USER


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "log in with a user token", ["nucliactl auth set_user_token - < user-token.txt"])
    made.add_argument("token", nargs="?", help="the token; - reads standard input")
    made.add_argument("--code", metavar="TOKEN", help="the same, as a flag")
    add_login_flags(made)
    return made


def run(args: Arguments) -> int:
    secret = secret_from(args.code or args.token, "user token")
    assert secret is not None
    return finish(args, draft.signed_in(USER.name, secret, os.environ))
