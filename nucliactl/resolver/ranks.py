"""The order of sources: seven ranks, each a function that puts forward what stands there, unjudged."""

from __future__ import annotations

from nucliactl.errors import Incomplete, NucliactlError, UnknownProfile
from nucliactl.lean import partial
from nucliactl.model.names import DOTENV, ENV, split_names
from nucliactl.model.source import Source
from nucliactl.resolver.active import switched_to
from nucliactl.resolver.named import first_fitting, named
from nucliactl.resolver.result import Choice, Contender, Query, Row, outcome_of
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import Environment, located, placed
from nucliactl.sources.pin import Pin
from nucliactl.sources.project import Project
from nucliactl.sources.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nucliactl.model.profile import Definition
    from nucliactl.model.words import KindName
    from nucliactl.resolver.result import Judging, RankLabel
    from nucliactl.sources.official import Entry

_OVERRIDE = Source("sdk", "override()")


def flag(sources: Sources) -> Iterator[Contender]:
    """--profile, `resolve("NAME")` or --env-file: its NUCLIA_PROFILE, else its own credential, else an
    error, never a fall-through."""
    if (environment := sources.env_file()) is not None:
        yield from _selected("1", environment, sources)
        yield _credentials("1", environment)
        yield Contender((), partial(_incomplete, environment))
        return
    text, source = sources.flags.profile, Source("flag", sources.flags.asked_by)
    yield _names("1", text, source, sources, sources.flags.said) if text is not None else _absent("1", source)


def in_memory(sources: Sources) -> Iterator[Contender]:
    """What this process chose through the SDK."""
    override, chosen = sources.in_memory
    if override is not None:
        name = override if isinstance(override, str) else override.name
        yield Contender(((_OVERRIDE, name),), partial(_overridden, override, sources))
    if chosen:
        yield Contender(tuple((d.source, d.name) for d in chosen), partial(_logged_in, chosen))
    elif override is None:
        yield _absent("1b", Source("sdk", "-"))


def variable(sources: Sources) -> Iterator[Contender]:
    """NUCLIA_PROFILE."""
    text, source = sources.environment.selected_profiles(), Source("env", "NUCLIA_PROFILE")
    yield _names("2", text, source, sources) if text else _absent("2", source)


def environment(sources: Sources) -> Iterator[Contender]:
    """Credentials in the process's environment."""
    yield _credentials("3", sources.environment)


def project(sources: Sources) -> Iterator[Contender]:
    """The project directory. Its `.env` chooses before the pin. One that chooses and cannot be followed
    is an error: another account never answers in its place."""
    found = sources.project()
    if found is None or not found.speaks:
        yield _absent("4", Source("pin", "-"))
        return
    if (dotenv := found.environment) is not None:
        yield from _selected("4", dotenv, sources)
        yield _credentials("4", dotenv)
    yield from _unheard(found, "dotenv")
    if (pin := found.pin) is not None:
        yield Contender(((Source("pin", pin.path), pin.names),), partial(_pinned, pin, sources))
    yield from _unheard(found, "pin")


def active(sources: Sources) -> Iterator[Contender]:
    """What was switched to."""
    try:
        current = sources.active().current
    except NucliactlError:  # told when it is judged
        current = None
    source = Source("active", sources.store.active if sources.store else "-")
    yield Contender(((source, current),), partial(switched_to, sources))


def official(sources: Sources) -> Iterator[Contender]:
    """The official client's defaults."""
    source = Source("official", sources.official_path or "-")
    defaults = {entry.kind: entry for entry in sources.official() if entry.default}
    stated = tuple((source, f"nuclia:{kind}") for kind in defaults)
    yield Contender(stated, partial(_one_default, defaults, source)) if defaults else _absent("6", source)


RANKS: dict[RankLabel, Callable[[Sources], Iterator[Contender]]] = {
    "1": flag,
    "1b": in_memory,
    "2": variable,
    "3": environment,
    "4": project,
    "5": active,
    "6": official,
}


# -- what stands at a rank --------------------------------------------------------------------------


def _absent(rank: RankLabel, source: Source, *, stated: bool = True) -> Contender:
    def judge(_: Query) -> Judging:
        yield Row(rank, source, None, "absent")
        return None

    return Contender(((source, None),) if stated else (), judge)


