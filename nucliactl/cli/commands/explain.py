"""`nucliactl explain`: every candidate, what became of it, and where each value is from."""

from typing import Any

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import data, emit_flowing, emit_unless_table, note
from nucliactl.errors import NucliactlError
from nucliactl.layers import Value, effective
from nucliactl.listing import listing_of, setting_warnings
from nucliactl.model.kinds import KINDS, asked_kinds
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query, Resolution
from nucliactl.store.sessions import stored_credential
from nucliactl.text_table import Column


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path, "nucliactl explain", "nucliactl explain handbook", "nucliactl explain --kind nua -o json"
    )
    add_profile_argument(made)
    made.add_argument("--kind", choices=tuple(KINDS), action="append", help="as resolve(kind=…)")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    found = resolve(sources, Query(asked_kinds(args.kind)), every_rank=True)
    error = found.error
    row, values = None, list[Value]()
    if found.choice is not None and found.choice.definition is not None:
        definition = found.choice.definition
        try:
            row = shapes.row(listing_of(definition, True, sources.files.read))
            stored_credential(definition, sources.files.read)  # raises where it cannot be used
            values = list(effective(definition, sources, explained=True).values())
        except NucliactlError as problem:
            error = problem
    names = [found.choice.name] if found.choice else []
    if emit_unless_table(args, _shape(found, row, values, error), names):
        _print(args, found, values, error)
    for warning in (*setting_warnings(sources), *sources.directories.look_through().nameless):
        note(warning.message)
    for one in (*sources.unread(), *sources.unread_in_project()):
        if args.output != "table" or not any(one.text in text for text in found.notices):
            note(one.text)


def _shape(
    found: Resolution, row: dict[str, Any] | None, values: list[Value], error: NucliactlError | None
) -> dict[str, Any]:
    return {
        "profile": row,
        "values": shapes.values(values),
        "candidates": [
            {"rank": r.rank, "source": str(r.source), "profile": r.profile, "outcome": r.outcome}
            for r in found.rows
        ],
        "exit_code": error.exit_code if error else 0,
        "error": error.message if error else None,
    }


def _print(args: Arguments, found: Resolution, values: list[Value], error: NucliactlError | None) -> None:
    if found.choice is not None:
        source = found.choice.source
        switched = f": you switched to it ({source.location})"
        why = switched if source.kind == "active" else f", chosen by {source}"
        data(f"{found.choice.name} is active{why}")
        if others := [name for name in found.choice.names if name != found.choice.name]:
            data(f"selected with it, for other kinds: {', '.join(others)}")
    if error is not None:
        data(f"resolve() would fail with exit code {error.exit_code}: {error.message}")
        if error.hint:
            data(f"  {error.hint}")
    print()
    rows = [(r.rank, str(r.source), r.profile or "-", r.outcome, r.reason) for r in found.rows]
    columns = (
        Column("RANK", always=True),
        Column("CANDIDATE", least=20, always=True),
        Column("PROFILE"),
        Column("OUTCOME", always=True),
        Column("WHY", least=20),
    )
    emit_flowing(args, rows, columns)
    if values:
        print()
        shapes.emit_values(args, values)
    for text in found.notices:
        note(text)
