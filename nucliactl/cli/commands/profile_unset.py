"""`nucliactl profile unset`: take keys out of a definition."""

from nucliactl import hints
from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import profile_and_rest, sources_from
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.errors import Malformed
from nucliactl.profiles.edit import set_keys


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile unset handbook account")
    made.intermixed = True
    made.add_argument("name", nargs="?", help="the profile")
    made.add_argument("keys", nargs="*", metavar="KEY", help="the keys")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name, keys = profile_and_rest(args, [*filter(None, (args.name,)), *args.keys])
    if not keys:
        raise Malformed("profile unset takes the keys to take out.", hint=f"See: {hints.UNSET}")
    changed = set_keys(sources, name, {}, tuple(keys))
    note(f"changed {name} ({changed.where})")
    note_left(changed.left)
    emit_data(args, shapes.changed(changed))
