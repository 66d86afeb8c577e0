"""`nucliactl auth set_user_token | personal_token`: log in with a token made elsewhere."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, secret_from
from nucliactl.cli.context import sources_from
from nucliactl.cli.login import add_login_flags, check_first, finish_login
from nucliactl.login import draft
from nucliactl.model.kinds import PERSONAL_TOKEN, USER

_TOKENS = {
    "set_user_token": (USER.name, "user token", "user-token.txt"),
    "personal_token": (PERSONAL_TOKEN.name, "personal access token", "pat.txt"),
}


def parser(path: tuple[str, ...]) -> Parser:
    kind, title, file = _TOKENS[path[-1]]
    made = new_parser(path, f"nucliactl auth {path[-1]} - < {file}")
    made.add_argument("token", nargs="?", help="the token; - reads standard input")
    if path[-1] == "set_user_token":
        made.add_argument("--code", metavar="TOKEN", help="the same, as a flag")
        add_yes_flag(made)
    made.set_defaults(kind=kind, title=title, code=None)
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    check_first(args, args.kind)
    secret = secret_from(args.code or args.token, args.title, args.kind)
    finish_login(args, draft.signed_in(args.kind, secret, sources_from(args)))
