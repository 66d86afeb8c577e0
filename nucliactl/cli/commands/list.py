"""`nucliactl list`: every profile, with kind, title, target, account and expiry."""

from __future__ import annotations

import time
from collections.abc import Callable

from nucliactl import hints
from nucliactl.cli import shapes
from nucliactl.cli.context import sources_from
from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_columns, emit_lines, emit_table, note
from nucliactl.errors import NucliactlError
from nucliactl.listed import Listed
from nucliactl.listing import list_names, list_profiles, listing_of
from nucliactl.model.accounts import of_account
from nucliactl.model.kinds import KINDS
from nucliactl.model.short import short_targets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.cli.arguments import Parser

_ORDERS: dict[str, Callable[[Listed], tuple[object, ...]]] = {
    "name": lambda row: (row.name,),
    "kind": lambda row: (row.kind, row.name),
    "account": lambda row: (
        not (row.account_slug or row.account),
        row.account_slug or row.account or "",
        row.name,
    ),
    "expires": lambda row: (row.expires_at is None or row.life.renews, row.expires_at or 0, row.name),
}
"""What `--sort` goes by; what is not known comes last."""


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import add_address_argument, new_parser

    made = new_parser(
        path,
        "nucliactl list",
        "nucliactl list --kind kb -o json",
        "nucliactl list --account acme",
        "nucliactl list --sort expires",
        "nucliactl list -o wide",
        "nucliactl list -o name",
        "nucliactl list --from vault://vault.example.com:8200/secret/nuclia",
    )
    made.add_argument("--kind", choices=tuple(KINDS), help="only this kind")
    made.add_argument("--account", metavar="SLUG", help="only this account (slug or id)")
    made.add_argument("--sort", choices=tuple(_ORDERS), help="the order of the rows")
    add_address_argument(made, "--from", "those of a team's Redis or Vault; none of here")
    return made


def run(args: Arguments) -> None:
    if args.output == "name" and (args.address, args.account, args.kind, args.sort) == (
        None,
        None,
        None,
        None,
    ):
        names, problems = list_names(sources_from(args))
        _say(problems)
        emit_lines(names)
        return
    now = time.time()
    rows, problems = list_profiles(sources_from(args), now) if args.address is None else _at_a_server(args)
    _say(problems)
    if args.account is not None:
        rows = of_account(rows, args.account)
    rows = [row for row in rows if args.kind in (None, row.kind)]
    if args.sort is not None:
        rows = sorted(rows, key=_ORDERS[args.sort])
    if args.output != "table":
        emit_columns(args, shapes.columns(rows), [row.name for row in rows])
    elif rows:
        _print(args, rows, now)
    elif args.address is not None:
        note("there are no such profiles at that address")
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


def _print(args: Arguments, rows: list[Listed], now: float) -> None:
    from nucliactl.text_table import Column, end_cell

    slugs = {row.account: row.account_slug for row in rows if row.account and row.account_slug}
    columns = (
        Column(""),
        Column("NAME"),
        Column("KIND", told=True),
        Column("TITLE", least=12, leaves=3),
        Column("TARGET", least=16, leaves=1, told=True),
        Column("ACCOUNT", leaves=2 if slugs else 5, told=True),  # ids are long and say little
        Column("EXPIRES", told=True),
        Column("SOURCE", leaves=4),
        Column("STORAGE", wide=True),
        Column("DESCRIPTION", wide=True),
    )
    full = [row.target for row in rows]
    targets = full if args.wide else short_targets(full)
    cells = [
        (
            "*" if row.active else "",
            row.name,
            row.kind,
            row.title or "-",
            target,
            row.account_slug or slugs.get(row.account or "") or row.account or "-",
            "login needed" if row.login_needed else end_cell(row.life, now),
            row.source if args.wide else row.source.partition(":")[0],
            row.storage,
            row.description or "-",
        )
        for row, target in zip(rows, targets, strict=True)
    ]
    emit_table(args, cells, columns)
