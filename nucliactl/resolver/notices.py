"""What people should be told beside an answer."""

from nucliactl.errors import Incomplete, NucliactlError
from nucliactl.model.names import is_name
from nucliactl.resolver.answer import Choice
from nucliactl.sources.directory import OTHERS
from nucliactl.sources.environ import offers
from nucliactl.sources.variables import FILE, Environment
from nucliactl.sources.world import World
from nucliactl.store.credentials import shared_with_group

_PROFILE = "PROFILE"
_TOLD = 5


def notices(world: World, choice: Choice | None) -> tuple[str, ...]:
    """What a person should know of a choice: what it beats, that a project made it, and what was not
    asked or not judged for it."""
    if choice is None:
        return ()
    told = (*_of_store(world, choice), *_of_rank(world, choice))
    return told if choice.rank == "1b" else (*told, *unread_notice(world, choice))


def _of_store(world: World, choice: Choice) -> tuple[str, ...]:
    """What is odd about the store behind a choice: it could not be asked, or shares its secret."""
    definition = choice.definition
    elsewhere = definition is None or definition.source.word in OTHERS
    if world.no_store is not None and elsewhere:
        return (f"the store was not asked: {world.no_store.message}",)
    shared = definition and shared_with_group(definition)
    return (shared,) if shared else ()


def _of_rank(world: World, choice: Choice) -> tuple[str, ...]:
    if choice.rank in ("1", "1b"):
        return ()
    if choice.rank == "2" and choice.name != world.environment.name:
        variables = credential_variables(world)
        if variables:
            verb = "is" if len(variables) == 1 else "are"
            named_by = f"using profile {choice.name} (NUCLIA_PROFILE)"
            return (f"{named_by}; {', '.join(variables)} in the environment {verb} not used",)
    if choice.rank in ("4", "5"):
        project = world.project()
        warnings = project.warnings if project else ()
        if choice.rank == "4":
            return (*warnings, f"using profile {choice.name}, chosen by {choice.source.location}")
        return warnings
    return ()


def unread_notice(world: World, choice: Choice | None) -> tuple[str, ...]:
    """Return one line on the variables that are not read and were probably meant, () if there are none.

    Those of a name near to one of ours, or that name a profile; and those that look like half of a
    credential, where a lower rank than theirs answers instead, or nothing does.
    """
    reached = choice is None or choice.rank in ("4", "5", "6")
    passed_by = choice is None or choice.rank in ("5", "6") or choice.source.word == "pin"
    error = choice is None
    told = [
        u
        for u in world.unread()
        if u.near or (u.half and reached) or (u.part and error) or _names_a_profile(u.name, world)
    ]
    if reached:
        there = world.unread_in_project()
        told += [
            u for u in there if u.near or (u.half and passed_by) or (u.part and error) or _PROFILE in u.name
        ]
    if not told:
        return ()
    more = f"; and {len(told) - _TOLD} more: nucliactl explain" if len(told) > _TOLD else ""
    return ("; ".join(u.text for u in told[:_TOLD]) + more,)


def _names_a_profile(variable: str, world: World) -> bool:
    if _PROFILE in variable.upper():
        return True
    value = world.environment.variables.get(variable, "")
    try:
        return is_name(value) and world.directories.find(value) is not None
    except NucliactlError:
        return False


def with_unread(world: World, error: NucliactlError) -> NucliactlError:
    """Name, in the hint of a credential that is missing or half there, what was probably meant as it."""
    lines = unread_notice(world, None)
    if lines:
        error.hint = "\n".join((*([error.hint] if error.hint else []), *lines))
    return error


def credential_variables(world: World) -> list[str]:
    """Return the variables of the environment's credentials, whole or half."""
    return [v for offer in offers(world.environment) for v in offer.variables]


def other_half(world: World, error: Incomplete) -> Incomplete:
    """Name the halves where the environment and the project's `.env` hold one credential between them:
    parts of two sources are never paired."""
    project = world.project()
    environment = project.environment if project else None
    if environment is None:
        return error
    here, whole = world.environment.variables, {o.kind for o in offers(environment) if o.definition}
    there = {v: text for v, text in environment.variables.items() if not v.endswith(FILE)}
    for offer in offers(Environment({**there, **{v: text for v, text in here.items() if text}})):
        if offer.definition is None or offer.kind in whole:
            continue
        ours = " and ".join(v for v in offer.variables if here.get(v))
        theirs = [v for v in offer.variables if not here.get(v)]
        if ours and theirs:
            place, names = environment.place(theirs).location, " and ".join(theirs)
            return Incomplete(
                f"{ours} in the environment and {names} in {place} are halves of one "
                "credential, and parts of two sources are never paired.",
                hint=f"Put both in one place: export {names} too, or move {ours} into that file.",
            )
    return error
