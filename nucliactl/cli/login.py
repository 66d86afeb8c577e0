"""What the login commands share: flags, validation, saving, and what is reported afterwards."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser
from nucliactl.cli.ask import confirm
from nucliactl.cli.context import sources_from, warn_if_shadowed
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.cli.progress import ask
from nucliactl.errors import NucliactlError, Rejected, Unreachable
from nucliactl.login.draft import Draft, validate
from nucliactl.login.keeping import check_keeping
from nucliactl.login.replacing import replaced_session
from nucliactl.login.save import Activate, Saved, save
from nucliactl.model.recognise import wrong_door
from nucliactl.model.ways import STORES
from nucliactl.model.words import KindName
from nucliactl.service.check import Identity


def add_name_flags(parser: Parser) -> None:
    parser.add_argument("--name", metavar="NAME", help="the new profile's name")
    add_place_flags(parser)


def add_place_flags(parser: Parser) -> None:
    parser.add_argument("--force", action="store_true", help="replace a profile of that name")
    place = "where its secret is kept (default: as the profile or config.toml says, else file)"
    parser.add_argument("--storage", choices=STORES, help=place)


def add_login_flags(parser: Parser) -> None:
    add_name_flags(parser)
    parser.add_argument("--no-validate", action="store_true", help="save without asking the service")


def check_first(args: Arguments, kind: KindName) -> None:
    """Raise what would keep a secret from being kept, before a person is asked for it."""
    check_keeping(sources_from(args), kind, name=args.name, storage=args.storage)


def finish_login(args: Arguments, made: Draft) -> None:
    """Validate a draft, save it, make it current, and say so. Nothing is saved if it is not valid."""
    if args.profile is not None:
        note("--profile names the profile that is used, and a login uses none; --name names the new one")
    sources = sources_from(args)
    sources.writable()
    found = Identity()
    if not args.no_validate:
        try:
            found = ask(validate(made, sources), "asking the service")
        except NucliactlError as error:
            error.hint = _hint(error, made)
            raise
    if session := replaced_session(sources, made, found, name=args.name, force=args.force):
        note(f"{session} has a session that renews itself; a token that does not takes its place")
        confirm(args, "Replace it?")
    say_saved(args, saved_as(args, made, found))


def saved_as(args: Arguments, made: Draft, found: Identity) -> Saved:
    """Save a draft under the name the command line gives, and make it current."""
    now = int(time.time())
    return save(
        sources_from(args), made, found, name=args.name, force=args.force, now=now, storage=args.storage
    )


def say_saved(
    args: Arguments, saved: Saved, *, signed_in: bool = False, activate: Activate = "always"
) -> None:
    """Say what saving did, and what else a person should know of it."""
    sources = sources_from(args)
    for key in saved.removed:
        place = sources.writable().definition(saved.name)
        note(f"took {key} out of {place}: the new login replaces it")
    for path in saved.kept:
        note(f"what could not be understood is kept as {path}")
    note_left(saved.left)
    verb = "saved as" if saved.created else "updated"
    title = f" ({saved.title})" if saved.title else ""
    checked = " without asking the service (--no-validate)" if args.no_validate else ""
    if signed_in:
        note(f"Logged in as {saved.title or 'somebody'}; profile {saved.name} is active")
    elif activate == "never":
        note(f"{verb} {saved.name}{title}{checked}")
    else:
        note(f"{verb} {saved.name}{title}{checked}; it is now the current profile")
    emit_data(args, {"name": saved.name, "kind": saved.kind, "created": saved.created})
    if activate != "never":
        warn_if_shadowed(sources, saved.name)


def _hint(error: NucliactlError, made: Draft) -> str:
    if isinstance(error, Rejected) and made.secret is None:
        return f"Nothing was saved. It needs an API key: {hints.box(made.definition.get('url') or 'URL')}"
    if made.secret is not None and not isinstance(error, Unreachable):  # that says nothing about a key
        door = wrong_door(made.kind, made.secret.reveal(), error.message)
        if door:
            return f"Nothing was saved. {door}"
    if isinstance(error, Rejected):
        return "Nothing was saved. Copy the key again; --no-validate would save it anyway."
    return f"Nothing was saved. {error.hint or 'Check the address.'}"
