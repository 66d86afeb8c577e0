"""`nucliactl list`: every profile, with kind, target, account, source and expiry."""

import time

from nucliactl import hints
from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_lines, emit_table, emit_unless_table, note
from nucliactl.errors import NucliactlError
from nucliactl.listing import Listed, list_names, list_profiles, listing_of
from nucliactl.model.accounts import of_account
from nucliactl.model.ending import in_words
from nucliactl.model.kinds import KINDS


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl list",
        "nucliactl list --kind kb -o json",
        "nucliactl list --account acme",
        "nucliactl list -o name",
        "nucliactl list --from vault://vault.example.com:8200/secret/nuclia",
    )
    made.add_argument("--kind", choices=tuple(KINDS), help="only this kind")
    made.add_argument("--account", metavar="SLUG", help="only this account (slug or id)")
    made.add_argument(
        "--from", dest="address", metavar="URL", help="those of a team's Redis or Vault; none of here"
    )
    return made


def run(args: Arguments) -> None:
    if args.output == "name" and (args.address, args.account, args.kind) == (None, None, None):
        names, problems = list_names(sources_from(args))
        _say(problems)
        emit_lines(names)
        return
    rows, problems = list_profiles(sources_from(args)) if args.address is None else _at_a_server(args)
    _say(problems)
    if args.account is not None:
        rows = of_account(rows, args.account)
    rows = [row for row in rows if args.kind in (None, row.kind)]
    if not emit_unless_table(args, [shapes.row(row) for row in rows], [row.name for row in rows]):
        return
    if rows:
        headers = ("", "NAME", "KIND", "TARGET", "ACCOUNT", "EXPIRES", "SOURCE")
        emit_table(args, [_cells(row) for row in rows], headers)
    elif args.address is not None and not (args.kind or args.account):
        note("there are no profiles at that address")
    elif args.kind or args.account:
        note(f"no profile has that kind and account; list them all: {hints.LIST}")
    else:
        note(f"there are no profiles yet; log in: {hints.BOX}, or try: {hints.SANDBOX}")


def _say(problems: list[NucliactlError]) -> None:
    for problem in problems:
        note(problem.message + (f" {problem.hint}" if problem.hint else ""))


def _at_a_server(args: Arguments) -> tuple[list[Listed], list[NucliactlError]]:
    from nucliactl.cli.fleet import say_problems, store_at
    from nucliactl.fleet.looking import look

    sources = sources_from(args)
    with store_at(args.address, "--from", sources) as store:
        seen = look(store.records, ())
        say_problems(seen)
    found = [record.definition for record in seen.records.values()]
    return [listing_of(one, False, sources.files.read) for one in found], [
        NucliactlError(text) for one in found for text in one.told
    ]


def _cells(row: Listed) -> tuple[str, ...]:
    expires = "login needed" if row.login_needed else in_words(row.expires_at, time.time())
    mark = "*" if row.active else ""
    return (mark, row.name, row.kind, row.target, row.account_slug or row.account or "-", expires, row.source)
