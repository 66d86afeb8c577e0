"""`nucliactl auth status`: does the service accept the credential?"""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.output import emit_table, emit_unless_table, iso, note
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed
from nucliactl.listing import all_definitions
from nucliactl.model.ending import in_words
from nucliactl.service.status import Status, exit_code_of_all, statuses


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path, "nucliactl auth status", "nucliactl auth status handbook", "nucliactl auth status --all"
    )
    add_profile_argument(made)
    made.add_argument("--all", action="store_true", help="every profile, at once")
    return made


def run(args: Arguments) -> int:
    sources = sources_from(args)
    if args.all and args.named is not None:
        raise Malformed("--all and a name exclude each other.", hint=hints.STATUS.format(args.named))
    definitions, problems = all_definitions(sources) if args.all else ([active_definition(sources)], [])
    for problem in problems:
        note(problem.message)
    now = time.time()
    found = ask(statuses(definitions, sources, now), "asking the service")
    if emit_unless_table(args, [_json(status) for status in found], [s.name for s in found]):
        rows = [(s.name, s.kind, s.state, in_words(s.expires_at, now), s.target, s.detail) for s in found]
        emit_table(args, rows, ("NAME", "KIND", "STATE", "EXPIRES", "TARGET", "DETAIL"))
    for status in found:
        if status.hint:
            note(f"{status.name}: {status.hint}")
    return exit_code_of_all(found) if args.all else found[0].code


def _json(status: Status) -> dict[str, object]:
    row = {key: value for key, value in status._asdict().items() if key not in ("code", "found")}
    return row | {"expires_at": iso(status.expires_at)}
