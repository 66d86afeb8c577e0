"""`nucliactl profile import`: profiles from a document, a `.env` or the official client's file."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import STDIN, bytes_from_stdin
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_data, emit_unless_table, note
from nucliactl.errors import Malformed, NotThere, NucliactlError
from nucliactl.profiles import reading_in
from nucliactl.profiles.importing import import_profile
from nucliactl.profiles.reading_in import Trusted, read_in
from nucliactl.profiles.taking_in import take_in
from nucliactl.sources.dotenv import given_file
from nucliactl.sources.official import Entry
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl profile import --from-nuclia",
        "nucliactl profile import handbook.toml",
        "nucliactl profile import - --name acme < acme.env",
    ]
    made = new_parser(path, *examples)
    made.add_argument(
        "file",
        nargs="?",
        metavar="FILE",
        help="what profile export printed, or a .env; - is standard input",
    )
    made.add_argument("--from-nuclia", action="store_true", help="read ~/.nuclia/config")
    made.add_argument("--name", metavar="NAME", help="the name of the one profile in it")
    made.add_argument("--force", action="store_true", help="replace profiles of those names")
    made.add_argument("--allow-commands", action="store_true", help="let its profiles run programs")
    return made


def run(args: Arguments) -> None:
    if args.from_nuclia and args.file is None:
        _from_nuclia(args)
        return
    if args.file is None or args.from_nuclia:
        what = "needs a source" if args.file is None else "takes a file or --from-nuclia, not both"
        raise Malformed(f"profile import {what}.", hint=f"{hints.IMPORT_FILE}   or: {hints.IMPORT}")
    sources = sources_from(args)
    if args.file == STDIN:
        place, data = reading_in.STDIN, bytes_from_stdin("document")
    else:
        place, data = given_file(args.file, "profile import", sources.files.read)
    trusted = Trusted(sources.allows, args.allow_commands)
    incoming = read_in(data, place, args.name, trusted)
    taken = take_in(sources, incoming, force=args.force, now=int(time.time()))
    names = [one.name for one in taken]
    emit_unless_table(args, [{"name": name} for name in names], names)
    for one in taken:
        note(f"{one.verb} {one.name} ({one.definition.kind}, {one.definition.target})")
        for warning in one.definition.warnings:
            note(f"{one.name}: {warning}")
        if one.login:
            note(f"{one.name} has no secret yet: {one.login}")
    note(f"switch: {hints.use(taken[0].name)}")


def _from_nuclia(args: Arguments) -> None:
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
