"""Credentials of an environment (rank 3): which of several kinds is meant."""

from __future__ import annotations

from nucliactl.errors import Ambiguous, Incomplete, NucliactlError, UnknownProfile
from nucliactl.resolver.result import Choice, Query, Row, outcome_of
from nucliactl.sources.environment.variables import Environment, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.profile import Definition
    from nucliactl.resolver.result import Judging, Outcome, RankLabel
    from nucliactl.sources.environment.candidate import Candidate


def credentials(
    rank: RankLabel, environment: Environment, found: tuple[Candidate, ...], query: Query
) -> Judging:
    """Choose among the credentials that an environment offers, of which there are some."""
    error: NucliactlError | None = None
    definition: Definition | None = None
    fits: tuple[Candidate, ...] = ()
    try:
        fits = fitting(environment, found, query)
    except UnknownProfile as none_fits:
        error = none_fits
    if fits:
        try:
            definition = one_of(environment, fits, query)
        except NucliactlError as problem:
            error = problem
    for candidate in found:
        outcome, reason = _outcome(candidate, candidate in fits, definition, error)
        yield Row(rank, candidate.source, environment.name, outcome, reason)
    if definition is not None:
        return Choice(rank, definition.name, definition.source, definition)
    return error


def _outcome(
    candidate: Candidate, fits: bool, chosen: Definition | None, error: NucliactlError | None
) -> tuple[Outcome, str]:
    if not fits:
        return "other kind", f"is of kind {candidate.kind}"
    if candidate.problem is not None:
        return outcome_of(candidate.problem), candidate.problem.message
    if candidate.definition is chosen:
        return "chosen", ""
    return "ambiguous" if isinstance(error, Ambiguous) else "not reached", ""


def fitting(environment: Environment, given: tuple[Candidate, ...], query: Query) -> tuple[Candidate, ...]:
    """Return the candidates of the kinds asked for, or of the environment's own NUCLIA_KIND."""
    if query.kinds:
        return tuple(candidate for candidate in given if candidate.kind in query.kinds)
    stated = environment.kind()
    found = tuple(candidate for candidate in given if stated in (None, candidate.kind))
    if given and not found:
        error = UnknownProfile(
            f"NUCLIA_KIND={stated} matches no credential in {environment.label}, which has "
            f"{' and '.join(candidate.kind for candidate in given)}.",
            hint=f"Set NUCLIA_KIND to {given[0].kind}, or unset it.",
        )
        raise located(environment, error)
    return found


def one_of(environment: Environment, given: tuple[Candidate, ...], query: Query) -> Definition:
    """Return the one definition meant by several candidates, or raise what stands in the way."""
    if query.kinds:
        given = (min(given, key=lambda candidate: query.kinds.index(candidate.kind)),)
    for candidate in given:
        if candidate.problem is not None:
            raise _beside(candidate.problem, given)
    if len(given) > 1:
        said = " and ".join(f"{o.kind} ({', '.join(o.variables)})" for o in given)
        label = environment.label[:1].upper() + environment.label[1:]
        likely = min(given, key=_misfit).kind
        error = Ambiguous(
            f"{label} holds credentials of several kinds: {said}.",
            hint=f"Say which: NUCLIA_KIND={likely}, or kind={likely!r} in a program.",
        )
        raise located(environment, error)
    assert given[0].definition is not None
    return given[0].definition


def _beside(problem: NucliactlError, given: tuple[Candidate, ...]) -> NucliactlError:
    """Name, in the hint of half a credential, what stands beside it: a whole one of another kind, or the
    key that is missing, in the place of another."""
    from nucliactl.model.recognise import no_secret

    for candidate in given if isinstance(problem, Incomplete) else ():
        secret = candidate.definition.secret.value if candidate.definition else None
        misplaced = no_secret(candidate.kind, secret.reveal(), lambda _: False) if secret else None
        if misplaced is not None and misplaced.kind:
            problem.hint = f"{candidate.variables[-1]} holds {misplaced.what}.\n{problem.hint or ''}".strip()
        elif candidate.definition is not None and misplaced is None:
            variables = ", ".join(candidate.variables)
            said = f"Or choose the {candidate.kind} credential ({variables}): NUCLIA_KIND={candidate.kind}"
            problem.hint = f"{problem.hint or ''}\n{said}".strip()
    return problem


def _misfit(candidate: Candidate) -> int:
    """Where the secret of a candidate is for another kind by its form, that kind is not the one meant."""
    from nucliactl.model.recognise import misfit

    secret = candidate.definition.secret.value if candidate.definition else None
    return 1 if secret is None else misfit(candidate.kind, secret.reveal())
