"""Which profile is active: the order over candidates, and why each other was not chosen.

Each rank is a generator of rows. It ends with a row `chosen`, with an error, or with neither, and
then the next rank is asked. Nothing here reads a secret, the clock or the network, or prints.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nucliactl.disk.reading import quoted
from nucliactl.errors import (
    Ambiguous,
    LoginNeeded,
    NothingConfigured,
    NucliactlError,
    UnknownProfile,
)
from nucliactl.model.names import split_names
from nucliactl.model.profile import Definition, Source
from nucliactl.sources.environ import Environment, Offer
from nucliactl.sources.world import World

CHOSEN, NOT_REACHED, ABSENT = "chosen", "not reached", "absent"
OTHER_KIND, INCOMPLETE, AMBIGUOUS, REFUSED = "other kind", "incomplete", "ambiguous", "refused"


class Row(NamedTuple):
    """One candidate and what became of it. `reason` is for people."""

    rank: str
    source: Source
    profile: str | None
    outcome: str
    reason: str = ""


class Choice(NamedTuple):
    """The winner. `source` says how it was chosen; `definition` is None only where nobody asked
    for it (no kind wanted, one name): `Resolution.definition()` then loads it."""

    rank: str
    name: str
    source: Source
    definition: Definition | None


class Query(NamedTuple):
    """What is wanted: `kinds` in order of preference (none: any), and whether the definition has
    to be read even if the choice does not need it."""

    kinds: tuple[str, ...] = ()
    definition: bool = True


class Resolution(NamedTuple):
    """The answer: a choice or an error, never both; every row; and what people should be told."""

    choice: Choice | None
    error: NucliactlError | None
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()

    def require(self) -> Choice:
        if self.choice is None:
            assert self.error is not None
            raise self.error
        return self.choice


class _Stop(Exception):
    """A rank decided: a choice or an error."""

    def __init__(self, choice: Choice | None, error: NucliactlError | None = None) -> None:
        super().__init__()
        self.choice, self.error = choice, error


def resolve(world: World, query: Query = Query(), *, every_rank: bool = False) -> Resolution:
    """Return the first candidate that exists, in the order of DESIGN section 4.

    With `every_rank`, the ranks behind the winner are listed too, as not reached. Errors of
    candidates are in the result, not raised.
    """
    rows: list[Row] = []
    choice: Choice | None = None
    error: NucliactlError | None = None
    for rank, generate in RANKS:
        if choice or error:
            if every_rank:
                rows.extend(_unreached(rank, world))
            continue
        try:
            for row in generate(world, query):
                rows.append(row)
        except _Stop as stop:
            choice, error = stop.choice, stop.error
        except NucliactlError as problem:
            error = problem
            rows.append(_error_row(rank, world, problem))
    if choice is None and error is None:
        error = _nothing(query)
    notices = _notices(world, choice) if choice else ()
    return Resolution(choice, error, tuple(rows), notices)


def _outcome(error: NucliactlError) -> str:
    if isinstance(error, LoginNeeded):
        return INCOMPLETE
    if isinstance(error, Ambiguous):
        return AMBIGUOUS
    return ABSENT if isinstance(error, UnknownProfile) else REFUSED


def _error_row(rank: str, world: World, error: NucliactlError) -> Row:
    source, profile = _where(rank, world)
    return Row(rank, source, profile, _outcome(error), error.message)


def _where(rank: str, world: World) -> tuple[Source, str | None]:
    """Return the source a rank speaks for and the name it says, without judging it."""
    if rank == "1":
        return Source("flag", "--profile"), world.flags.profile
    if rank == "2":
        return Source("env", "NUCLIA_PROFILE"), world.environment.names()
    if rank == "3":
        return Source("env", "-"), None
    try:
        current = world.active().current
    except NucliactlError:
        current = None
    return Source("active", world.store.active if world.store else "-"), current


def _unreached(rank: str, world: World) -> Iterator[Row]:
    if rank == "3":
        offers = world.environment.offers()
        for offer in offers:
            reason = offer.problem.message if offer.problem else ""
            yield Row(rank, offer.source("env"), world.environment.name, NOT_REACHED, reason)
        if offers:
            return
    source, profile = _where(rank, world)
    yield Row(rank, source, profile, NOT_REACHED if profile else ABSENT)


# -- ranks 1 and 2: names somebody gave ------------------------------------------------------------


def _flag(world: World, query: Query) -> Iterator[Row]:
    text, source = world.flags.profile, Source("flag", "--profile")
    if not text:
        yield Row("1", source, None, ABSENT)
        return
    yield from _named("1", split_names(text, "--profile"), source, world, query, strict=True)


def _variable(world: World, query: Query) -> Iterator[Row]:
    text, source = world.environment.names(), Source("env", "NUCLIA_PROFILE")
    if not text:
        yield Row("2", source, None, ABSENT)
        return
    yield from _named("2", split_names(text, "NUCLIA_PROFILE"), source, world, query, strict=True)


def _named(
    rank: str, names: tuple[str, ...], source: Source, world: World, query: Query, *, strict: bool
) -> Iterator[Row]:
    """Choose among named profiles. `strict`: that none is of a fitting kind is an error."""
    if len(names) == 1 and not query.kinds and not query.definition:
        name = names[0]
        if world.reserved(name) is None and world.directories.find(name) is None:
            raise unknown_profile(name, str(source), world)
        if world.reserved(name) is None:
            yield Row(rank, source, name, CHOSEN)
            raise _Stop(Choice(rank, name, source, None))
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
                raise _Stop(Choice(rank, definition.name, source, definition))
    for definition in found:
        yield Row(rank, source, definition.name, OTHER_KIND, f"is of kind {definition.kind}")
    if strict:
        said = " and ".join(f"{d.name} ({d.kind})" for d in found)
        wanted = " or ".join(query.kinds)
        raise _Stop(
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
    offers = environment.offers()
    fitting = _fitting(environment, offers, query) or offers
    if not fitting:
        raise UnknownProfile(
            f"{source.location} names {environment.name}, but {environment.label} holds no credential.",
            hint="Set one, for example NUCLIA_KB_URL and NUCLIA_API_KEY.",
        )
    return _one_of(environment, fitting, query)


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


# -- rank 3: a credential in the environment -------------------------------------------------------


def _environment(world: World, query: Query) -> Iterator[Row]:
    yield from _credentials("3", world.environment, query)


def _credentials(rank: str, environment: Environment, query: Query) -> Iterator[Row]:
    offers = environment.offers()
    if not offers:
        yield Row(rank, Source(environment.word, "-"), None, ABSENT)
        return
    fitting = _fitting(environment, offers, query)
    error: NucliactlError | None = None
    definition: Definition | None = None
    if fitting:
        try:
            definition = _one_of(environment, fitting, query)
        except NucliactlError as problem:
            error = problem
    for offer in offers:
        yield _offer_row(rank, environment, offer, offer in fitting, definition, error)
    if definition is not None:
        raise _Stop(Choice(rank, definition.name, definition.source, definition))
    if error is not None:
        raise _Stop(None, error)


def _offer_row(
    rank: str,
    environment: Environment,
    offer: Offer,
    fits: bool,
    chosen: Definition | None,
    error: NucliactlError | None,
) -> Row:
    source = offer.source(environment.word)
    if not fits:
        return Row(rank, source, environment.name, OTHER_KIND, f"is of kind {offer.kind}")
    if offer.problem is not None:
        outcome = _outcome(offer.problem)
        return Row(rank, source, environment.name, outcome, offer.problem.message)
    if offer.definition is chosen:
        return Row(rank, source, environment.name, CHOSEN)
    outcome = AMBIGUOUS if isinstance(error, Ambiguous) else NOT_REACHED
    return Row(rank, source, environment.name, outcome)


def _fitting(environment: Environment, offers: tuple[Offer, ...], query: Query) -> tuple[Offer, ...]:
    kinds = query.kinds
    if not kinds and (stated := environment.kind()):
        kinds = (stated,)
    return tuple(offer for offer in offers if not kinds or offer.kind in kinds)


def _one_of(environment: Environment, offers: tuple[Offer, ...], query: Query) -> Definition:
    """Return the one definition meant by several offers, or raise what stands in the way."""
    if query.kinds:
        offers = tuple(sorted(offers, key=lambda o: _position(o.kind, query.kinds)))[:1]
    for offer in offers:
        if offer.problem is not None:
            raise offer.problem
    if len(offers) > 1:
        said = " and ".join(f"{o.kind} ({', '.join(o.variables)})" for o in offers)
        raise Ambiguous(
            f"{environment.label.capitalize()} holds credentials of several kinds: {said}.",
            hint=f"Say which: NUCLIA_KIND={offers[0].kind}, or kind={offers[0].kind!r} in a program.",
        )
    assert offers[0].definition is not None
    return offers[0].definition


def _position(kind: str, kinds: tuple[str, ...]) -> int:
    return kinds.index(kind) if kind in kinds else len(kinds)


# -- rank 5: what was switched to ------------------------------------------------------------------


def _active(world: World, query: Query) -> Iterator[Row]:
    source = Source("active", world.store.active if world.store else "-")
    active = world.active()
    current = active.current
    definition: Definition | None = None
    if current is not None:
        if world.directories.find(current) is None:
            raise unknown_profile(current, "the current profile", world)
        if query.kinds or query.definition:
            definition = world.definitions(current)
        if definition is None or not query.kinds or definition.kind in query.kinds:
            yield Row("5", source, current, CHOSEN)
            raise _Stop(Choice("5", current, source, definition))
        yield Row("5", source, current, OTHER_KIND, f"is of kind {definition.kind}")
    elif not query.kinds:
        yield Row("5", source, None, ABSENT)
    for kind in query.kinds:
        yield from _of_kind(kind, active.last.get(kind), definition, source, world)


def _of_kind(
    kind: str, last: str | None, current: Definition | None, source: Source, world: World
) -> Iterator[Row]:
    """The profile last switched to of a kind, else the only one; never another account's."""
    if last and world.directories.find(last):
        found = world.definitions(last)
        if found and found.kind == kind and not _other_account(current, found):
            yield Row("5", source, last, CHOSEN, f"last of kind {kind}")
            raise _Stop(Choice("5", last, source, found))
    of_kind = [d for d in world.directories.all()[0] if d.kind == kind]
    if not of_kind:
        yield Row("5", source, None, ABSENT, f"no profile of kind {kind}")
        return
    if len(of_kind) == 1 and not _other_account(current, of_kind[0]):
        yield Row("5", source, of_kind[0].name, CHOSEN, f"the only one of kind {kind}")
        raise _Stop(Choice("5", of_kind[0].name, source, of_kind[0]))
    for definition in of_kind:
        reason = "of another account" if _other_account(current, definition) else ""
        yield Row("5", source, definition.name, AMBIGUOUS, reason)
    names = ", ".join(d.name + (f" (account {d.account})" if d.account else "") for d in of_kind)
    account = f" of account {current.account}" if current and current.account else ""
    raise _Stop(
        None,
        Ambiguous(
            f"No profile of kind {kind} goes with the current one"
            f"{f' ({current.name}{account})' if current else ''}; there are: {names}.",
            hint=f"Switch to one: nucliactl use {of_kind[0].name}, or name it: --profile NAME",
        ),
    )


