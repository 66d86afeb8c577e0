"""`nucliactl auth create_ephemeral_token | create_temporal_key`: from a Knowledge Box's API key."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.handover import hand_over
from nucliactl.cli.progress import ask
from nucliactl.listing import by_id
from nucliactl.model.kinds import KB
from nucliactl.service.connect import connection_of
from nucliactl.service.tokens import ephemeral, temporal

_EXAMPLES = {
    "create_ephemeral_token": [
        "nucliactl auth create_ephemeral_token --profile handbook --ttl 60",
        "nucliactl auth create_ephemeral_token KBID 60",
    ],
    "create_temporal_key": ["nucliactl auth create_temporal_key handbook --ttl 10 --group readers"],
}


def parser(path: tuple[str, ...]) -> Parser:
    what = path[-1]
    made = new_parser(path, *_EXAMPLES[what])
    metavar, the_kb = "KBID" if what == "create_ephemeral_token" else "KB", "the KB, by id or profile"
    made.add_argument("kb", nargs="?", metavar=metavar, help=f"{the_kb} (default: the active one)")
    if what == "create_ephemeral_token":
        made.add_argument("seconds", nargs="?", type=int, metavar="TTL", help="seconds it lives")
        made.add_argument("--ttl", type=int, metavar="S", help="the same, as a flag")
    else:
        made.add_argument("--ttl", type=int, metavar="S", help="seconds it lives, at most 10")
        several = "a security group; may be given several times"
        made.add_argument("--group", action="append", default=[], metavar="NAME", help=several)
    made.set_defaults(what=what)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    named = args.kb is not None
    definition = by_id(sources, KB.name, args.kb) if named else active_definition(sources, (KB.name,))
    connection = connection_of(definition, sources)
    if args.what == "create_temporal_key":
        secret = ask(temporal(connection, args.ttl, tuple(args.group)), "making a key")
    else:
        ttl = args.seconds if args.ttl is None else args.ttl
        secret = ask(ephemeral(connection, ttl), "making a token")
    hand_over(args, secret, {})
