"""`nucliactl profile delete`: the definition and the secret go."""

from contextlib import suppress

from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import sources_from, the_profile
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.errors import NucliactlError
from nucliactl.model.kinds import KINDS
from nucliactl.model.names import check_name
from nucliactl.profiles.edit import check_deletable, delete, stored
from nucliactl.store.definitions import linked_to
from nucliactl.store.layout import Store


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile delete catalogue")
    add_profile_argument(made, default=None)
    made.add_argument(
        "--force", action="store_true", help="even while others refer to it, or the keyring cannot be asked"
    )
    add_yes_flag(made)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    store = sources.writable()
    active = sources.active()
    name = check_name(the_profile(args))
    outside = linked_to(store.definition(name))
    check_deletable(store, name, force=args.force)
    confirm(args, f"Delete {_described(store, name)}?")
    referring, left = delete(store, name, force=args.force)
    others = ", ".join(active.renamed(name, None).names)
    now = f"now using {others}" if others else "there is no current profile now"
    note(f"deleted {name}" + (f"; {now}" if name in active.names else ""))
    if outside:
        note(f"its definition was a link; {outside} stays")
    note_left(left)
    emit_data(args, {"name": name, "dependants": list(referring)})
    for other in referring:
        note(f"{other} referred to it and is now incomplete")


def _described(store: Store, name: str) -> str:
    with suppress(NucliactlError):  # a damaged one can be deleted, too
        found = stored(store, name)
        declared = KINDS[found.kind].secret
        secret = f" and its {declared.summary}" if declared and found.secret.kept else ""
        return f"{name} ({found.kind}, {found.target}){secret}"
    return name
