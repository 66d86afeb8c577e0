"""`nucliactl profile path`: where a definition is."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import sources_from, stated_profile
from nucliactl.cli.output import data, emit_data
from nucliactl.errors import LoginNeeded
from nucliactl.resolver.named import directory_of


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile path handbook")
    add_profile_argument(made, "the current one")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name = stated_profile(args)
    if name is None:
        name = next(iter(sources.active().names), None)
    if name is None:
        raise LoginNeeded("There is no current profile.", hint=hints.PATH)
    found = directory_of(name, sources).definition(name)
    if not emit_data(args, {"name": name, "path": found}):
        data(found)
