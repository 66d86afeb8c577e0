"""`nucliactl auth kb`: log in to a Knowledge Box."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.login import add_login_flags, finish
from nucliactl.cli.prompt import secret_from
from nucliactl.errors import Malformed
from nucliactl.login import draft
from nucliactl.model.endpoint import parse_kb_url


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl auth kb https://europe-1.dp.progress.cloud/api/v1/kb/KBID - < key.txt",
        "nucliactl auth kb https://europe-1.dp.progress.cloud/api/v1/kb/KBID - --name prod < key.txt",
        "nucliactl auth kb http://localhost:8080/api/v1/kb/KBID",
    ]
    made = new_parser(path, "log in to a Knowledge Box, by its URL and an API key", examples)
    made.add_argument("url", nargs="?", help="the Knowledge Box's full URL")
    made.add_argument("api_key", nargs="?", help="its API key; - reads standard input")
    made.add_argument("--url", dest="url_flag", metavar="URL", help="the same, as a flag")
    made.add_argument("--token", metavar="API_KEY", help="the same, as a flag")
    made.add_argument("--public", action="store_true", help="it needs no API key")
    add_login_flags(made)
    return made


def run(args: Arguments) -> int:
    url, key = args.url_flag or args.url, args.token or args.api_key
    if args.url_flag and args.url and args.api_key is None:
        key = args.token or args.url  # `auth kb KEY --url URL`
    if not url:
        raise Malformed("auth kb needs the URL of a Knowledge Box.", hint="nucliactl auth kb URL -")
    found = parse_kb_url(url.strip())
    asks = not (found.loopback or args.public) and _on_terminal()
    secret = secret_from(key, "API key", asks=asks)
    return finish(args, draft.kb(found.url, secret, public=args.public))


def _on_terminal() -> bool:
    import sys

    return sys.stdin is not None and sys.stdin.isatty()
