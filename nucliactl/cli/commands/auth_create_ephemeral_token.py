"""`nucliactl auth create_ephemeral_token`: a token of minutes, made of a Knowledge Box's API key."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_json, output_format
from nucliactl.cli.progress import ask
from nucliactl.listing import by_id
from nucliactl.model.kinds import KB
from nucliactl.service.connect import connection_of
from nucliactl.service.tokens import ephemeral


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl auth create_ephemeral_token --profile handbook --ttl 60",
        "nucliactl auth create_ephemeral_token KBID 60",
    ]
    made = new_parser(path, "make a short-lived token of a Knowledge Box's API key", examples)
    made.add_argument(
        "kbid", nargs="?", metavar="KBID", help="the KB, by id or profile (default: the active one)"
    )
    made.add_argument("seconds", nargs="?", type=int, metavar="TTL", help="seconds it lives")
    made.add_argument("--ttl", type=int, metavar="S", help="the same, as a flag")
    return made


def run(args: Arguments) -> int:
    sources = sources_from(args)
    named = args.kbid is not None
    definition = by_id(sources, KB.name, args.kbid) if named else active_definition(sources, (KB.name,))
    ttl = args.seconds if args.ttl is None else args.ttl
    secret = ask(ephemeral(connection_of(definition, sources), ttl), "making a token")
    if output_format(args) == "json":
        emit_json({"token": secret.reveal()})
    else:
        print(secret.reveal())
    return 0
