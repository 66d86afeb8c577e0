"""`nucliactl auth set_user_token`: log in with a user token made elsewhere."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.login import add_login_flags, with_user_token


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "log in with a user token", ["nucliactl auth set_user_token - < user-token.txt"])
    made.add_argument("token", nargs="?", help="the token; - reads standard input")
    made.add_argument("--code", metavar="TOKEN", help="the same, as a flag")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    with_user_token(args, args.code or args.token)
