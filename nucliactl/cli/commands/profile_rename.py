"""`nucliactl profile rename`: another name, in everything that refers to the profile."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import profile_and_new, sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.profiles.edit import rename


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile rename handbook acme-handbook")
    made.intermixed = True
    made.add_argument("old", nargs="?", help="the profile")
    made.add_argument("new", nargs="?", help="its new name")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    old, new = profile_and_new(args)
    changed = rename(sources.writable(), old, new)
    note(f"{old} is now {new}")
    emit_data(args, shapes.changed(changed))
    for name in changed.dependants:
        note(f"{name} refers to it, and was changed with it")
