"""`nucliactl auth default_nua | default_kb | default_agent`: switch by the id the service knows."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from, warn_if_shadowed
from nucliactl.cli.output import emit_data, note
from nucliactl.listing import by_id
from nucliactl.profiles.switch import switch

_IDS = {
    "nua": ("client id", "CLIENT_ID"),
    "kb": ("Knowledge Box id", "KBID"),
    "agent": ("agent's id", "AGENT_ID"),
}


def parser(path: tuple[str, ...]) -> Parser:
    kind = path[-1].removeprefix("default_")
    what, word = _IDS[kind]
    made = new_parser(path, f"nucliactl auth {path[-1]} {word}")
    made.add_argument("id", metavar=word, help=f"the {what}, or the profile's name")
    made.set_defaults(kind=kind)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    (definition,) = switch(sources, by_id(sources, args.kind, args.id).name).definitions
    emit_data(args, {"name": definition.name, "kind": definition.kind})
    note(f"now using {definition.name} ({definition.kind}, {definition.target})")
    warn_if_shadowed(sources, definition.name)
