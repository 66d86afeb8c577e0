"""`nucliactl profile set`: set keys of a definition, checked before it is saved."""

from nucliactl import hints
from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import profile_and_rest, sources_from
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.errors import Malformed
from nucliactl.profiles.edit import set_keys


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl profile set handbook description='The handbook, read-only'",
        "nucliactl profile set handbook timeout 10",
    )
    made.intermixed = True
    made.add_argument("name", nargs="?", help="the profile")
    made.add_argument("pairs", nargs="*", metavar="KEY=VALUE", help="keys and values; or KEY VALUE")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name, pairs = profile_and_rest(args, [*filter(None, (args.name,)), *args.pairs])
    changed = set_keys(sources, name, _pairs(pairs))
    note(f"changed {name} ({changed.where})")
    note_left(changed.left)
    emit_data(args, shapes.changed(changed))
    if not changed.credential:
        note("its address changed; log in again, the stored secret belongs to the old one")
    for other in changed.dependants:
        note(f"{other} refers to it")


def _pairs(words: list[str]) -> dict[str, str]:
    if len(words) == 2 and "=" not in words[0]:
        return {words[0]: words[1]}
    if not words:
        raise Malformed("profile set takes KEY=VALUE.", hint=f"See: {hints.SET}")
    found = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise Malformed("profile set takes KEY=VALUE.", hint=f"See: {hints.SET}")
        found[key] = value
    return found