def _overridden(override: str | Definition, sources: Sources, query: Query) -> Judging:
    """An override wins, or is an error where its kind does not fit: a test never falls through to a
    real profile."""
    if isinstance(override, str):
        return (yield from named("1b", override, _OVERRIDE, sources, query, strict=True))
    yield Row("1b", _OVERRIDE, override.name, query.outcome(override.kind, chosen=True))
    if query.kinds and override.kind not in query.kinds:
        raise UnknownProfile(
            f"override() names {override.name} ({override.kind}), but a profile of kind "
            f"{' or '.join(query.kinds)} is needed.",
            hint="Override with one of each kind that is asked for: override('test-kb,test-nua').",
        )
    return Choice("1b", override.name, _OVERRIDE, override)


def _logged_in(chosen: tuple[Definition, ...], query: Query) -> Judging:
    """What the SDK logged in to is passed by where another kind is asked for."""
    winner = first_fitting(chosen, query)
    for definition in chosen:
        outcome = query.outcome(definition.kind, definition is winner)
        yield Row("1b", definition.source, definition.name, outcome)
    return Choice("1b", winner.name, winner.source, winner) if winner else None


def _one_default(defaults: Mapping[KindName, Entry], source: Source, query: Query) -> Judging:
    """Choose a default of `~/.nuclia/config`; one that is no whole credential is passed by."""
    from nucliactl.sources.official import ORDER

    whole = {kind: entry.definition for kind, entry in defaults.items() if entry.definition}
    winner = next((whole[kind] for kind in query.kinds or ORDER if kind in whole), None)
    for kind, entry in defaults.items():
        outcome, reason = query.outcome(kind, entry.definition is winner), ""
        if entry.problem is not None and outcome != "other kind":
            outcome, reason = "incomplete", entry.problem.message
        yield Row("6", source, f"nuclia:{kind}", outcome, reason)
    return Choice("6", winner.name, source, winner) if winner else None


def _names(
    rank: RankLabel, text: str, source: Source, sources: Sources, said: str | None = None
) -> Contender:
    return Contender(((source, text),), partial(named, rank, text, source, sources, strict=True, said=said))


def _selected(rank: RankLabel, environment: Environment, sources: Sources) -> Iterator[Contender]:
    """The NUCLIA_PROFILE of a file, if it states one. `env` beside a credential names that very one: so
    `nucliactl env` writes it."""
    text, source = environment.selected_profiles(), environment.place(["NUCLIA_PROFILE"])

    def judge(query: Query) -> Judging:
        assert text is not None
        try:
            names = split_names(text, source.location)
        except NucliactlError as error:
            raise located(environment, error, ("NUCLIA_PROFILE",)) from None
        if rank == "1" and {ENV, DOTENV} & {*names}:
            raise UnknownProfile(
                f"{source.location} names {text}, but an --env-file is never mixed with other sources.",
                hint="Name stored profiles there, or write the credential itself.",
            )
        return (yield from named(rank, text, source, sources, query, strict=rank == "1"))

    if text and not (text.strip() == ENV and candidates(environment)):
        yield Contender(((source, text),), judge)


def _credentials(rank: RankLabel, environment: Environment) -> Contender:
    found = candidates(environment)
    if not found:
        return _absent(rank, environment.place([]), stated=rank == "3" or not environment.variables)
    from nucliactl.resolver.environment import credentials

    stated = tuple((candidate.source, environment.name) for candidate in found)
    return Contender(stated, partial(credentials, rank, environment, found))


def _incomplete(environment: Environment, query: Query) -> Judging:
    yield from ()
    wanted = f" of kind {' or '.join(query.kinds)}" if query.kinds else ""
    return Incomplete(
        f"{environment.path} has no NUCLIA_PROFILE and no complete credential{wanted}.",
        hint="Write NUCLIA_KB_URL and NUCLIA_API_KEY into it, for example.",
    )


def _pinned(pin: Pin, sources: Sources, query: Query) -> Judging:
    source = Source("pin", pin.path)
    try:
        return (yield from named("4", pin.names, source, sources, query, strict=False))
    except NucliactlError as error:
        raise placed(error, pin.path, f"{pin.path}:{pin.line}") from None


def _unheard(project: Project, kind: str) -> Iterator[Contender]:
    for source, problem in project.unheard:
        if source.kind == kind:
            yield Contender(((source, None),), partial(_refused, source, problem))


def _refused(source: Source, problem: NucliactlError, _: Query) -> Judging:
    yield Row("4", source, None, outcome_of(problem), problem.message)
    return problem
