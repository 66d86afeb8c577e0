"""Credentials of an environment (rank 3): which of several kinds is meant."""

from collections.abc import Iterator

from nucliactl.errors import Ambiguous, Incomplete, NucliactlError, UnknownProfile
from nucliactl.model.profile import Definition
from nucliactl.resolver.answer import (
    ABSENT,
    AMBIGUOUS,
    CHOSEN,
    NOT_REACHED,
    OTHER_KIND,
    Choice,
    Query,
    Row,
    Stop,
    outcome_of,
)
from nucliactl.sources.environ import offers
from nucliactl.sources.offer import Offer
from nucliactl.sources.variables import Environment, located


def credentials(rank: str, environment: Environment, query: Query) -> Iterator[Row]:
    found = offers(environment)
    if not found:
        yield Row(rank, environment.place([]), None, ABSENT)
        return
    error: NucliactlError | None = None
    definition: Definition | None = None
    fits: tuple[Offer, ...] = ()
    try:
        fits = fitting(environment, found, query)
    except UnknownProfile as none_fits:
        error = none_fits
    if fits:
        try:
            definition = one_of(environment, fits, query)
        except NucliactlError as problem:
            error = problem
    for offer in found:
        yield _offer_row(rank, environment, offer, offer in fits, definition, error)
    if definition is not None:
        raise Stop(Choice(rank, definition.name, definition.source, definition))
    if error is not None:
        raise Stop(None, error)


def _offer_row(
    rank: str,
    environment: Environment,
    offer: Offer,
    fits: bool,
    chosen: Definition | None,
    error: NucliactlError | None,
) -> Row:
    source = offer.source
    if not fits:
        return Row(rank, source, environment.name, OTHER_KIND, f"is of kind {offer.kind}")
    if offer.problem is not None:
        outcome = outcome_of(offer.problem)
        return Row(rank, source, environment.name, outcome, offer.problem.message)
    if offer.definition is chosen:
        return Row(rank, source, environment.name, CHOSEN)
    outcome = AMBIGUOUS if isinstance(error, Ambiguous) else NOT_REACHED
    return Row(rank, source, environment.name, outcome)


def fitting(environment: Environment, given: tuple[Offer, ...], query: Query) -> tuple[Offer, ...]:
    """Return the offers of the kinds asked for, or of the environment's own NUCLIA_KIND."""
    if query.kinds:
        return tuple(offer for offer in given if offer.kind in query.kinds)
    stated = environment.kind()
    found = tuple(offer for offer in given if stated in (None, offer.kind))
    if given and not found:
        error = UnknownProfile(
            f"NUCLIA_KIND={stated} in {environment.label}, which holds no such credential, but "
            f"{' and '.join(offer.kind for offer in given)}.",
            hint=f"Set NUCLIA_KIND to {given[0].kind}, or unset it.",
        )
        raise located(environment, error)
    return found


def one_of(environment: Environment, given: tuple[Offer, ...], query: Query) -> Definition:
    """Return the one definition meant by several offers, or raise what stands in the way."""
    if query.kinds:
        given = tuple(sorted(given, key=lambda o: _position(o.kind, query.kinds)))[:1]
    for offer in given:
        if offer.problem is not None:
            raise _beside(offer.problem, given)
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


def _beside(problem: NucliactlError, given: tuple[Offer, ...]) -> NucliactlError:
    """Name, in the hint of half a credential, what stands beside it: a whole one of another kind, or the
    key that is missing, in the place of another."""
    from nucliactl.model.doors import no_secret

    for offer in given if isinstance(problem, Incomplete) else ():
        secret = offer.definition.secret.value if offer.definition else None
        misplaced = no_secret(offer.kind, secret.reveal(), lambda _: False) if secret else None
        if misplaced is not None and misplaced.kind:
            problem.hint = f"{offer.variables[-1]} holds {misplaced.what}.\n{problem.hint or ''}".strip()
        elif offer.definition is not None and misplaced is None:
            variables = ", ".join(offer.variables)
            said = f"Or choose the {offer.kind} credential ({variables}): NUCLIA_KIND={offer.kind}"
            problem.hint = f"{problem.hint or ''}\n{said}".strip()
    return problem


def _misfit(offer: Offer) -> int:
    """Where the secret of an offer is for another kind by its form, that kind is not the one meant."""
    from nucliactl.model.doors import misfit

    secret = offer.definition.secret.value if offer.definition else None
    return 1 if secret is None else misfit(offer.kind, secret.reveal())


def _position(kind: str, kinds: tuple[str, ...]) -> int:
    return kinds.index(kind) if kind in kinds else len(kinds)
