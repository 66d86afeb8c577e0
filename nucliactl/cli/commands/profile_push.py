"""`nucliactl profile push`: stored profiles, with their secrets, into a team's store."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_address_argument, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.fleet import store_at
from nucliactl.cli.output import emit_unless_table, note
from nucliactl.errors import Malformed
from nucliactl.fleet.pushing import push


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl profile push handbook --to rediss://writer@redis.example.com:6379/0",
        "nucliactl profile push handbook --to vault://vault.example.com:8200/secret/nuclia --force",
    ]
    made = new_parser(path, *examples)
    made.add_argument("name", nargs="*", metavar="NAME", help="the profiles")
    add_address_argument(made, "--to")
    made.add_argument(
        "--force", action="store_true", help="replace records that lead elsewhere, or are broken"
    )
    return made


def run(args: Arguments) -> None:
    names = args.name or ([args.profile] if args.profile else [])
    if not names:
        raise Malformed("profile push needs the name of a profile.", hint=hints.PUSH.format("NAME"))
    sources = sources_from(args)
    with store_at(args.address, "--to", sources, default=True) as store:
        pushed = push(names, sources, store.records, force=args.force)
        rows = [{"name": one.name, "outcome": one.verb, "fields": list(one.fields)} for one in pushed]
        emit_unless_table(args, rows, [one.name for one in pushed])
        for one in pushed:
            changed = f" ({', '.join(one.fields)})" if one.fields else ""
            note(f"{one.verb} {store.records.place(one.name)}{changed}")
            if one.left_out:
                note(f"{one.name}: no record has {', '.join(one.left_out)}")