def _other_account(current: Definition | None, other: Definition) -> bool:
    return bool(current and current.account and other.account and current.account != other.account)


# -- around the ranks ------------------------------------------------------------------------------

RANKS: tuple[tuple[str, Callable[[World, Query], Iterator[Row]]], ...] = (
    ("1", _flag),
    ("2", _variable),
    ("3", _environment),
    ("5", _active),
)


def _nothing(query: Query) -> NothingConfigured:
    what = f"profile of kind {' or '.join(query.kinds)}" if query.kinds else "profile"
    return NothingConfigured(
        f"There is no active {what}.",
        hint="Log in: nucliactl auth kb URL, or switch: nucliactl use NAME, or set NUCLIA_KB_URL and "
        "NUCLIA_API_KEY",
    )


def _notices(world: World, choice: Choice) -> tuple[str, ...]:
    """What a person should know of a choice: a named profile that beats credential variables."""
    if choice.rank != "2" or choice.name == world.environment.name:
        return ()
    variables = [v for offer in world.environment.offers() for v in offer.variables]
    if not variables:
        return ()
    return (
        f"using profile {choice.name} (NUCLIA_PROFILE); {', '.join(variables)} in the environment "
        f"{'is' if len(variables) == 1 else 'are'} not used",
    )


def shadow_notice(world: World, saved: str) -> str | None:
    """Say what still wins over the profile just made current, and how to change that."""
    found = resolve(world._replace(flags=world.flags._replace(profile=None)))
    if found.choice is not None and found.choice.rank == "5":
        return None
    if found.choice is not None and found.choice.rank == "2":
        if found.choice.name == saved:
            return None
        return f"here NUCLIA_PROFILE={found.choice.name} (environment) still wins: unset NUCLIA_PROFILE"
    variables = [v for offer in world.environment.offers() for v in offer.variables]
    if not variables:
        return None
    verb = "wins" if len(variables) == 1 else "win"
    names = ", ".join(variables)
    return f"here {names} (environment) still {verb}: unset {' '.join(quoted(v) for v in variables)}"
