"""`nucliactl use`: switch, by name, by account, to the previous selection, or from a list."""

from __future__ import annotations

import time

from nucliactl import hints
from nucliactl.cli.context import sources_from, warn_if_shadowed
from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_data, note
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.model.short import short_targets
from nucliactl.profiles.selection import Selection, selection_of, selection_of_account
from nucliactl.profiles.switch import PREVIOUS, clear, switch, switch_to
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.cli.arguments import Parser


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import new_parser

    made = new_parser(
        path,
        "nucliactl use handbook",
        "nucliactl use handbook,sam",
        "nucliactl use -",
        "nucliactl use handbook --here",
        "nucliactl use --unset",
    )
    made.add_argument(
        "selection",
        nargs="?",
        metavar="name",
        help="a profile, or several of different kinds (A,B); - for the previous; none: pick one",
    )
    made.add_argument("--account", metavar="SLUG", help="one of each kind that this account has (slug or id)")
    made.add_argument("--here", action="store_true", help="for this directory: write .nuclia-profile")
    made.add_argument("--unset", action="store_true", help="switch to none; with --here: remove the file")
    return made


def run(args: Arguments) -> None:
    if args.profile is not None:  # it means the same as a name
        if args.selection not in (None, args.profile):
            raise Malformed(
                "Two profiles are named, and one is meant.", hint="Leave out --profile, or the name."
            )
        args.selection = args.profile
    given = [args.selection is not None, args.account is not None, args.unset]
    if sum(given) > 1:
        raise Malformed("A name, --account and --unset exclude each other.", hint="Give one of them.")
    sources = sources_from(args)
    if args.unset:
        (_unpin if args.here else _clear)(args, sources)
    elif args.here:
        _pin(args, sources)
    else:
        _switch(args, sources)


def _switch(args: Arguments, sources: Sources) -> None:
    if args.account is not None:
        selection = _of_account(args, sources)
        switch_to(sources, selection)
    else:
        selection = switch(sources, _picked(sources) if args.selection is None else args.selection)
    first = selection.definitions[0]
    shape = {"name": first.name, "kind": first.kind, "source": str(first.source)}
    emit_data(args, shape | _names(selection))
    targets = short_targets([d.target for d in selection.definitions])
    found = zip(selection.definitions, targets, strict=True)
    said = " and ".join(f"{d.name} ({d.kind}, {target})" for d, target in found)
    note(f"now using {said}")
    for definition in selection.definitions:
        if end := near_end(definition, time.time()):
            note(end)
    warn_if_shadowed(sources, selection.text)


def _pin(args: Arguments, sources: Sources) -> None:
    if args.selection == PREVIOUS:
        raise Malformed("--here needs a name.", hint=hints.PIN)
    if args.account is not None:
        selection = _of_account(args, sources)
    else:
        names = _picked(sources) if args.selection is None else args.selection
        selection = selection_of(sources, names, "to pin")
    from nucliactl.profiles.pin import pin

    path = pin(selection)
    _say_where_off(sources)
    note(f"{path} now names {selection.text}; commit it, or add it to .gitignore")
    warn_if_shadowed(sources, selection.text)
    emit_data(args, {"name": selection.text, "path": path} | _names(selection))


def _clear(args: Arguments, sources: Sources) -> None:
    before = clear(sources)
    was = f" (it was {before}); to go back: {hints.USE_PREVIOUS}" if before else ""
    note(f"no profile is current now{was}")
    warn_if_shadowed(sources, "")
    emit_data(args, {"name": None, "previous": before})


def _unpin(args: Arguments, sources: Sources) -> None:
    from nucliactl.profiles.pin import unpin

    path, before = unpin()
    project = sources.project() if before is None else None
    other = f"; here {project.pin.path} counts" if project and project.pin else ""
    note(f"{path} named {before}, and names nothing now" if before else f"there is no {path}{other}")
    emit_data(args, {"name": None, "path": path, "previous": before})


def _of_account(args: Arguments, sources: Sources) -> Selection:
    selection, problems = selection_of_account(sources, args.account)
    for problem in problems:
        note(problem.message)
    return selection


def _names(selection: Selection) -> dict[str, Any]:
    return {"names": list(selection.names)} if len(selection.names) > 1 else {}


def _say_where_off(sources: Sources) -> None:
    if not sources.walks:
        note("project directories are turned off here (NUCLIACTL_PROJECT, --no-project): no effect now")


def _picked(sources: Sources) -> str:
    from nucliactl.cli.choosing import Options, check_askable, choose

    names = sources.directories.names()
    if not names:
        raise Malformed("There is no profile to switch to.", hint=f"Log in: {hints.BOX}")
    check_askable("use needs a name", hints.use(names[0]))
    current = sources.active().names
    return choose("use", Options(names, lambda name: _remarks(sources, name), current))


def _remarks(sources: Sources, name: str) -> tuple[str, str, str]:
    try:
        definition = sources.directories.load(name)
    except NucliactlError:
        definition = None
    if definition is None:
        return "cannot be read", "", ""
    title = definition.get("title") or definition.get("description") or definition.target
    return definition.kind, title, definition.account_slug or definition.account or ""
