"""What commands share: the sources under this command line, and the active profile."""

from __future__ import annotations

import os

from nucliactl import hints
from nucliactl.cli.flags import FORMATS, Arguments
from nucliactl.cli.output import note
from nucliactl.disk.modes import notice
from nucliactl.errors import Damaged, LoginNeeded, Malformed
from nucliactl.model.names import names_in
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Choice, Query
from nucliactl.sources.sources import Flags, Sources, sources_of, working_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.credentials.contract import Provider
    from nucliactl.http.client import Connection
    from nucliactl.model.profile import Definition
    from nucliactl.model.words import KindName


def flags_from(args: Arguments) -> Flags:
    places = (stated_profile(args), args.config_dir, args.profiles_dir, args.env_file)
    said = None if args.named is None else "the argument"
    return Flags(*places, project=not args.no_project, verbose=args.verbose, said=said)


def sources_from(args: Arguments) -> Sources:
    """Return the sources under the command line's flags: one for the whole command."""
    if args.sources is None:
        args.sources = sources_of(os.environ, flags_from(args), working_directory())
        if text := notice(args.sources.files.look):
            note(text)
    sources: Sources = args.sources
    return sources


def stated_profile(args: Arguments) -> str | None:
    """Return the profile that a command line names: as an argument or with --profile, which mean the same."""
    names: set[str] = {name for name in (args.named, args.profile) if name is not None}
    if len(names) > 1:
        raise Malformed("Two profiles are named, and one is meant.", hint="Leave out --profile, or the name.")
    return next(iter(names), None)


def the_profile(args: Arguments) -> str:
    """Return the profile that a command line names, which it has to. Raises Malformed."""
    name = stated_profile(args)
    if name is None:
        raise Malformed("Which profile?", hint=f"List them: {hints.LIST}")
    return name


def profile_and_rest(args: Arguments, words: list[str]) -> tuple[str, list[str]]:
    """Return the profile that a command works on, named with --profile or as the first of its words, and the
    rest of these. Raises Malformed where no profile is named."""
    if args.profile is not None:
        return args.profile, words[words[:1] == [args.profile] :]
    if not words:
        raise Malformed("Which profile?", hint=f"List them: {hints.LIST}")
    return words[0], words[1:]


def profile_and_new(args: Arguments) -> tuple[str, str]:
    """Return the profile that a command works on, and the new name it gives. Raises Malformed."""
    name, rest = profile_and_rest(args, [word for word in (args.old, args.new) if word is not None])
    if len(rest) != 1:
        raise Malformed("A profile and a new name are needed.", hint=hints.RENAME)
    return name, rest[0]


def stored_format(args: Arguments) -> str:
    """Return the output format that config.toml states, or a table."""
    found = FORMATS[0]
    for path, settings in sources_from(args).config(("output",)).files:
        found = settings.get("output", found)
        if found not in FORMATS:
            from nucliactl.store.lines import place_of

            hint = f"Use one of {', '.join(FORMATS)}."
            raise Damaged(f"{place_of(path, 'output')}: output is not an output format.", hint=hint)
    return found


def chosen(sources: Sources, query: Query = Query()) -> Choice:
    """Return the active profile and say on stderr what a person should know of the choice."""
    resolution = resolve(sources, query)
    choice = resolution.require()
    if sources.flags.verbose:
        note(f"using {choice.name}, chosen by {choice.source}")
    for text in resolution.notices:
        note(text)
    for text in choice.definition.told if choice.definition else ():
        note(text)
    return choice


def active_definition(sources: Sources, kinds: tuple[KindName, ...] = ()) -> Definition:
    definition = chosen(sources, Query(kinds)).definition
    assert definition is not None
    return definition


def active_connection(args: Arguments, kinds: tuple[KindName, ...] | None = None) -> Connection:
    """Return the connection of the active profile of some kinds: of the signed-in user's, where none
    are given."""
    from nucliactl.model.kinds import SIGNED_IN
    from nucliactl.service.connect import connection_of

    sources = sources_from(args)
    kinds = SIGNED_IN if kinds is None else kinds
    choice = chosen(sources, Query(kinds))
    assert choice.definition is not None
    return connection_of(_signed_in(choice, choice.definition, kinds, sources), sources)


def _signed_in(
    choice: Choice, definition: Definition, kinds: tuple[KindName, ...], sources: Sources
) -> Definition:
    """Return the definition of a choice; where that is a user who is signed out, and whose profile nobody
    named, that of the next kind."""
    from nucliactl.model.kinds import USER

    others = tuple(kind for kind in kinds if kind != USER.name)
    if definition.kind != USER.name or choice.rank != "5" or choice.names:
        return definition
    from nucliactl.store.sessions import stored_credential

    try:
        stored_credential(definition, sources.files.read)
    except LoginNeeded:
        other = resolve(sources, Query(others)).choice if others else None
        if other and other.definition:
            note(f"{definition.name} is signed out; using {other.name}")
            return other.definition
    return definition


def provider_of(definition: Definition, sources: Sources) -> Provider | None:
    """Return what opens the secret of a profile; nothing that speaks HTTP is imported for it."""
    from nucliactl.layers import seconds_of
    from nucliactl.service import providers

    return providers.provider_of(definition, os.environ, lambda: seconds_of(definition, sources))


def session_definition(sources: Sources, *others: KindName) -> Definition:
    """Return the signed-in user whose session other profiles may use, or a profile of `others`: the one
    --profile names, or the active one. Raises LoginNeeded for a user whose session is not in the store."""
    from nucliactl.model.kinds import USER

    definition = active_definition(sources, (USER.name, *others))
    if definition.kind == USER.name and not definition.secret.kept:
        message = f"{definition.name!r} has no session that another profile could use."
        raise LoginNeeded(message, hint=f"Log in: {hints.LOG_IN}")
    return definition


def warn_if_shadowed(sources: Sources, saved: str) -> None:
    """Say which other source still wins here over the selection just made current (none: "")."""
    from nucliactl.resolver.shadow import shadow_notice

    for name in names_in(saved):
        nearest = sources.directories.find(name)
        stored = any(d.store is not None and d.has(name) for d in sources.directories.items)
        if nearest is not None and nearest.source_kind == "flag" and stored:
            note(f"here the {name} of {nearest.path} still wins over the store's: leave out --profiles-dir")
    if text := shadow_notice(sources, saved):
        note(text)
