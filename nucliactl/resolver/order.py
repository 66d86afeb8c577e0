"""Which profile is active: the order over candidates, and why each other was not chosen.

Each rank is a generator of rows. It ends with a row `chosen`, with an error, or with neither, and
then the next rank is asked. Nothing here reads a secret, the clock or the network, or prints.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import Incomplete, NothingConfigured, NucliactlError, UnknownProfile
from nucliactl.model.kinds import KINDS
from nucliactl.model.names import DOTENV, ENV, may_be_key, split_names
from nucliactl.model.profile import Source, SourceKind
from nucliactl.resolver.active import active
from nucliactl.resolver.environment import credentials
from nucliactl.resolver.in_memory import process, process_says
from nucliactl.resolver.named import named
from nucliactl.resolver.notices import notices, other_half, with_unread
from nucliactl.resolver.official import official, official_says
from nucliactl.resolver.result import (
    ABSENT,
    NOT_REACHED,
    Choice,
    Query,
    RankLabel,
    Resolution,
    Row,
    Stop,
    outcome_of,
)
from nucliactl.sources.environment.candidates import candidates, empty_variables
from nucliactl.sources.environment.variables import Environment, located, placed
from nucliactl.sources.pin import Pin
from nucliactl.sources.project import Project
from nucliactl.sources.sources import Sources


class Rank(NamedTuple):
    """One line of the order. `ask` decides; `says` only tells what stands there, judging nothing."""

    label: RankLabel
    ask: Callable[[Sources, Query], Iterator[Row]]
    says: Callable[[Sources], Iterator[tuple[Source, str | None]]]


def resolve(sources: Sources, query: Query = Query(), *, every_rank: bool = False) -> Resolution:
    """Return the first candidate that exists, in the order of RANKS.

    With `every_rank`, the ranks behind the winner are listed too, as not reached. Errors of
    candidates are in the result, not raised.
    """
    rows: list[Row] = []
    choice: Choice | None = None
    error: NucliactlError | None = None
    for rank in RANKS:
        if choice or error:
            if every_rank:
                rows.extend(_unreached(rank, sources))
            continue
        try:
            for row in rank.ask(sources, query):
                rows.append(row)
        except Stop as stop:
            choice, error = stop.choice, stop.error
        except NucliactlError as problem:
            error = problem
            source, profile = next(_said(rank, sources), (Source("-", "-"), None))
            rows.append(Row(rank.label, source, profile, outcome_of(problem), problem.message))
    if choice is None and error is None:
        error = with_unread(sources, _nothing(query, sources))
    if isinstance(error, Incomplete):
        error = with_unread(sources, other_half(sources, error))
    return Resolution(choice, error, tuple(rows), notices(sources, choice))


def _unreached(rank: Rank, sources: Sources) -> Iterator[Row]:
    found = list(_said(rank, sources))
    for source, profile in found:
        if profile is not None or len(found) == 1:
            yield Row(rank.label, source, profile, NOT_REACHED if profile else ABSENT)


def _said(rank: Rank, sources: Sources) -> Iterator[tuple[Source, str | None]]:
    try:
        for source, profile in rank.says(sources):  # what is no name may be a key
            yield source, "****" if profile and may_be_key(profile.partition(",")[0]) else profile
    except NucliactlError:
        return


# -- rank 1: a flag --------------------------------------------------------------------------------


def _flag_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    environment = sources.env_file()
    if environment is None:
        yield Source("flag", sources.flags.asked_by), sources.flags.profile
    else:
        yield from _names_and_credentials(environment)


def _flag(sources: Sources, query: Query) -> Iterator[Row]:
    environment = sources.env_file()
    if environment is not None:
        yield from _env_file("1", environment, sources, query)
    text, source = sources.flags.profile, Source("flag", sources.flags.asked_by)
    if text is None:
        yield Row("1", source, None, ABSENT)
        return
    yield from named("1", split_names(text, sources.flags.asked_by), source, sources, query, strict=True)


def _env_file(rank: RankLabel, environment: Environment, sources: Sources, query: Query) -> Iterator[Row]:
    """--env-file: its NUCLIA_PROFILE, else its own credential, else an error: never a fall-through."""
    if names := environment.selected_profiles():
        source = environment.place(["NUCLIA_PROFILE"])
        chosen = _split(environment, names)
        if {ENV, DOTENV} & {*chosen}:
            raise UnknownProfile(
                f"{source.location} names {names}, but an --env-file is never mixed with other sources.",
                hint="Name stored profiles there, or write the credential itself.",
            )
        yield from named(rank, chosen, source, sources, query, strict=True)
    yield from credentials(rank, environment, query)
    wanted = f" of kind {' or '.join(query.kinds)}" if query.kinds else ""
    problem = Incomplete(
        f"{environment.path} has no NUCLIA_PROFILE and no complete credential{wanted}.",
        hint="Write NUCLIA_KB_URL and NUCLIA_API_KEY into it, for example.",
    )
    raise Stop(None, problem)


def _split(environment: Environment, names: str) -> tuple[str, ...]:
    variable = ("NUCLIA_PROFILE",)
    try:
        return split_names(names, environment.place(variable).location)
    except NucliactlError as error:
        raise located(environment, error, variable) from None


def _names_and_credentials(environment: Environment) -> Iterator[tuple[Source, str | None]]:
    if names := environment.selected_profiles():
        yield environment.place(["NUCLIA_PROFILE"]), names
    for candidate in candidates(environment):
        yield candidate.source, environment.name
    if not environment.variables:
        yield environment.place([]), None


# -- ranks 2 and 3: the process's environment ------------------------------------------------------


def _variable_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    yield Source("env", "NUCLIA_PROFILE"), sources.environment.selected_profiles()


def _variable(sources: Sources, query: Query) -> Iterator[Row]:
    text, source = sources.environment.selected_profiles(), Source("env", "NUCLIA_PROFILE")
    if not text:
        yield Row("2", source, None, ABSENT)
        return
    yield from named("2", split_names(text, "NUCLIA_PROFILE"), source, sources, query, strict=True)


def _environment_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    found = candidates(sources.environment)
    for candidate in found:
        yield candidate.source, sources.environment.name
    if not found:
        yield Source("env", "-"), None


def _environment(sources: Sources, query: Query) -> Iterator[Row]:
    yield from credentials("3", sources.environment, query)


# -- rank 4: the project directory -----------------------------------------------------------------


def _project_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    project = sources.project()
    if project is None or not project.speaks:
        yield Source("pin", "-"), None
        return
    if project.environment is not None:
        yield from _names_and_credentials(project.environment)
    if project.pin is not None:
        yield Source("pin", project.pin.path), project.pin.names
    for unheard in project.unheard:
        yield unheard.source, None


def _project(sources: Sources, query: Query) -> Iterator[Row]:
    """The `.env` chooses before the pin. One that chooses and cannot be followed is an error: another
    account never answers in its place."""
    project = sources.project()
    if project is None or not project.speaks:
        yield Row("4", Source("pin", "-"), None, ABSENT)
        return
    if (environment := project.environment) is not None:
        if names := environment.selected_profiles():
            source = environment.place(["NUCLIA_PROFILE"])
            yield from named("4", _split(environment, names), source, sources, query, strict=False)
        yield from credentials("4", environment, query)
    yield from _unheard(project, "dotenv")
    if (pin := project.pin) is not None:
        yield from _pinned(pin, sources, query)
    yield from _unheard(project, "pin")


def _pinned(pin: Pin, sources: Sources, query: Query) -> Iterator[Row]:
    source, place = Source("pin", pin.path), f"{pin.path}:{pin.line}"
    try:
        yield from named("4", split_names(pin.names, place), source, sources, query, strict=False)
    except NucliactlError as error:
        problem = placed(error, pin.path, place)
        yield Row("4", source, pin.names, outcome_of(problem), problem.message)
        raise Stop(None, problem) from None


def _unheard(project: Project, word: SourceKind) -> Iterator[Row]:
    for source, problem in project.unheard:
        if source.kind == word:
            yield Row("4", source, None, outcome_of(problem), problem.message)
            raise Stop(None, problem)


# -- rank 5: what was switched to ------------------------------------------------------------------


def _active_says(sources: Sources) -> Iterator[tuple[Source, str | None]]:
    source = Source("active", sources.store.active if sources.store else "-")
    try:
        yield source, sources.active().current
    except NucliactlError:
        yield source, None


RANKS: tuple[Rank, ...] = (
    Rank("1", _flag, _flag_says),
    Rank("1b", process, process_says),
    Rank("2", _variable, _variable_says),
    Rank("3", _environment, _environment_says),
    Rank("4", _project, _project_says),
    Rank("5", active, _active_says),
    Rank("6", official, official_says),
)


_ON_GITHUB = """Give the step its secret (in a workflow of a fork there is none):
env:
  NUCLIA_KB_URL: ${{ vars.NUCLIA_KB_URL }}
  NUCLIA_API_KEY: ${{ secrets.NUCLIA_API_KEY }}"""


def _nothing(query: Query, sources: Sources) -> NothingConfigured:
    what = f"profile of kind {' or '.join(query.kinds)}" if query.kinds else "profile"
    if empty := empty_variables(sources.environment):
        verb, what_for = ("is", "it a value") if len(empty) == 1 else ("are", "them values")
        return NothingConfigured(
            f"There is no active {what}; {' and '.join(empty)} {verb} set but empty.",
            hint=f"A CI run of a fork has no secrets. Give {what_for}, or: unset {' '.join(empty)}\n"
            f"and log in: {hints.BOX}",
        )
    if sources.environment.variables.get("GITHUB_ACTIONS") == "true":
        return NothingConfigured(f"There is no active {what}.", hint=_ON_GITHUB)
    if query.kinds and "kb" not in query.kinds:
        logins = " or ".join(dict.fromkeys(KINDS[kind].login for kind in query.kinds))
        hint = f"Log in: {logins}, or switch: {hints.USE}"
        return NothingConfigured(f"There is no active {what}.", hint=hint)
    return NothingConfigured(
        f"There is no active {what}.",
        hint=f"Log in: {hints.BOX}, or switch: {hints.USE}, or set NUCLIA_KB_URL and NUCLIA_API_KEY",
    )
