"""`nucliactl auth status`: does the service accept the credential?"""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import active_definition, sources_from, stated_profile
from nucliactl.cli.output import emit_flowing, emit_unless_table, iso, note
from nucliactl.cli.progress import ask
from nucliactl.errors import LoginNeeded, Malformed
from nucliactl.listing import all_definitions
from nucliactl.model.ending import seconds_in
from nucliactl.model.short import short_targets
from nucliactl.service.status import Status, ending, exit_code_of_all, statuses


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl auth status",
        "nucliactl auth status handbook",
        "nucliactl auth status --all",
        "nucliactl auth status --expires-within 7d",
    )
    add_profile_argument(made)
    made.add_argument("--all", action="store_true", help="every profile, at once")
    made.add_argument(
        "--expires-within",
        metavar="TIME",
        help="exit 4 and name each profile whose credential ends within days or hours (7d, 12h), without "
        "asking the service: every profile, or the one named",
    )
    return made


def run(args: Arguments) -> int:
    sources, now = sources_from(args), time.time()
    if args.all and args.named is not None:
        raise Malformed("--all and a name exclude each other.", hint=hints.STATUS.format(args.named))
    within = None if args.expires_within is None else seconds_in(args.expires_within, "--expires-within")
    every = args.all or (within is not None and stated_profile(args) is None)
    definitions, problems = all_definitions(sources) if every else ([active_definition(sources)], [])
    if within is None:
        found = ask(statuses(definitions, sources, now), "asking the service")
    else:
        found, unread = ending(definitions, sources, now, within)
        problems += unread
    for problem in problems:
        note(problem.message)
    if emit_unless_table(args, [_json(status) for status in found], [s.name for s in found]) and found:
        _print(args, found, now)
    for status in found:
        if status.hint:
            note(status.hint if status.name in status.hint else f"{status.name}: {status.hint}")
    if within is not None:
        return LoginNeeded.exit_code if found else 0
    return exit_code_of_all(found) if args.all else found[0].code


def _print(args: Arguments, found: list[Status], now: float) -> None:
    from nucliactl.text_table import Column, end_cell

    columns = (
        Column("NAME"),
        Column("KIND"),
        Column("STATE", always=True),
        Column("EXPIRES", told=True),
        Column("TARGET"),
        Column("DETAIL", least=20),
    )
    targets = [status.target for status in found]
    rows = [
        (s.name, s.kind, s.state, end_cell(s.life, now), target, s.detail)
        for s, target in zip(found, targets if args.wide else short_targets(targets), strict=True)
    ]
    emit_flowing(args, rows, columns)


def _json(status: Status) -> dict[str, object]:
    return {
        "name": status.name,
        "kind": status.kind,
        "state": status.state,
        "target": status.target,
        "expires_at": iso(status.life.ends),
        "detail": status.detail,
        "hint": status.hint,
    }
