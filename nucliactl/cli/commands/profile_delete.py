"""`nucliactl profile delete`: the definition and the secret go."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.model.names import check_name
from nucliactl.profiles.edit import delete
from nucliactl.store.definitions import linked_to


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile delete catalogue")
    made.add_argument("name", help="the profile")
    made.add_argument(
        "--force", action="store_true", help="even while others refer to it, or the keyring cannot be asked"
    )
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    store = sources.writable()
    active = sources.active()
    outside = linked_to(store.definition(check_name(args.name)))
    referring, left = delete(store, args.name, force=args.force)
    others = ", ".join(active.renamed(args.name, None).names)
    now = f"now using {others}" if others else "there is no current profile now"
    note(f"deleted {args.name}" + (f"; {now}" if args.name in active.names else ""))
    if outside:
        note(f"its definition was a link; {outside} stays")
    note_left(left)
    emit_data(args, {"name": args.name, "dependants": list(referring)})
    for name in referring:
        note(f"{name} referred to it and is now incomplete")
