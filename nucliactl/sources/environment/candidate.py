"""One credential that a source of variables offers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from nucliactl.errors import Incomplete, NucliactlError
from nucliactl.model.definition import define
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.sources.environment.values import Setting, checked_setting
from nucliactl.sources.environment.variables import Environment
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.model.words import KindName


PLUS = " + "  # joins the variables a value is made of


class Candidate(NamedTuple):
    """One credential an environment offers: a definition, or the error that says why it is none."""

    kind: KindName
    variables: tuple[str, ...]
    source: Source
    definition: Definition | None
    problem: NucliactlError | None


def complete(
    env: Environment,
    kind: KindName,
    given: Mapping[str, Setting],
    ref: SecretRef,
    used: list[str],
    **fixed: Any,
) -> Candidate:
    """Make a complete candidate of what was found; `fixed` are values no single variable stands for.

    The domain that the environment states is its own credential's too, for the programs that it is handed to.
    """
    with suppress(NucliactlError):  # where the address needs it, its reader has judged it
        if domain := checked_setting(env, "domain", kind):
            given = {**given, "domain": domain}
    source = env.place(used)
    values = {key: found.value for key, found in given.items()}
    places = {key: env.place(found.variable.split(PLUS)) for key, found in given.items()}
    if secret := KINDS[kind].secret:
        places[secret.name] = env.place([used[-1]])
    definition = define(env.name, kind, {**values, **fixed}, source, ref, places)._replace(file=env.path)
    return Candidate(kind, tuple(used), source, definition, None)


def incomplete(env: Environment, kind: KindName, used: list[str], missing: str, hint: str) -> Candidate:
    where = f"{' and '.join(used)} in {env.label}"
    problem = Incomplete(f"{where}: {missing}.", hint=hint)
    return Candidate(kind, tuple(used), env.place(used), None, problem)
