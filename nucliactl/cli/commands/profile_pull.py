"""`nucliactl profile pull`: profiles of a team, into a directory for programs or into the store."""

import signal

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_address_argument, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.fleet import Store, first_problem, say_problems, store_at
from nucliactl.cli.output import emit_unless_table, note
from nucliactl.errors import Malformed
from nucliactl.fleet.directory import MODES, Published, mode_of
from nucliactl.fleet.looking import look
from nucliactl.fleet.pulling import publish, save, touch
from nucliactl.fleet.watching import Watch, told
from nucliactl.model.names import check_name
from nucliactl.signals import Ended
from nucliactl.text import quoted

_INTERVAL = 300.0
_LEAST = 1.0


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl profile pull handbook --from rediss://reader@redis.example.com:6379/0",
        "nucliactl profile pull --from vault://vault.example.com:8200/secret/nuclia --to nuclia --mode 640",
    ]
    made = new_parser(path, *examples)
    made.add_argument("name", nargs="*", metavar="NAME", help="the profiles; none: all that may be listed")
    add_address_argument(made, "--from")
    made.add_argument("--to", metavar="DIR", help="publish them below DIR; NUCLIA_PROFILES_PATH=DIR/current")
    made.add_argument(
        "--mode", metavar="MODE", help=f"with --to: of the files, {', '.join(MODES)} (default: 600)"
    )
    made.add_argument("--watch", action="store_true", help="with --to: go on, and publish what changes")
    made.add_argument("--interval", metavar="S", type=float, help="with --watch: seconds between looks (300)")
    made.add_argument("--health", metavar="FILE", help="with --watch: touched at each good look")
    made.add_argument("--force", action="store_true", help="without --to: replace profiles of those names")
    return made


def run(args: Arguments) -> int:
    _check(args)
    names = [check_name(name) for name in args.name]
    sources = sources_from(args)
    with store_at(args.address, "--from", sources, default=True) as store:
        if args.to is None:
            return _into_the_store(args, names, store)
        published = Published(_folder(args.to), mode_of(args.mode or "600"))
        if args.watch:
            return _follow(args, names, store, published)
        return _once(args, names, store, published)


def _check(args: Arguments) -> None:
    for flag, given, needed, there in (
        ("--watch", args.watch, "--to", args.to is not None),
        ("--mode", args.mode is not None, "--to", args.to is not None),
        ("--interval", args.interval is not None, "--watch", args.watch),
        ("--health", args.health is not None, "--watch", args.watch),
    ):
        if given and not there:
            raise Malformed(f"{flag} belongs to {needed}.", hint=f"See: {hints.PULL_HELP}")
    if args.force and args.to is not None:
        raise Malformed("--force is of no use with --to.", hint="What is published is replaced anyway.")
    if args.interval is not None and not _LEAST <= args.interval < 1e7:
        raise Malformed("--interval is at least 1.", hint="It is in seconds; 300 is the default.")


def _folder(path: str) -> str:
    import os

    if not path:
        raise Malformed("--to is empty.", hint="Give a directory.")
    return os.path.abspath(path)


def _once(args: Arguments, names: list[str], store: Store, published: Published) -> int:
    seen, changes = publish(store.records, names, published)
    failed = first_problem(seen, names, store)
    emit_unless_table(
        args,
        [{"name": change.name, "outcome": change.verb} for change in changes],
        list(seen.records),
    )
    for text in told(seen, changes, why=False):
        note(text)
    say_problems(seen, but=failed)
    if failed is not None:
        raise failed
    found = ", ".join(seen.records)
    note(f"to read {found}: export NUCLIA_PROFILES_PATH={quoted(published.current)}")
    return 0


def _follow(args: Arguments, names: list[str], store: Store, published: Published) -> int:
    def good() -> None:
        if args.health is not None:
            touch(args.health)

    watch = Watch(
        lambda: publish(store.records, names, published, listening=True),
        store.records,
        note,
        good,
        whole=bool(names),
    )
    try:
        watch.follow(args.interval or _INTERVAL)
    except Ended as end:
        if end.number != signal.SIGTERM:
            raise
        return 0


def _into_the_store(args: Arguments, names: list[str], store: Store) -> int:
    sources = sources_from(args)
    sources.writable()
    seen = look(store.records, names)
    failed = first_problem(seen, names, store)
    say_problems(seen, but=failed)
    if failed is not None and (names or not seen.records):
        raise failed
    taken = save(seen, sources, force=args.force)
    emit_unless_table(
        args, [{"name": one.name, "outcome": one.verb} for one in taken], [one.name for one in taken]
    )
    for one in taken:
        note(f"{one.verb} {one.name} ({one.definition.kind}, {one.definition.target})")
        for warning in one.definition.warnings:
            note(f"{one.name}: {warning}")
    if failed is not None:
        raise failed
    note(f"switch: {hints.use(taken[0].name)}")
    return 0
