"""Which profile is active: the order over candidates, and why each other was not chosen.

Each rank is a generator of rows. It ends with a row `chosen`, with an error, or with neither, and
then the next rank is asked. Nothing here reads a secret, the clock or the network, or prints.
"""

from collections.abc import Callable, Iterator

from nucliactl.disk.reading import quoted
from nucliactl.errors import NothingConfigured, NucliactlError
from nucliactl.model.names import split_names
from nucliactl.model.profile import Source
from nucliactl.resolver.active import active
from nucliactl.resolver.answer import ABSENT, NOT_REACHED, Choice, Query, Resolution, Row, Stop, outcome_of
from nucliactl.resolver.environment import credentials
from nucliactl.resolver.named import named
from nucliactl.sources.environ import offers
from nucliactl.sources.world import World


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
        except Stop as stop:
            choice, error = stop.choice, stop.error
        except NucliactlError as problem:
            error = problem
            rows.append(_error_row(rank, world, problem))
    if choice is None and error is None:
        error = _nothing(query)
    notices = _notices(world, choice) if choice else ()
    return Resolution(choice, error, tuple(rows), notices)


def _error_row(rank: str, world: World, error: NucliactlError) -> Row:
    source, profile = _where(rank, world)
    return Row(rank, source, profile, outcome_of(error), error.message)


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
        found = offers(world.environment)
        for offer in found:
            reason = offer.problem.message if offer.problem else ""
            yield Row(rank, offer.source("env"), world.environment.name, NOT_REACHED, reason)
        if found:
            return
    source, profile = _where(rank, world)
    yield Row(rank, source, profile, NOT_REACHED if profile else ABSENT)


def _flag(world: World, query: Query) -> Iterator[Row]:
    text, source = world.flags.profile, Source("flag", "--profile")
    if not text:
        yield Row("1", source, None, ABSENT)
        return
    yield from named("1", split_names(text, "--profile"), source, world, query, strict=True)


def _variable(world: World, query: Query) -> Iterator[Row]:
    text, source = world.environment.names(), Source("env", "NUCLIA_PROFILE")
    if not text:
        yield Row("2", source, None, ABSENT)
        return
    yield from named("2", split_names(text, "NUCLIA_PROFILE"), source, world, query, strict=True)


def _environment(world: World, query: Query) -> Iterator[Row]:
    yield from credentials("3", world.environment, query)


RANKS: tuple[tuple[str, Callable[[World, Query], Iterator[Row]]], ...] = (
    ("1", _flag),
    ("2", _variable),
    ("3", _environment),
    ("5", active),
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
    variables = _credential_variables(world)
    if not variables:
        return ()
    return (
        f"using profile {choice.name} (NUCLIA_PROFILE); {', '.join(variables)} in the environment "
        f"{'is' if len(variables) == 1 else 'are'} not used",
    )


def _credential_variables(world: World) -> list[str]:
    return [v for offer in offers(world.environment) for v in offer.variables]


def shadow_notice(world: World, saved: str) -> str | None:
    """Say what still wins over the profile just made current, and how to change that."""
    found = resolve(world._replace(flags=world.flags._replace(profile=None)))
    if found.choice is not None and found.choice.rank == "5":
        return None
    if found.choice is not None and found.choice.rank == "2":
        if found.choice.name == saved:
            return None
        return f"here NUCLIA_PROFILE={found.choice.name} (environment) still wins: unset NUCLIA_PROFILE"
    variables = _credential_variables(world)
    if not variables:
        return None
    verb = "wins" if len(variables) == 1 else "win"
    names = ", ".join(variables)
    return f"here {names} (environment) still {verb}: unset {' '.join(quoted(v) for v in variables)}"
