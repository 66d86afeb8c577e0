"""`nucliactl profile import --from-nuclia`: profiles from the official client's file."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources_from
from nucliactl.cli.output import emit_json, note, output_format
from nucliactl.errors import Malformed, NotThere, NucliactlError
from nucliactl.login.draft import Draft
from nucliactl.login.save import save
from nucliactl.model.kinds import USER
from nucliactl.secret import header_value
from nucliactl.service.check import Identity
from nucliactl.sources.official import Entry
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    example = "nucliactl profile import --from-nuclia"
    made = new_parser(path, "make profiles of what the official client has stored", [example])
    made.add_argument("--from-nuclia", action="store_true", help="read ~/.nuclia/config")
    return made


def run(args: Arguments) -> int:
    if not args.from_nuclia:
        raise Malformed("profile import needs a source.", hint="nucliactl profile import --from-nuclia")
    sources = sources_from(args)
    entries = sources.official()
    if not entries:
        raise NotThere(
            f"There is nothing to import in {sources.official_path}.",
            hint="It is the official client's file; log in instead: nucliactl auth kb URL",
        )
    names = [name for entry in entries if (name := _imported(entry, sources))]
    if not names:
        raise NotThere(
            f"None of {len(entries)} in {sources.official_path} could be imported.",
            hint="Log in: nucliactl auth kb URL",
        )
    if output_format(args) == "json":
        emit_json([{"name": name} for name in names])
    count = f"{len(names)} of {len(entries)}"
    note(f"imported {count} from {sources.official_path}; switch: nucliactl use {names[0]}")
    return 0


def _imported(entry: Entry, sources: Sources) -> str | None:
    """Save one entry without asking the service; an access token comes without its refresh token,
    because the file cannot vouch that the two belong together."""
    if entry.definition is None:
        note(f"left out: {entry.problem.message if entry.problem else entry.kind}")
        return None
    store = sources.writable()
    drafted = Draft(entry.definition, entry.definition.secret.value)
    # A token there says nobody's name: the entry itself is the identity, so that it is updated in place.
    found = Identity(slug=entry.label, identity=entry.definition.name if entry.kind == USER.name else None)
    try:
        if drafted.secret is not None:
            header_value(drafted.secret, entry.definition.source.location)
        saved = save(store, sources.directories, drafted, found, now=int(time.time()), activate="never")
    except NucliactlError as error:
        note(f"left out: {error.message}")
        return None
    note(
        f"{'imported' if saved.created else 'updated'} {saved.name} ({entry.kind}, {entry.definition.target})"
    )
    return saved.name
