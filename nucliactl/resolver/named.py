"""Profiles that somebody named (ranks 1 and 2)."""

from collections.abc import Iterator

from nucliactl.errors import Ambiguous, NucliactlError, UnknownProfile
from nucliactl.model.profile import Definition, Source
from nucliactl.resolver.answer import CHOSEN, NOT_REACHED, OTHER_KIND, Choice, Query, Row, Stop
from nucliactl.resolver.environment import fitting, one_of
from nucliactl.sources.environ import offers
from nucliactl.sources.variables import Environment
from nucliactl.sources.world import World


def named(
    rank: str, names: tuple[str, ...], source: Source, world: World, query: Query, *, strict: bool
) -> Iterator[Row]:
    """Choose among named profiles. `strict`: that none is of a fitting kind is an error."""
    if len(names) == 1 and not query.kinds and not query.definition:
        name = names[0]
        if world.reserved(name) is None and world.directories.find(name) is None:
            raise unknown_profile(name, str(source), world)
        if world.reserved(name) is None:
            yield Row(rank, source, name, CHOSEN)
            raise Stop(Choice(rank, name, source, None))
    found = [_load_named(name, source, world, query) for name in names]
    if not query.kinds:
        _no_two_of_a_kind(found, source)
    for kind in query.kinds or (found[0].kind,):
        for definition in found:
            if definition.kind == kind:
                for other in found:
                    outcome = CHOSEN if other is definition else NOT_REACHED
                    if query.kinds and other.kind not in query.kinds:
                        outcome = OTHER_KIND
                    yield Row(rank, source, other.name, outcome)
                raise Stop(Choice(rank, definition.name, source, definition))
    for definition in found:
        yield Row(rank, source, definition.name, OTHER_KIND, f"is of kind {definition.kind}")
    if strict:
        said = " and ".join(f"{d.name} ({d.kind})" for d in found)
        wanted = " or ".join(query.kinds)
        raise Stop(
            None,
            UnknownProfile(
                f"{source.location} names {said}, but a profile of kind {wanted} is needed.",
                hint=f"Add one: {source.location}={','.join(names)},NAME"
                if source.location.isupper()
                else f"Name one of kind {wanted}: nucliactl list --kind {query.kinds[0]}",
            ),
        )


def _load_named(name: str, source: Source, world: World, query: Query) -> Definition:
    environment = world.reserved(name)
    if environment is not None:
        return _only_offer(environment, source, query)
    definition = world.definitions(name)
    if definition is None:
        raise unknown_profile(name, str(source), world)
    return definition


def _only_offer(environment: Environment, source: Source, query: Query) -> Definition:
    """The credential that the name `env` stands for."""
    found = offers(environment)
    fits = fitting(environment, found, query) or found
    if not fits:
        raise UnknownProfile(
            f"{source.location} names {environment.name}, but {environment.label} holds no credential.",
            hint="Set one, for example NUCLIA_KB_URL and NUCLIA_API_KEY.",
        )
    return one_of(environment, fits, query)


def _no_two_of_a_kind(found: list[Definition], source: Source) -> None:
    seen: dict[str, str] = {}
    for definition in found:
        if definition.kind in seen:
            raise Ambiguous(
                f"{source.location} names two profiles of kind {definition.kind}: "
                f"{seen[definition.kind]} and {definition.name}.",
                hint="Name one of each kind.",
            )
        seen[definition.kind] = definition.name


def unknown_profile(name: str, said_by: str, world: World) -> UnknownProfile:
    """Return the error for a name that nobody defines, with the nearest that exists."""
    from difflib import get_close_matches

    try:
        names = world.directories.names()
    except NucliactlError:
        names = []
    near = get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    hint += "List them: nucliactl list" if names else "There are none yet: nucliactl auth kb URL"
    return UnknownProfile(f"There is no profile {name!r} ({said_by}).", hint=hint)
