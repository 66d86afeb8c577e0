"""`nucliactl auth kb`: log in to a Knowledge Box."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import secret_from
from nucliactl.cli.choosing import Options, check_askable, choose
from nucliactl.cli.context import session_definition, sources_from
from nucliactl.cli.login import add_login_flags, check_first, finish_login, saved_as, say_saved
from nucliactl.cli.output import note
from nucliactl.cli.person import person
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed, NothingConfigured, NotThere
from nucliactl.http.client import Connection
from nucliactl.login import draft
from nucliactl.model.endpoint import parse_kb_url
from nucliactl.model.kinds import KB, NUCLIADB
from nucliactl.service import database
from nucliactl.service.check import Identity
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import KBS, Box, Inventory, find_box, inventory, known_of
from nucliactl.store.refreshes import learn_origin


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl auth kb https://europe-1.dp.progress.cloud/api/v1/kb/KBID - < key.txt",
        "nucliactl auth kb https://europe-1.dp.progress.cloud/api/v1/kb/KBID - --name prod < key.txt",
        "nucliactl auth kb http://localhost:8080/api/v1/kb/KBID",
        "nucliactl auth kb notes --profile local",
        "nucliactl auth kb handbook --profile sam --name handbook-as-sam",
    )
    made.add_argument(
        "url",
        nargs="?",
        help="the Knowledge Box's full URL; or, of a signed-in user or a NucliaDB, its slug or id",
    )
    made.add_argument("api_key", nargs="?", help="its API key; - reads standard input")
    made.add_argument("--url", dest="url_flag", metavar="URL", help="the same, as a flag")
    made.add_argument("--token", metavar="API_KEY", help="the same, as a flag")
    made.add_argument("--public", action="store_true", help="it needs no API key")
    made.add_argument("--account", metavar="ID", help="of the signed-in user: only this account")
    made.add_argument("--zone", metavar="ZONE", help="of the signed-in user: only this zone")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    url, key = args.url_flag or args.url, args.token or args.api_key
    if _by_slug(args, url):
        _by_inventory(args, url)
        return
    if args.url_flag and args.url and args.api_key is None:
        key = args.token or args.url  # `auth kb KEY --url URL`
    if not url:
        raise Malformed("auth kb needs the URL of a Knowledge Box.", hint=f"{hints.BOX} -")
    found = parse_kb_url(url.strip())
    asks = not (found.loopback or args.public) and person().there
    secret = None
    if asks or key is not None:
        check_first(args, KB.name)
        secret = secret_from(key, "API key", KB.name)
    finish_login(args, draft.kb(found.url, secret, public=args.public))


def _by_slug(args: Arguments, url: str | None) -> bool:
    """A slug or id instead of a URL means a Knowledge Box of the signed-in user; nothing, on a
    terminal, lets a person pick one."""
    if url == "":
        raise Malformed("auth kb needs the URL or slug of a Knowledge Box.", hint=f"{hints.BOX} -")
    if args.account or args.zone:
        return True
    if url is None:
        return person().there and not (args.token or args.public)
    return "/" not in url and "." not in url and ":" not in url and args.api_key is None


def _by_inventory(args: Arguments, wanted: str | None) -> None:
    sources = sources_from(args)
    others = () if args.account or args.zone else (NUCLIADB.name,)
    try:
        owner = session_definition(sources, *others)
    except NothingConfigured as error:
        if wanted is None:
            error.hint = f"With its URL and an API key: {hints.BOX} -, or to pick one: {hints.LOG_IN}"
        raise
    connection = connection_of(owner, sources)
    if owner.kind == NUCLIADB.name:
        _of_database(args, wanted, connection)
        return
    flow = inventory(connection, account=args.account, zone=args.zone, modes=(KBS,))
    found = ask(flow, "asking every zone")
    for warning in found.warnings:
        note(warning)
    box = find_box(found, wanted) if wanted else _picked(found)
    made = draft.kb_of_session(box.url, box.account.id, owner)
    if box.zone.origin:
        learn_origin(owner, box.zone.origin)
    say_saved(args, saved_as(args, made, known_of(box)))


def _of_database(args: Arguments, wanted: str | None, connection: Connection) -> None:
    name = wanted or _picked_of(ask(database.boxes(connection), "asking for the list"))
    found = ask(database.box(connection, name), "asking for it")
    made = draft.kb_of_nucliadb(database.box_url(connection, found), connection.definition)
    say_saved(args, saved_as(args, made, found))


def _picked_of(boxes: tuple[Identity, ...]) -> str:
    _check_askable()
    titles = {box.slug or box.identity or "": box.title or "" for box in boxes}
    if not titles:
        raise NotThere("That NucliaDB has no Knowledge Box.", hint=f"Give a URL: {hints.BOX}")
    return choose("Knowledge Box", Options(tuple(titles), lambda name: (titles[name],)))


def _picked(found: Inventory) -> Box:
    _check_askable()
    boxes = found.of(KBS)
    if not boxes:
        raise NotThere("You have no access to any Knowledge Box.", hint=f"Give a URL: {hints.BOX} -")
    slugs = [box.slug or box.id for box in boxes]
    named = {box.id if slugs.count(slug) > 1 else slug: box for slug, box in zip(slugs, boxes, strict=True)}

    def remarks(name: str) -> tuple[str, str, str]:
        box = named[name]
        return box.title or "", box.account.slug or "", box.zone.name

    return named[choose("Knowledge Box", Options(tuple(named), remarks))]


def _check_askable() -> None:
    check_askable(
        "It is not clear which Knowledge Box is meant", f"{hints.BOX_BY_SLUG}; list them: {hints.BOXES}"
    )
