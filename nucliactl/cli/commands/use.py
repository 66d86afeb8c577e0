"""`nucliactl use`: switch, by name, to the previous one, or from a list."""

import sys

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources, warn_if_shadowed
from nucliactl.cli.output import emit_json, note, output_format
from nucliactl.cli.prompt import pick
from nucliactl.errors import Malformed
from nucliactl.login.switch import PREVIOUS, switch
from nucliactl.model.names import check_name
from nucliactl.sources.world import World


def parser(path: tuple[str, ...]) -> Parser:
    examples = ["nucliactl use handbook", "nucliactl use -"]
    made = new_parser(path, "switch to another profile", examples)
    made.add_argument("name", nargs="?", help="a profile, - for the previous one; none: pick one")
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    name = args.name or _picked(world)
    definition = switch(world, name if name == PREVIOUS else check_name(name))
    if output_format(args) == "json":
        found = {"name": definition.name, "kind": definition.kind}
        emit_json({**found, "source": str(definition.source)})
    note(f"now using {definition.name} ({definition.kind}, {definition.target})")
    warn_if_shadowed(world, definition.name)
    return 0


def _picked(world: World) -> str:
    names = world.directories.names()
    if not names:
        raise Malformed("There is no profile to switch to.", hint="Log in: nucliactl auth kb URL")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Malformed("use needs a name here.", hint=f"nucliactl use {names[0]}")
    current = world.active().current
    return pick("Switch to", [(n, "current" if n == current else "") for n in names])
