"""`nucliactl profile copy`: a second profile like the first."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import profile_and_new, sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.profiles.edit import copy


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile copy handbook handbook-test")
    made.intermixed = True
    made.add_argument("old", nargs="?", help="the profile")
    made.add_argument("new", nargs="?", help="the copy's name")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    old, new = profile_and_new(args)
    changed = copy(sources.writable(), old, new)
    note(f"{new} is a copy of {old}")
    emit_data(args, shapes.changed(changed))
    if not changed.credential:
        note(f"{new} has no secret of its own yet and needs a login")
