"""`nucliactl auth personal_token`: log in with a personal access token."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import secret_from
from nucliactl.cli.context import sources_from
from nucliactl.cli.login import add_login_flags, finish_login
from nucliactl.login import draft
from nucliactl.model.kinds import PERSONAL_TOKEN


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path, "log in with a personal access token", ["nucliactl auth personal_token - < pat.txt"]
    )
    made.add_argument("token", nargs="?", help="the token; - reads standard input")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    secret = secret_from(args.token, "personal access token")
    finish_login(args, draft.signed_in(PERSONAL_TOKEN.name, secret, sources_from(args)))
