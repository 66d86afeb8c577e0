"""`nucliactl profile import --from-nuclia`: profiles from the official client's file."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, note
from nucliactl.errors import Malformed, NotThere, NucliactlError
from nucliactl.profiles.importing import import_profile
from nucliactl.sources.official import Entry
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile import --from-nuclia")
    made.add_argument("--from-nuclia", action="store_true", help="read ~/.nuclia/config")
    return made


def run(args: Arguments) -> None:
    if not args.from_nuclia:
        raise Malformed("profile import needs a source.", hint=hints.IMPORT)
    sources = sources_from(args)
    entries = sources.official()
    if not entries:
        hint = f"It is the official client's file; log in instead: {hints.BOX}"
        raise NotThere(f"There is nothing to import in {sources.official_path}.", hint=hint)
    names = [name for entry in entries if (name := _imported(entry, sources))]
    if not names:
        message = f"None of {len(entries)} in {sources.official_path} could be imported."
        raise NotThere(message, hint=f"Log in: {hints.BOX}")
    emit_data(args, [{"name": name} for name in names])
    count = f"{len(names)} of {len(entries)}"
    note(f"imported {count} from {sources.official_path}; switch: {hints.use(names[0])}")


def _imported(entry: Entry, sources: Sources) -> str | None:
    try:
        if entry.definition is None:
            raise entry.problem or NucliactlError(entry.kind)
        saved = import_profile(entry.definition, entry.label, sources)
    except NucliactlError as error:
        note(f"left out: {error.message}")
        return None
    verb = "imported" if saved.created else "updated"
    note(f"{verb} {saved.name} ({entry.kind}, {entry.definition.target})")
    return saved.name
