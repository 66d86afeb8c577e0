"""`nucliactl auth nucliadb`: use a local NucliaDB."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.login import add_login_flags, finish_login
from nucliactl.login import draft

DEFAULT = "http://localhost:8080"


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth nucliadb http://localhost:8080")
    made.add_argument("url", nargs="?", help=f"its address (default {DEFAULT})")
    made.add_argument("--url", dest="url_flag", metavar="URL", help="the same, as a flag")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    finish_login(args, draft.nucliadb((args.url_flag or args.url or DEFAULT).strip()))
