"""What the login commands share: flags, validation, saving, and what is said afterwards."""

import os
import time

from nucliactl.cli.arguments import Arguments, Parser
from nucliactl.cli.context import sources, warn_if_shadowed
from nucliactl.cli.output import emit_json, note, output_format
from nucliactl.cli.progress import ask
from nucliactl.errors import NucliactlError, Rejected
from nucliactl.login.draft import Draft
from nucliactl.login.save import save
from nucliactl.login.validate import validate
from nucliactl.service.check import Found
from nucliactl.store.layout import writable


def add_login_flags(parser: Parser) -> None:
    parser.add_argument("--name", metavar="NAME", help="the new profile's name")
    parser.add_argument("--force", action="store_true", help="replace a profile of that name")
    parser.add_argument("--no-validate", action="store_true", help="save without asking the service")


def finish(args: Arguments, draft: Draft) -> int:
    """Validate a draft, save it, make it current, and say so. Nothing is saved if it is not valid."""
    if args.profile is not None:
        note("--profile names the profile that is used, and a login uses none; --name names the new one")
    world = sources(args)
    store = writable(world.store)
    found = Found()
    if not args.no_validate:
        try:
            found = ask(validate(draft, os.environ), "asking the service")
        except NucliactlError as error:
            error.hint = _hint(error, draft)
            raise
    saved = save(
        store,
        world.directories,
        draft,
        found,
        name=args.name,
        force=args.force,
        now=int(time.time()),
    )
    for key in saved.removed:
        note(f"took {key} out of {store.definition(saved.name)}: the new login replaces it")
    for path in saved.kept:
        note(f"what could not be understood is kept as {path}")
    verb = "saved as" if saved.created else "updated"
    title = f" ({found.title})" if found.title else ""
    checked = " without asking the service (--no-validate)" if args.no_validate else ""
    note(f"{verb} {saved.name}{title}{checked}; it is now the current profile")
    if output_format(args) == "json":
        emit_json({"name": saved.name, "kind": draft.kind, "created": saved.created})
    warn_if_shadowed(world, saved.name)
    return 0


def _hint(error: NucliactlError, draft: Draft) -> str:
    if isinstance(error, Rejected) and draft.secret is None:
        return "Nothing was saved. It needs an API key: give it on standard input, with - for it."
    if isinstance(error, Rejected):
        return "Nothing was saved. Copy the key again; --no-validate would save it all the same."
    return f"Nothing was saved. {error.hint or 'Check the address.'}"
