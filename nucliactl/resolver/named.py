"""Profiles that somebody named (ranks 1 and 2)."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Ambiguous, NucliactlError, UnknownProfile
from nucliactl.model.names import OFFICIAL, check_name, shown, split_names
from nucliactl.model.source import Source
from nucliactl.resolver.result import Choice, Query, Row
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import Environment
from nucliactl.sources.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nucliactl.model.profile import Definition
    from nucliactl.model.words import KindName
    from nucliactl.resolver.result import Judging, RankLabel
    from nucliactl.sources.directory import Directory


def named(
    rank: RankLabel,
    text: str,
    source: Source,
    sources: Sources,
    query: Query,
    *,
    strict: bool,
    said: str | None = None,
) -> Judging:
    """Choose among the profiles that a text names. `strict`: that none is of a fitting kind is an error.
    `said`: how an error calls what gave the text, where people do not call it as the source does."""
    where = said.capitalize() if said else source.location
    names = split_names(text, where)
    if len(names) == 1 and not query.kinds and not query.definition:
        name = names[0]
        if sources.reserved(name) is None and not name.startswith(OFFICIAL):
            if not sources.directories.has(name):
                raise unknown_profile(name, said or str(source), sources)
            yield Row(rank, source, name, "chosen")
            return Choice(rank, name, source, None, names)
    found: list[Definition] = []
    for name in names:
        definition = _load_named(name, where, said or str(source), sources, query)
        if definition is None:
            yield Row(rank, source, name, "other kind")
        else:
            found.append(definition)
    if not query.kinds:
        of_each_kind(found, where)
    chosen = first_fitting(found, query)
    yield from rows_of(rank, source, found, chosen, query)
    if chosen is not None:
        return Choice(rank, chosen.name, source, chosen, names)
    if strict:
        raise _none_fits(names, found, where, query)
    return None


def rows_of(
    rank: RankLabel, source: Source, found: Sequence[Definition], chosen: Definition | None, query: Query
) -> Iterator[Row]:
    """Tell what became of each profile of a selection."""
    for definition in found:
        outcome = query.outcome(definition.kind, definition is chosen)
        reason = f"is of kind {definition.kind}" if outcome == "other kind" else ""
        yield Row(rank, source, definition.name, outcome, reason)


def first_fitting(found: Sequence[Definition], query: Query) -> Definition | None:
    """The first of the kind asked for first; without a kind, the first."""
    kinds = query.kinds or tuple(definition.kind for definition in found[:1])
    return next((definition for kind in kinds for definition in found if definition.kind == kind), None)


def _none_fits(names: tuple[str, ...], found: list[Definition], where: str, query: Query) -> UnknownProfile:
    said = " and ".join(f"{d.name} ({d.kind})" for d in found) or " and ".join(names)
    wanted = " or ".join(query.kinds)
    hint = f"Name one of kind {wanted}: {hints.list_kind(query.kinds[0])}"
    if where.isupper():
        hint = f"Add one: {where}={','.join(names)},NAME"
    return UnknownProfile(f"{where} names {said}, but a profile of kind {wanted} is needed.", hint=hint)


def _load_named(name: str, where: str, said_by: str, sources: Sources, query: Query) -> Definition | None:
    """Return the definition a name stands for; None for an environment without the kinds asked."""
    environment = sources.reserved(name)
    if environment is not None:
        return _only_candidate(environment, where, query)
    if name.startswith(OFFICIAL):
        return _official_default(name, where, sources)
    return defined(name, said_by, sources)


def _official_default(name: str, where: str, sources: Sources) -> Definition:
    for entry in sources.official():
        if entry.default and name == OFFICIAL + entry.kind:
            if entry.definition is None:
                assert entry.problem is not None
                raise entry.problem
            return entry.definition
    raise UnknownProfile(
        f"{where} names {name}, but {sources.official_path} has no such default.",
        hint=f"See what it offers: {hints.LIST}",
    )


def _only_candidate(environment: Environment, where: str, query: Query) -> Definition | None:
    """The credential that the name `env` stands for."""
    from nucliactl.resolver.environment import fitting, one_of

    found = candidates(environment)
    fits = fitting(environment, found, query)
    if found and not fits:
        return None
    if not fits:
        raise UnknownProfile(
            f"{where} names {environment.name}, but {environment.label} holds no credential.",
            hint="Set one, for example NUCLIA_KB_URL and NUCLIA_API_KEY.",
        )
    return one_of(environment, fits, query)


def of_each_kind(found: Sequence[Definition], where: str) -> dict[KindName, str]:
    """Return the name of each kind in a selection. Raises Ambiguous where two are of one kind."""
    seen: dict[KindName, str] = {}
    for definition in found:
        if definition.kind in seen:
            first = seen[definition.kind]
            if first == definition.name:
                raise Ambiguous(f"{where} names {first} twice.", hint="Name it once.")
            raise Ambiguous(
                f"{where} names two profiles of kind {definition.kind}: {first} and {definition.name}.",
                hint="Name one of each kind.",
            )
        seen[definition.kind] = definition.name
    return seen


def gone_from(names: Sequence[str], said_by: str, sources: Sources) -> UnknownProfile | None:
    """Return the error for the first name of a stored selection that nobody defines any more, with what is
    left of the selection; None where all are there."""
    left = [name for name in names if sources.directories.has(name)]
    gone = [name for name in names if name not in left]
    if not gone:
        return None
    error = unknown_profile(gone[0], said_by, sources)
    if left:
        error.hint = f"Switch to what is left of {','.join(names)}: {hints.use(','.join(left))}"
    return error


def unknown_profile(name: str, said_by: str, sources: Sources) -> UnknownProfile:
    """Return the error for a name that nobody defines, with the nearest that exists."""
    from difflib import get_close_matches

    try:
        names = sources.directories.names()
    except NucliactlError:
        names = []
    if name in names:
        place = next(d.definition(name) for d in sources.directories.items if name in d.names())
        return UnknownProfile(
            f"There is no profile {shown(name)} ({said_by}): {place} leads nowhere.",
            hint="It is a link whose target is gone; remove it, or put the target back.",
        )
    if sources.no_store is not None:
        hint = f"It may be in the store. {sources.no_store.hint}"
        return UnknownProfile(
            f"There is no profile {name!r} ({said_by}) outside the store, and {sources.no_store.message}",
            hint=hint,
        )
    near = get_close_matches(name, names, 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    hint += f"List them: {hints.LIST}" if names else f"There are none yet: {hints.BOX}"
    return UnknownProfile(f"There is no profile {shown(name)} ({said_by}).", hint=hint)


def defined(name: str, said_by: str, sources: Sources) -> Definition:
    """Return the definition of a name in the profile directories; UnknownProfile if none does."""
    definition = sources.directories.load(name)
    if definition is None:
        raise unknown_profile(name, said_by, sources)
    return definition


def directory_of(name: str, sources: Sources) -> Directory:
    """Return the directory that defines a name; UnknownProfile if none does."""
    found = sources.directories.find(check_name(name))
    if found is None:
        raise unknown_profile(name, "to look at", sources)
    return found


def named_definition(name: str, sources: Sources) -> Definition:
    """Return the definition of a name that is stored, or of an official default (`nuclia:kb`).

    Raises UnknownProfile, Damaged or Refused."""
    if name.startswith(OFFICIAL):
        return _official_default(name, "This command", sources)
    return defined(check_name(name), "to look at", sources)
