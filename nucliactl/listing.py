"""Profiles as rows, for `list` and `explain`: what is known without the network."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import LoginNeeded, NucliactlError, UnknownProfile
from nucliactl.model.ending import Life
from nucliactl.model.names import shown
from nucliactl.model.profile import Definition
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Choice, Query
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import life_of
from nucliactl.store.sessions import stored_credential
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.reading import Read
    from nucliactl.model.words import KindName


class Listed(NamedTuple):
    """One row. `expires_at` epoch seconds (unverified, from the key) or None; `login_needed` where
    the store should hold a credential and holds none. `life` is for people only."""

    name: str
    kind: KindName
    target: str
    account: str | None
    account_slug: str | None
    source: str
    active: bool
    expires_at: int | None
    storage: str
    login_needed: bool
    title: str | None
    description: str | None
    zone: str | None
    life: Life


def listing_of(definition: Definition, active: bool, read: Read) -> Listed:
    """Return the row of one definition. Opens the store's own credential, and nothing else.

    Raises Damaged or Refused when that credential cannot be used.
    """
    ref = definition.secret
    life, login_needed = Life(), False
    if ref.value is not None:
        life = life_of(None, ref.value)
    else:
        try:
            held = stored_credential(definition, read)
            if held is not None and (held.expires_at or held.refresh_token):  # else a login found no end
                life = life_of(held, None)
        except LoginNeeded:
            login_needed = True
    return Listed(
        definition.name,
        definition.kind,
        definition.target,
        definition.account,
        definition.account_slug,
        str(definition.source),
        active,
        life.ends,
        ref.storage,
        login_needed,
        definition.get("title"),
        definition.get("description"),
        definition.get("zone"),
        life,
    )


def list_profiles(sources: Sources) -> tuple[list[Listed], list[NucliactlError]]:
    """Return every profile there is as rows, the active one marked.

    The second part tells why some are missing or incomplete; none of that is an error of listing.
    """
    definitions, problems = all_definitions(sources)
    problems.extend(_of_places(sources))
    choice = active_choice(sources)
    rows: list[Listed] = []
    for definition in definitions:
        if definition.warnings:
            problems.extend(map(NucliactlError, definition.told))
        active = is_choice(definition, choice)
        try:
            rows.append(listing_of(definition, active, sources.files.read))
        except NucliactlError as error:
            problems.append(error)
            keyless = definition.secret._replace(way="none")
            rows.append(listing_of(definition._replace(secret=keyless), active, sources.files.read))
    return rows, problems


def active_choice(sources: Sources) -> Choice | None:
    """Return what is active; None where nothing is, or nobody can tell."""
    try:
        return resolve(sources, Query(definition=False)).choice
    except NucliactlError:
        return None


def is_choice(definition: Definition, choice: Choice | None) -> bool:
    """Say whether a definition is the one that is active, or selected with it."""
    if choice is None or definition.name not in choice.selection:
        return False
    if definition.name != choice.name:  # selected with it, for its own kind
        return definition.source.kind not in ("env", "dotenv")
    # An environment may hold several unnamed credentials; a name alone is enough elsewhere.
    return choice.definition is None or choice.definition == definition


def all_definitions(sources: Sources) -> tuple[list[Definition], list[NucliactlError]]:
    """Return what every source defines: the environment, the project's `.env`, what this process chose
    (instead of what it saved of it), the directories by name, the official client's defaults.

    The second part tells what could not be read."""
    found, problems = _of_environments(sources)
    found.extend(sources.in_memory.chosen)
    definitions, damaged = sources.directories.all()
    problems.extend(damaged)
    own = {(d.kind, d.name) for d in sources.in_memory.chosen}
    found.extend(d for d in definitions if (d.kind, d.name) not in own)
    official, theirs = _of_official(sources)
    return found + official, problems + theirs


def list_names(sources: Sources) -> tuple[list[str], list[NucliactlError]]:
    """Return the name of every profile there is, in the order of `list_profiles`, and what is odd about the
    places they stand in. No definition of a directory is opened: a damaged one is named too."""
    found, problems = _of_environments(sources)
    names = [definition.name for definition in (*found, *sources.in_memory.chosen)]
    defined, odd = sources.directories.there()
    own = {definition.name for definition in sources.in_memory.chosen}
    names.extend(name for name in defined if name not in own)
    official, theirs = _of_official(sources)
    names.extend(definition.name for definition in official)
    return names, problems + odd + theirs + setting_warnings(sources) + _no_store(sources)


def _of_environments(sources: Sources) -> tuple[list[Definition], list[NucliactlError]]:
    found: list[Definition] = []
    project = sources.project()
    problems = [unheard.problem for unheard in project.unheard] if project else []
    dotenv = candidates(project.environment) if project and project.environment else ()
    for candidate in (*candidates(sources.environment), *dotenv):
        if candidate.definition is not None:
            found.append(candidate.definition)
        elif candidate.problem is not None:
            problems.append(candidate.problem)
    return found, problems


def _of_official(sources: Sources) -> tuple[list[Definition], list[NucliactlError]]:
    try:
        defaults = [entry for entry in sources.official() if entry.default]
    except NucliactlError as error:
        return [], [error]
    problems = [entry.problem for entry in defaults if entry.problem]
    return [entry.definition for entry in defaults if entry.definition], problems


def _of_places(sources: Sources) -> list[NucliactlError]:
    """What is odd about the settings, the directories and the store."""
    return setting_warnings(sources) + sources.directories.nameless() + _no_store(sources)


def _no_store(sources: Sources) -> list[NucliactlError]:
    return [sources.no_store] if sources.no_store is not None else []


def of_kind(sources: Sources, kind: KindName) -> list[Definition]:
    return [definition for definition in all_definitions(sources)[0] if definition.kind == kind]


def by_id(sources: Sources, kind: KindName, wanted: str) -> Definition:
    """Return the profile of a kind that has an id (client id, KB id) or that name; UnknownProfile."""
    for definition in of_kind(sources, kind):
        if wanted in (*definition.ids, definition.name):
            return definition
    raise UnknownProfile(
        f"There is no profile of kind {kind} {shown(wanted)}.",
        hint=f"List them: {hints.list_kind(kind)}",
    )


def setting_warnings(sources: Sources) -> list[NucliactlError]:
    """Return what is odd about the settings files; a damaged one is told where it is used."""
    try:
        return [NucliactlError(text + ".") for text in sources.config().warnings]
    except NucliactlError as error:
        return [error]
