"""`nucliactl auth logout`: forget what the tool stored, keep the definition."""

import contextlib

from nucliactl import hints, text
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import sources_from, stated_profile
from nucliactl.cli.output import emit_data, note
from nucliactl.cli.progress import ask
from nucliactl.errors import LoginNeeded, Malformed, NucliactlError
from nucliactl.model.kinds import SIGNED_IN
from nucliactl.model.names import check_name
from nucliactl.model.profile import Definition
from nucliactl.profiles.forget import Forgotten, end, forget
from nucliactl.resolver.named import unknown_profile
from nucliactl.resolver.shadow import shadow_notice
from nucliactl.sources.sources import Sources
from nucliactl.store.credentials import credential_names
from nucliactl.store.layout import Store


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth logout handbook", "nucliactl auth logout --all")
    add_profile_argument(made, "the current one; of several, the signed-in user")
    made.add_argument("--all", action="store_true", help="every profile of the store")
    made.add_argument("--revoke", action="store_true", help="end the session at the server, too")
    add_yes_flag(made)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    store = sources.writable()
    name = stated_profile(args)
    if args.all and name is not None:
        raise Malformed("--all and a name exclude each other.")
    if args.all:
        names = credential_names(store)
        if names:
            confirm(args, f"Forget the secrets of {text.listed(names)}?")
    else:
        names = [_one(sources, store, name)]
    for one in names if args.revoke else ():
        _revoke(store, one, sources)
    done = forget(store, names)
    emit_data(args, [{"name": d.name, "removed": d.removed} for d in done])
    for forgotten in done:
        if forgotten.left is None:
            _say(forgotten, sources)
    for forgotten in done:
        if forgotten.left is not None:
            raise forgotten.left
    if not args.all and (shadow := shadow_notice(sources, names[0])):
        note(shadow)


def _revoke(store: Store, name: str, sources: Sources) -> None:
    """End a session at the server; what stands in the way is said, and the logout goes on."""
    try:
        if not ask(end(store, name, sources), "ending the session"):
            note(f"{name} has no session to end at the server")
    except NucliactlError as error:
        note(f"the session of {name} may live on at the server: {error.message}")


def _one(sources: Sources, store: Store, name: str | None) -> str:
    name = check_name(name) if name is not None else _active(sources)
    if name is None:
        raise LoginNeeded("There is no current profile.", hint=hints.LOG_OUT)
    if sources.directories.find(name) is None and name not in credential_names(store):
        raise unknown_profile(name, "to log out of", sources)
    return name


def _active(sources: Sources) -> str | None:
    """Return the current profile; of several, the signed-in user's, and say so before."""
    names = sources.active().names
    if len(names) < 2:
        return next(iter(names), None)
    kinds = {definition.kind: name for name in names if (definition := _readable(sources, name))}
    name = next((kinds[kind] for kind in SIGNED_IN if kind in kinds), names[0])
    others = ", ".join(other for other in names if other != name)
    note(f"several profiles are active; logging out of {name}, not of {others} (name it to do that)")
    return name


def _readable(sources: Sources, name: str) -> Definition | None:
    with contextlib.suppress(NucliactlError):  # a damaged one is not the one that is logged out of
        return sources.directories.load(name)
    return None


def _say(done: Forgotten, sources: Sources) -> None:
    definition = sources.directories.load(done.name)
    if done.removed:
        if definition is not None and not definition.secret.kept:
            storage = definition.secret.storage
            note(f"removed what was stored for {done.name}; its secret is {storage}, and stays")
        else:
            note(f"logged out of {done.name}; the profile stays, and needs a login to be used again")
    else:
        way = definition.secret.storage if definition else "none"
        where = {
            "inline": f"its secret is written in {definition.source.location if definition else ''}",
            "reference": "its secret is kept elsewhere",
            "none": "it has no secret",
        }.get(way, "nothing was stored")
        note(f"nothing to forget for {done.name}: {where}")
    if done.outside:
        note(f"its secret was kept in {done.outside}, outside the store, and stays there")
    for name in done.dependants:
        note(f"{name} used that session and needs it")
