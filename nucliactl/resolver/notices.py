"""What people should be told beside an answer."""

from nucliactl import hints
from nucliactl.errors import Incomplete, NucliactlError
from nucliactl.model.names import is_name
from nucliactl.resolver.result import Choice
from nucliactl.sources.directory import OTHERS
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import FILE, Environment
from nucliactl.sources.sources import Sources

_PROFILE = "PROFILE"
_TOLD = 5


def notices(sources: Sources, choice: Choice) -> tuple[str, ...]:
    """What a person should know of a choice: what it beats, that a project made it, and what was not
    asked or not judged for it."""
    told = (*_of_store(sources, choice), *_of_rank(sources, choice))
    return told if choice.rank == "1b" else (*told, *unread_notice(sources, choice))


def _of_store(sources: Sources, choice: Choice) -> tuple[str, ...]:
    """What is odd about the store behind a choice: it could not be asked, or shares its secret."""
    definition = choice.definition
    elsewhere = definition is None or definition.source.kind in OTHERS
    if sources.no_store is not None and elsewhere:
        return (f"the store was not asked: {sources.no_store.message}",)
    if definition is None:
        return ()
    from nucliactl.store.credentials import shared_with_group

    shared = shared_with_group(definition)
    return (shared,) if shared else ()


def _of_rank(sources: Sources, choice: Choice) -> tuple[str, ...]:
    if choice.rank in ("1", "1b"):
        return ()
    if choice.rank == "2" and choice.name != sources.environment.name:
        variables = credential_variables(sources)
        if variables:
            verb = "is" if len(variables) == 1 else "are"
            named_by = f"using profile {choice.name} (NUCLIA_PROFILE)"
            return (f"{named_by}; {', '.join(variables)} in the environment {verb} not used",)
    if choice.rank in ("4", "5"):
        project = sources.project()
        warnings = project.warnings if project else ()
        if choice.rank == "4":
            return (*warnings, f"using profile {choice.name}, chosen by {choice.source.location}")
        return warnings
    return ()


def unread_notice(sources: Sources, choice: Choice | None) -> tuple[str, ...]:
    """Return one line on the variables that are not read and were probably meant, () if there are none.

    Those of a name near to one of ours, or that name a profile; and those that look like half of a
    credential, where a lower rank than theirs answers instead, or nothing does.
    """
    reached = choice is None or choice.rank in ("4", "5", "6")
    passed_by = choice is None or choice.rank in ("5", "6") or choice.source.kind == "pin"
    error = choice is None
    told = [
        u
        for u in sources.unread()
        if u.near or (u.half and reached) or (u.part and error) or _names_a_profile(u.name, sources)
    ]
    if reached:
        there = sources.unread_in_project()
        told += [
            u for u in there if u.near or (u.half and passed_by) or (u.part and error) or _PROFILE in u.name
        ]
    if not told:
        return ()
    more = f"; and {len(told) - _TOLD} more: {hints.EXPLAIN}" if len(told) > _TOLD else ""
    return ("; ".join(u.text for u in told[:_TOLD]) + more,)


def _names_a_profile(variable: str, sources: Sources) -> bool:
    if _PROFILE in variable.upper():
        return True
    value = sources.environment.variables.get(variable, "")
    try:
        return is_name(value) and sources.directories.find(value) is not None
    except NucliactlError:
        return False


def with_unread(sources: Sources, error: NucliactlError) -> NucliactlError:
    """Name, in the hint of a credential that is missing or half there, what was probably meant as it."""
    lines = unread_notice(sources, None)
    if lines:
        error.hint = "\n".join((*([error.hint] if error.hint else []), *lines))
    return error


def credential_variables(sources: Sources) -> list[str]:
    """Return the variables of the environment's credentials, whole or half."""
    return [v for candidate in candidates(sources.environment) for v in candidate.variables]


def other_half(sources: Sources, error: Incomplete) -> Incomplete:
    """Name the halves where the environment and the project's `.env` hold one credential between them:
    parts of two sources are never paired."""
    project = sources.project()
    environment = project.environment if project else None
    if environment is None:
        return error
    here, whole = sources.environment.variables, {o.kind for o in candidates(environment) if o.definition}
    there = {v: text for v, text in environment.variables.items() if not v.endswith(FILE)}
    for candidate in candidates(Environment({**there, **{v: text for v, text in here.items() if text}})):
        if candidate.definition is None or candidate.kind in whole:
            continue
        ours = " and ".join(v for v in candidate.variables if here.get(v))
        theirs = [v for v in candidate.variables if not here.get(v)]
        if ours and theirs:
            place, names = environment.place(theirs).location, " and ".join(theirs)
            return Incomplete(
                f"{ours} in the environment and {names} in {place} are halves of one "
                "credential, and parts of two sources are never paired.",
                hint=f"Put both in one place: export {names} too, or move {ours} into that file.",
            )
    return error
