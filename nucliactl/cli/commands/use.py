"""`nucliactl use`: switch, by name, to the previous one, or from a list."""

import sys
import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import pick
from nucliactl.cli.context import sources_from, warn_if_shadowed
from nucliactl.cli.output import emit_data, note
from nucliactl.errors import Malformed
from nucliactl.model.names import check_name
from nucliactl.profiles.switch import PREVIOUS, pin, switch
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl use handbook", "nucliactl use -", "nucliactl use handbook --here")
    made.add_argument("name", nargs="?", help="a profile, - for the previous one; none: pick one")
    made.add_argument("--here", action="store_true", help="for this directory: write .nuclia-profile")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name = _picked(sources) if args.name is None else args.name
    if args.here:
        path = pin(sources, name)
        if not sources.walks:
            note("project directories are turned off here (NUCLIACTL_PROJECT, --no-project): no effect now")
        note(f"{path} now names {name}; commit it, or add it to .gitignore")
        warn_if_shadowed(sources, name)
        emit_data(args, {"name": name, "path": path})
        return
    definition = switch(sources, name if name == PREVIOUS else check_name(name))
    emit_data(args, {"name": definition.name, "kind": definition.kind, "source": str(definition.source)})
    note(f"now using {definition.name} ({definition.kind}, {definition.target})")
    if end := near_end(definition, time.time()):
        note(end)
    warn_if_shadowed(sources, definition.name)


def _picked(sources: Sources) -> str:
    names = sources.directories.names()
    if not names:
        raise Malformed("There is no profile to switch to.", hint=f"Log in: {hints.BOX}")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Malformed("use needs a name here.", hint=hints.use(names[0]))
    current = sources.active().current
    return pick("Switch to", [(n, "current" if n == current else "") for n in names])
