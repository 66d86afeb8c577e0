"""Opening the secret of a profile once, for another program."""

from typing import NamedTuple

from nucliactl.credentials.contract import Provider
from nucliactl.layers import effective
from nucliactl.model.ending import sentence
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.programs.variables import Variable, check_carried, handed_over, not_carried
from nucliactl.secret import Secret, unfit
from nucliactl.service.providers import completed
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import ends_at


class Opened(NamedTuple):
    """The variables for a program, and what a person should know of them."""

    variables: tuple[Variable, ...]
    said: tuple[str, ...]


def open_for_program(
    definition: Definition, sources: Sources, provider: Provider | None, now: float
) -> Opened:
    """Open a profile's secret by its provider and return what hands it over. A session that is about to end
    is renewed. `now` epoch seconds.

    Raises Malformed for what no variable carries, and what opening a secret raises.
    """
    check_carried(definition)
    sources.bases(definition)  # a chain that cannot be followed is an error here as in resolve()
    secret = provider.get() if provider else None
    definition, _ = completed(definition, provider)
    values = {key: found.value for key, found in effective(definition, sources).items()}
    said = (*_of_secret(definition, secret, now), *not_carried(definition, values))
    return Opened(handed_over(definition, values, secret), said)


def _of_secret(definition: Definition, secret: Secret | None, now: float) -> tuple[str, ...]:
    """When a secret ends, where that is soon or the program cannot renew it; and what is wrong with
    it by its looks."""
    if secret is None:
        return ()
    title = KINDS[definition.kind].title
    problem = unfit(secret)
    said = [f"the {title} of {definition.name} {problem}: no program can send it"] if problem else []
    if near := near_end(definition, now, secret):
        said.append(near)
    elif definition.kind == USER.name and (ends := ends_at(definition, secret)):
        said.append(f"the access token of {definition.name} {sentence(ends, now)}; it is not renewed there")
    return tuple(said)
