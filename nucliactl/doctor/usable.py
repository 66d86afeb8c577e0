"""Checks of whether profiles can be used: their files, their secrets, and the sessions they share."""

import os
from collections.abc import Iterator

from nucliactl import hints
from nucliactl.children import program
from nucliactl.credentials.checked import not_a_secret
from nucliactl.disk.paths import beside
from nucliactl.doctor.finding import Check, Finding, note, problem
from nucliactl.doctor.world import Unchecked, World
from nucliactl.errors import Damaged, LoginNeeded, NucliactlError, SessionEnded
from nucliactl.model.names import is_name
from nucliactl.model.profile import Definition
from nucliactl.store import keyrings
from nucliactl.store.credentials import credential_files, fitting, login_command, read_credential
from nucliactl.store.keeping import keep_of
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import session_owner, stored_credential
from nucliactl.text import quoted


def profiles(world: World) -> Iterator[Finding]:
    """Find definitions that cannot be used, and what is odd about those that can."""
    for name, found in world.loaded:
        if isinstance(found, NucliactlError):
            yield problem(found.message, _mending(name, found, world))
        else:
            for text in found.told:
                yield note(text, _edit(name, found))
            try:
                world.sources.bases(found)
            except NucliactlError as error:
                yield problem(error.message, error.hint)
    for nameless in world.sources.directories.look_through().nameless:
        yield note(nameless.message)


def _mending(name: str, error: NucliactlError, world: World) -> str | None:
    nearest = world.sources.directories.find(name)
    if not isinstance(error, Damaged) or nearest is None or nearest.store is None:
        return error.hint
    if not os.path.isfile(nearest.definition(name)):
        return error.hint
    return " ".join((*([error.hint] if error.hint else []), f"Edit it: {hints.EDIT.format(name)}"))


def _edit(name: str, found: Definition) -> str | None:
    return f"Edit it: {hints.EDIT.format(name)}" if found.source.kind == "store" else None


def credentials(world: World) -> Iterator[Finding]:
    """Find stored credentials that are damaged, or do not fit their profile any more."""
    store = world.store
    logins = {d.name: login_command(d) for d in world.definitions if d.source.kind == "store"}
    for name, paths in sorted(credential_files(store).items()):
        try:
            if store.credential(name) in paths:
                read_credential(store.credential(name), store.trust)
        except NucliactlError as error:
            hint = error.hint
            if isinstance(error, Damaged) and os.path.isfile(store.credential(name)):
                forget = hints.LOG_OUT_OF.format(name) if is_name(name) else None
                hint = f"Log in again: {logins[name]}" if name in logins else forget
            yield problem(error.message, hint)
    for definition in world.definitions:
        if definition.secret.kept:
            yield from _fits(definition)


def _fits(definition: Definition) -> Iterator[Finding]:
    try:
        stored_credential(definition)
    except LoginNeeded as error:  # none: it was logged out of
        say = problem if isinstance(error, SessionEnded) else note
        yield say(error.message, error.hint)
    except NucliactlError as error:
        yield problem(error.message, error.hint)


def keyring(world: World) -> Iterator[Finding]:
    """Find why the keyring does not give out what it keeps. It is asked where something belongs there."""
    kept = [d for d in world.definitions if d.secret.kept == "keyring" and keep_of(d).has()]
    if not kept and world.sources.config(("storage",)).storage != "keyring":
        raise Unchecked("nothing is kept there")
    try:
        keyrings.read("whether it answers")
    except keyrings.KeyringFailed as error:
        names = ", ".join(definition.name for definition in kept)
        what = f"The credentials of {names} are" if kept else "New credentials belong"
        yield problem(f"{what} in the keyring, and {error.clause}.", error.remedy)
        return
    for definition in kept:
        try:
            fitting(definition, keep_of(definition).read())
        except NucliactlError as error:
            yield problem(error.message, error.hint)


def riders(world: World) -> Iterator[Finding]:
    """Find profiles that use the session of a user who is not there, or where it may not go."""
    for definition in world.definitions:
        if definition.secret.way == "session":
            try:
                owner = session_owner(definition)
                if owner is not None:
                    stored_credential(definition)
            except NucliactlError as error:
                yield problem(f"{definition.name}: {error.message}", error.hint)


def references(world: World) -> Iterator[Finding]:
    """Find secrets that a definition names and that are not there: a file, a variable, a program (none is
    opened or started); and what lies open and is recognisably no secret."""
    for definition in world.everything:
        value = definition.secret.value
        wrong = not_a_secret(definition, value) if value is not None else None
        if wrong is not None:
            yield problem(wrong.message, wrong.hint)
    for definition in world.definitions:
        way, where, place = definition.secret.way, definition.secret.where, definition.source.location
        said: tuple[str, str | None] | None = None
        if way == "variable" and not world.environ.get(where):
            said = f"{where} is not set", f"Set it where {definition.name} is used: export {where}=…"
        elif way == "file":
            said = _missing_file(beside(place, where))
        elif way == "command":
            said = _missing_program(where, world, place)
        if said is not None:
            sentence = f"{definition.name} has its secret elsewhere, and {said[0]}."
            yield problem(sentence, said[1])


def _missing_file(path: str) -> tuple[str, str | None] | None:
    if not os.path.exists(path):
        return f"{path} is not there", "Put it there, or correct the definition."
    if not os.access(path, os.R_OK):
        return f"{path} cannot be read", f"ls -l {quoted(path)}"
    return (f"{path} is empty", None) if os.path.isfile(path) and not os.path.getsize(path) else None


def _missing_program(name: str, world: World, place: str) -> tuple[str, str | None] | None:
    try:
        found = program(name, world.environ, place)
    except NucliactlError as error:
        return error.message.rstrip("."), error.hint
    if found is None or not os.access(found, os.X_OK):
        return f"the program {name} is not found", "Install it, or correct the definition."
    return None


def expiry(world: World) -> Iterator[Finding]:
    """Find credentials that have ended or soon will, as far as that is known without opening any."""
    for definition in world.everything:
        if text := near_end(definition, world.now):
            sentence, _, hint = text.partition("; ")
            yield problem(f"{_capital(sentence)}.", _capital(hint))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


CHECKS = (
    Check("profiles", "every definition can be read", profiles),
    Check("credentials", "every stored credential can be used", credentials),
    Check("keyring", "it gives out what it keeps", keyring),
    Check("riders", "every session that a profile uses is there", riders),
    Check("references", "every file, variable and program that keeps a secret is there", references),
    Check("expiry", "nothing ends within seven days", expiry),
)
