"""`nucliactl api`: one authenticated request to the service, or as many as its list has pages."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.body import Out
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.exchange import PAGES, Exchange
from nucliactl.cli.output import note
from nucliactl.cli.progress import ask
from nucliactl.cli.request import Asked, asked, other, raw
from nucliactl.errors import Rejected
from nucliactl.http.client import Connection
from nucliactl.http.stream import opened
from nucliactl.layers import effective
from nucliactl.model.profile import Definition
from nucliactl.service.address import address, zone_of
from nucliactl.service.connect import connection_of
from nucliactl.service.headers import check_uri
from nucliactl.service.inventory import zone_named
from nucliactl.service.rejection import after_rejection
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl api counters",
        "nucliactl api GET resources --paginate --query 'resources[].id' -o name",
        "nucliactl api POST resources -f title=Handbook -F 'texts[body][body]=@notes.txt'",
        "nucliactl api ask -f query='Who may travel?' --query 'item.text' -o name",
        "nucliactl api global:accounts --profile sam",
        "nucliactl api /api/v1/kb/{kb} -i",
    ]
    made = new_parser(path, *examples)
    made.intermixed = True
    made.add_argument("verb", nargs="?", metavar="METHOD", help="GET, or POST where something is sent")
    made.add_argument(
        "path",
        metavar="PATH",
        help="below the profile's own address; global:PATH, zone:PATH below those APIs; /api/v1/… below the "
        "server; {kb}, {account} and {zone} are filled in",
    )
    made.add_argument("-X", "--method", metavar="METHOD", help="the same as METHOD")
    for names, given, text in (
        (("-f", "--raw-field"), raw, "a text to be sent"),
        (("-F", "--field"), other, "true, false, null, a number, JSON, or a file's text: @FILE, @-"),
    ):
        made.add_argument(
            *names, dest="fields", type=given, action="append", default=[], metavar="K=V", help=text
        )
    made.add_argument("--input", metavar="FILE", help="send a file as it is; - is standard input")
    made.add_argument(
        "-H", "--header", action="append", default=[], metavar="NAME: VALUE", help="one more header"
    )
    made.add_argument("-i", "--include", action="store_true", help="print status and headers, too")
    made.add_argument("--paginate", action="store_true", help="ask for every page of a list")
    made.add_argument(
        "--max-pages",
        type=int,
        metavar="N",
        help=f"with --paginate: at most so many (default: {PAGES}, where a list that goes on is an error)",
    )
    made.add_argument("--slurp", action="store_true", help="with --paginate: all pages as one JSON list")
    return made


def run(args: Arguments) -> None:
    wanted = asked(args)
    sources = sources_from(args)
    definition = active_definition(sources)
    connection, url = _where(wanted, definition, sources)
    if end := near_end(definition, time.time()):
        note(end)
    out = Out()
    with opened(connection) as line:
        try:
            exchange = Exchange(line, out, with_heads=args.include)
            if args.paginate:
                exchange.pages(wanted, url, together=args.slurp, most=args.max_pages)
            else:
                exchange.once(wanted, url)
        except Rejected as error:
            forbidden = "(403" in error.message
            error.hint = after_rejection(definition, line.sent, error.message, forbidden=forbidden)
            raise
        finally:
            out.end()


def _where(wanted: Asked, definition: Definition, sources: Sources) -> tuple[Connection, str]:
    """Return the connection and the URL of a request. Raises Refused for a foreign one."""
    values, connection = effective(definition, sources), connection_of(definition, sources)
    defaults = {name: values[name].value if name in values else None for name in ("kb", "account", "zone")}
    zone = zone_of(wanted.path, definition, defaults)
    if zone is not None:
        connection = ask(zone_named(connection, zone), "asking where the zone is")
    url = address(wanted.path, connection.definition, defaults, connection.base_url if zone else None)
    check_uri(url, connection.origins)
    return connection, url
