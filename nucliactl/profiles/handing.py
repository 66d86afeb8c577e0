"""Handing profiles to the official client: which ones, each with its secret opened once."""

from collections.abc import Sequence
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import NotThere, NucliactlError
from nucliactl.layers import effective, seconds_of
from nucliactl.model.ending import sentence
from nucliactl.model.kinds import KINDS, SIGNED_IN
from nucliactl.model.profile import Definition
from nucliactl.model.words import KindName
from nucliactl.profiles.official_entry import OfficialEntry, check_service, client_domain, entry_of
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.named import named_definition
from nucliactl.resolver.result import Query
from nucliactl.secret import Secret
from nucliactl.service.providers import provider_of
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import ends_at, session_owner


class HandedToOfficial(NamedTuple):
    """What is handed over, the one that is the client's default first; `said` is for people."""

    entries: tuple[OfficialEntry, ...]
    said: tuple[str, ...]


def active_definitions(sources: Sources) -> tuple[Definition, ...]:
    """Return the active profile of each kind: first the one that wins where no kind is asked, then the others
    that were chosen with it (`use a,b`), then those that were used before.

    A signed-in user's token opens everything: it is among them only where it is that first one. Raises what
    the resolver decides; what one of the other kinds lacks is no error.
    """
    choice = resolve(sources, Query()).require()
    assert choice.definition is not None
    first, found = choice.definition, list[Definition]()
    for kind in KINDS:
        other = resolve(sources, Query((kind,))).choice if kind not in (first.kind, *SIGNED_IN) else None
        if other and other.definition and other.definition.source.kind != "official":
            found.append(other.definition)
    return first, *sorted(found, key=lambda one: one.name not in choice.selection)


def left_out(sources: Sources, handed: Sequence[Definition]) -> Definition | None:
    """Return the active signed-in user's profile where its token is not handed over, else None."""
    if any(one.kind in SIGNED_IN or one.secret.way == "session" for one in handed):
        return None
    choice = resolve(sources, Query(SIGNED_IN)).choice
    return choice.definition if choice else None


def named_definitions(names: Sequence[str], sources: Sources) -> tuple[Definition, ...]:
    """Return profiles by their names, those that are active first. Raises UnknownProfile, or as their files
    do."""
    found = [named_definition(name, sources) for name in dict.fromkeys(names)]
    kinds: set[KindName] = {definition.kind for definition in found}
    choices = [resolve(sources, Query((kind,))).choice for kind in kinds]
    active = {choice.name for choice in choices if choice is not None}
    return tuple(sorted(found, key=lambda definition: definition.name not in active))


def hand_to_official(
    definitions: Sequence[Definition], sources: Sources, now: float, *, named: bool
) -> HandedToOfficial:
    """Open the secrets of profiles for the official client. `now` is epoch seconds.

    What is the client's own already is left out, and unless somebody `named` them, those behind the first
    that lack something. Raises what opening a secret raises, and NotThere where nothing is left.
    """
    entries: list[OfficialEntry] = []
    said: list[str] = []
    for definition in definitions:
        if definition.source.kind == "official":
            said.append(f"{definition.name} is the official client's own already")
            continue
        try:
            entry, words = _opened(definition, sources, now)
        except NucliactlError as error:
            if named or definition is definitions[0]:
                raise
            said.append(f"left out {definition.name}: {error.message}")
            continue
        if taken := next((other for other in entries if entry.clashes(other)), None):
            said.append(
                f"left out {entry.profile}: the client has room for the secret of {taken.profile} only"
            )
            continue
        entries.append(entry)
        said += words
    if not entries:
        raise NotThere(
            "There is nothing to export: what is active stands in the official client's file already.",
            hint=f"Make a profile of it: {hints.IMPORT}   or switch to one: {hints.USE}",
        )
    return HandedToOfficial(tuple(entries), tuple(said))


def opened(definition: Definition, sources: Sources) -> Secret | None:
    """Return the secret of a profile, None where it needs none. A session is renewed where it is stale."""
    environ = sources.environment.variables
    provider = provider_of(definition, environ, lambda: seconds_of(definition, sources))
    return provider.get() if provider else None


def _opened(definition: Definition, sources: Sources, now: float) -> tuple[OfficialEntry, list[str]]:
    owner = session_owner(definition)
    if owner is not None:
        check_service(owner)
    secret = opened(definition, sources)
    values = {key: found.value for key, found in effective(definition, sources).items()}
    said = [end] if secret and (end := near_end(definition, now, secret)) else []
    if owner is not None and secret and (ends := ends_at(definition, secret)):
        said.append(f"the access token of {owner.name} {sentence(ends, now)}; then export it again")
    if domain := client_domain(owner or definition):
        said.append(
            f"{definition.name} is of {domain}: run the official client with BASE_NUCLIA_DOMAIN={domain}"
        )
    return entry_of(definition, values, secret), said
