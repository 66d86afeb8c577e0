"""Profiles as rows, for `list` and `explain`: what is known without the network."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import LoginNeeded, NucliactlError, UnknownProfile
from nucliactl.listed import Listed
from nucliactl.model.ending import Life
from nucliactl.model.kinds import USER
from nucliactl.model.names import shown
from nucliactl.model.profile import Definition
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Choice, Query
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import life_of
from nucliactl.store.sessions import stored_credential
from nucliactl.text import as_sentence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import KindName
    from nucliactl.sources.directory import Seen


_UNKNOWN = Life()


def listing_of(definition: Definition, active: bool, read: Read) -> Listed:
    """Return the row of one definition. Opens the store's own credential, and nothing else.

    Raises Damaged or Refused when that credential cannot be used.
    """
    ref, values, source = definition.secret, definition.values, definition.source
    life, login_needed = _UNKNOWN, False
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
        values.get("account"),
        values.get("account_slug"),
        f"{source.kind}: {source.location}",
        active,
        life.ends,
        ref.storage,
        login_needed,
        values.get("title"),
        values.get("description"),
        values.get("zone"),
        life,
    )


def list_profiles(sources: Sources, now: float) -> tuple[list[Listed], list[NucliactlError]]:
    """Return every profile there is as rows, the active one marked. `now` is epoch seconds: of what ends soon
    the row says since when it is good.

    The second part tells why some are missing or incomplete; none of that is an error of listing.
    """
    from nucliactl.plain_rows import PlainRows

    problems: list[NucliactlError] = []
    of_rows: list[NucliactlError] = []
    rows: list[Listed] = []
    choice = active_choice(sources)
    selected = frozenset(choice.selection if choice else ())
    seen = sources.directories.look_through()
    chosen = selected.union(definition.name for definition in sources.in_memory.chosen)
    quick = PlainRows(sources.store, sources.files, chosen, now).rows if sources.store else None
    for definition in _defined(sources, seen, problems, quick):
        if isinstance(definition, Listed):
            rows.append(definition)
            continue
        active = definition.name in selected and is_choice(definition, choice)
        rows.append(_row(definition, active, sources.files.read, of_rows))
        if definition.trust is not None and definition.kind != USER.name:  # else a session that others use
            sources.files.drop(definition.source.location)
            sources.files.drop(definition.secret.where)
    places = [*setting_warnings(sources), *seen.nameless, *_no_store(sources)]
    return rows, [*problems, *places, *of_rows]


def _row(definition: Definition, active: bool, read: Read, problems: list[NucliactlError]) -> Listed:
    """Return the row of one definition, whatever its credential is; say in `problems` what is odd."""
    if definition.warnings:
        problems.extend(map(NucliactlError, definition.told))
    try:
        return listing_of(definition, active, read)
    except NucliactlError as error:
        problems.append(error)
        keyless = definition.secret._replace(way="none")
        return listing_of(definition._replace(secret=keyless), active, read)


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
    """Return what every source defines, and what could not be read."""
    problems: list[NucliactlError] = []
    found = _defined(sources, sources.directories.look_through(), problems)
    return [one for one in found if isinstance(one, Definition)], problems


def _defined(
    sources: Sources,
    seen: Seen,
    problems: list[NucliactlError],
    quick: Callable[[list[str]], Mapping[str, Listed]] | None = None,
) -> Iterator[Definition | Listed]:
    """Yield what every source defines: the environment, the project's `.env`, what this process chose
    (instead of what it saved of it), the directories by name, where `quick` may make the rows of profiles of
    the store, the official client's defaults. Say in `problems` what could not be read."""
    found, unheard = _of_environments(sources)
    problems.extend(unheard)
    yield from found
    yield from sources.in_memory.chosen
    own = {(d.kind, d.name) for d in sources.in_memory.chosen}
    for definition in sources.directories.each(seen, problems, quick):
        if not own or (definition.kind, definition.name) not in own:
            yield definition
    official, theirs = _of_official(sources)
    problems.extend(theirs)
    yield from official


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
        return [NucliactlError(as_sentence(text)) for text in sources.config().warnings]
    except NucliactlError as error:
        return [error]
