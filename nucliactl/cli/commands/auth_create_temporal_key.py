"""`nucliactl auth create_temporal_key`: a key of seconds, made of a Knowledge Box's API key."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_json, output_format
from nucliactl.cli.progress import ask
from nucliactl.listing import by_id
from nucliactl.model.kinds import KB
from nucliactl.service.connect import connection_of
from nucliactl.service.keys import temporal


def parser(path: tuple[str, ...]) -> Parser:
    example = "nucliactl auth create_temporal_key handbook --ttl 10 --group readers"
    made = new_parser(path, "make a key that lives seconds, for some security groups", [example])
    made.add_argument(
        "kb", nargs="?", metavar="KB", help="the KB, by id or profile (default: the active one)"
    )
    made.add_argument("--ttl", type=int, metavar="S", help="seconds it lives, at most 10")
    made.add_argument(
        "--group", action="append", default=[], metavar="NAME", help="a security group; several times"
    )
    return made


def run(args: Arguments) -> int:
    sources = sources_from(args)
    named = args.kb is not None
    definition = by_id(sources, KB.name, args.kb) if named else active_definition(sources, (KB.name,))
    flow = temporal(connection_of(definition, sources), args.ttl, tuple(args.group))
    secret = ask(flow, "making a key")
    if output_format(args) == "json":
        emit_json({"token": secret.reveal()})
    else:
        print(secret.reveal())
    return 0
