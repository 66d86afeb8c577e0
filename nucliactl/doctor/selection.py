"""Checks of what is active: whether it can be used, what hides what, and variables that nobody reads."""

from collections.abc import Iterator

from nucliactl.doctor.finding import Check, Finding, note, problem, well
from nucliactl.doctor.world import World
from nucliactl.errors import NothingConfigured, NucliactlError
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.shadow import shadow_notice
from nucliactl.sources.environment.candidates import candidates, empty_variables
from nucliactl.sources.environment.unread import Unread
from nucliactl.store.sessions import stored_credential
from nucliactl.text import as_sentence


def active(world: World) -> Iterator[Finding]:
    """Find why a command would have no credential here."""
    world.check_open()
    try:
        world.sources.active()
    except NucliactlError as error:  # whatever is active now, `use` needs it
        yield problem(error.message, error.hint)
    found = resolve(world.sources)
    project = world.sources.project()
    for text in project.warnings if project else ():
        yield note(as_sentence(text))
    if found.choice is None:
        why = found.error
        assert why is not None
        say = note if isinstance(why, NothingConfigured) else problem
        yield say(why.message, why.hint)
        return
    definition = found.choice.definition
    try:
        if definition is not None:
            stored_credential(definition)
    except NucliactlError as error:
        yield problem(error.message, error.hint)
        return
    yield well(f"{found.choice.name}, chosen by {found.choice.source}")


def shadowing(world: World) -> Iterator[Finding]:
    """Find what is not used because something nearer is."""
    world.check_open()
    sources = world.sources
    for name in sources.directories.names():
        nearest, *hidden = [one for one in sources.directories.items if one.has(name)]
        for one in hidden:
            sentence = f"{one.definition(name)} is not used: {nearest.definition(name)} is nearer."
            yield note(sentence, "Rename one of them, if both are meant to be used.")
    current = sources.active().current
    if current and (text := shadow_notice(sources, current)):
        said, _, hint = text.rpartition(": ")
        sentence = f"You switched to {current}, and {said}."
        yield note(sentence, hint)


def variables(world: World) -> Iterator[Finding]:
    """Find halves of credentials in variables, and variables that look like ours and are not read."""
    sources = world.sources
    for candidate in candidates(sources.environment):
        if candidate.problem is not None:
            yield problem(candidate.problem.message, candidate.problem.hint)
    if empty := empty_variables(sources.environment):
        verb = "is" if len(empty) == 1 else "are"
        sentence = f"{' and '.join(empty)} {verb} set but empty, which counts as not set."
        yield note(sentence, f"unset {' '.join(empty)}")
    for one in (*sources.unread(), *sources.unread_in_project()):
        say = problem if one.near or one.half else note
        yield say(f"{one.text.partition(' (did you mean')[0]}.", _instead(one))


def _instead(one: Unread) -> str | None:
    """What to type where another name was probably meant."""
    if one.meant is None:
        return None
    if one.place or not one.name.startswith("NU"):
        return f"If {one.meant} is meant, call it that."
    return f'If {one.meant} is meant: export {one.meant}="${one.name}"; unset {one.name}'


CHECKS = (
    Check("variables", "every variable that looks like ours is read", variables),
    Check("active", "a profile is active", active),
    Check("shadowing", "nothing hides anything", shadowing),
)
