"""The credentials that an environment offers, complete or not. Nothing is loaded to read what is not set."""

from __future__ import annotations

from nucliactl.sources.environment.variables import FILE, Environment, may_mean_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName
    from nucliactl.sources.environment.candidate import Candidate


def candidates(env: Environment) -> tuple[Candidate, ...]:
    """Return what an environment offers, complete or not, in the order of the kinds."""
    if not may_mean_ours(env.variables):  # asked first: it needs no declaration of fields
        return ()
    from nucliactl.model.fields import variables_read

    if variables_read().isdisjoint(env.variables):
        return ()
    from nucliactl.sources.environment.readers import read_all

    return tuple(read_all(env))


def candidate_of(env: Environment, kind: KindName) -> Candidate | None:
    """Return what an environment offers of one kind; raises what its reader raises."""
    from nucliactl.sources.environment.readers import READERS

    return READERS[kind](env)


def empty_variables(env: Environment) -> tuple[str, ...]:
    """Return the variables of credentials that are set but empty: they count as not set."""
    from nucliactl.model.fields import FIELDS

    names = [v for declared in FIELDS if declared.secret or declared.address for v in declared.variables]
    return tuple(v for name in names for v in (name, name + FILE) if env.variables.get(v) == "")
