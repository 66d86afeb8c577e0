"""Checks of where things are: the store, other directories of profiles, settings, the official file."""

import os
import sys
from collections.abc import Iterator

from nucliactl import hints
from nucliactl.disk.paths import official_path
from nucliactl.doctor.finding import Check, Finding, note, problem
from nucliactl.doctor.world import Unchecked, World
from nucliactl.errors import NucliactlError
from nucliactl.layers import profile_layers
from nucliactl.sources.official import read_official
from nucliactl.store.lines import place_of
from nucliactl.text import as_sentence, plural, quoted


def store(world: World) -> Iterator[Finding]:
    """Find why the store cannot be used, or not written."""
    if world.fault is not None:
        yield problem(world.fault.message, world.fault.hint)
        return
    found = world.sources.store
    if found is None:
        hint = "export NUCLIA_CONFIG_DIR=/a/directory/of/yours"
        yield note("There is no home directory, so there is no store.", hint)
    elif not os.path.lexists(found.root):
        sentence = f"There is no store yet; the first login makes {found.root}."
        yield note(sentence, f"Log in: {hints.BOX}")
    elif not os.path.isdir(found.root):
        yield problem(f"{found.root} is no directory.", f"ls -ld {quoted(found.root)}")
    elif world.closed:
        raise Unchecked("it is closed")  # `modes` says it
    elif not os.access(found.root, os.W_OK):
        sentence = f"{found.root} cannot be written: logins and renewed sessions are not kept."
        yield note(sentence)
    elif _is_full(found.root):
        hint = f"Make room: df -h {quoted(found.root)}"
        yield problem(f"The disk of {found.root} is full.", hint)


def _is_full(path: str) -> bool:
    if sys.platform == "win32":
        return False
    found = os.statvfs(path)
    return (found.f_blocks > 0 and found.f_bavail == 0) or (found.f_files > 0 and found.f_favail == 0)


def directories(world: World) -> Iterator[Finding]:
    """Find directories of profiles that are not there or closed."""
    for directory in world.sources.directories.items:
        if directory.source_kind == "path" and not os.path.isdir(directory.path):
            sentence = f"NUCLIA_PROFILES_PATH names {directory.path}, which is no directory."
            yield problem(sentence, "Make it, or take it out of the variable.")
            continue
        if directory.store is not None and world.closed:
            continue
        try:
            directory.names()
        except NucliactlError as error:
            yield problem(error.message, error.hint)


def settings(world: World) -> Iterator[Finding]:
    """Find what cannot be read or is not known in config.toml, and settings of the active profile."""
    stated = world.environ.get("NUCLIACTL_OUTPUT")
    known = ", ".join(world.formats)
    if stated and stated not in world.formats:
        sentence = "NUCLIACTL_OUTPUT is not an output format."
        yield problem(sentence, f"unset NUCLIACTL_OUTPUT, or use one of {known}")
    config = world.sources.config()
    for path, table in config.files:
        if table.get("output", world.formats[0]) not in world.formats:
            sentence = f"{place_of(path, 'output')}: output is not an output format."
            yield problem(sentence, f"Use one of {known}.")
    for text in config.warnings:
        yield note(as_sentence(text))
    definition = world.active
    if definition is not None:
        tuple(profile_layers(definition, world.sources))  # raises what using it would raise


def official(world: World) -> Iterator[Finding]:
    """Find what is wrong with the official client's file, and say what it offers."""
    path = official_path(world.environ)
    if path is None or not os.path.exists(path):
        raise Unchecked("there is no ~/.nuclia/config")
    entries = read_official(path)
    secret = any(entry.definition and entry.definition.secret.open for entry in entries)
    if os.name == "posix" and secret and os.stat(path).st_mode & 0o077:
        sentence = f"{path} holds secrets and can be read by others."
        yield problem(sentence, f"chmod 600 {quoted(path)}")
    for entry in entries:
        if entry.problem is not None:
            yield note(entry.problem.message, entry.problem.hint)
    usable = [entry.definition for entry in entries if entry.definition is not None]
    known = {definition.identity for definition in world.definitions}
    new = [definition for definition in usable if definition.identity not in known]
    if new:
        sentence = f"{path} has {plural(len(new), 'credential')} without a profile here."
        yield note(sentence, f"Give them names: {hints.IMPORT}")


CHECKS = (
    Check("store", "it can be read and written", store),
    Check("directories", "every directory of profiles can be read", directories),
    Check("settings", "every setting is understood", settings),
    Check("official", "every credential of the official client's file has a profile", official),
)
