"""The candidate that a profile was made of, read again: what its source states now.

A profile holds references only; this is how a secret that stands in a variable or a file is found.
"""

from __future__ import annotations

import os

from nucliactl.disk.looking import look
from nucliactl.disk.reading import LIMIT
from nucliactl.model.names import DOTENV
from nucliactl.model.profile import Definition
from nucliactl.sources.directory import Directory
from nucliactl.sources.environment.candidates import candidate_of
from nucliactl.sources.environment.variables import Environment
from nucliactl.store.definitions import store_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from nucliactl.model.words import KindName


def again(definition: Definition, environ: Mapping[str, str]) -> Definition | None:
    """Return what the source of a definition states now, with its secret where that lies there in the
    open; None where it states nothing of the kind any more. Raises as its source does."""
    kind, (place, location) = definition.kind, definition.source
    if place == "official":
        return _official(definition)
    if place == "env":
        return _of_variables(Environment(environ), kind)
    if definition.file is not None:
        env = _of_file(place, definition.file)
        return _of_variables(env, kind) if env else None
    assert definition.trust is not None
    store = store_of(definition) if place == "store" else None
    return Directory(place, os.path.dirname(location), definition.trust, store).load(definition.name)


def place_of(definition: Definition) -> str | None:
    """Return the file a definition stands in, None for one that stands in variables of the process."""
    return definition.file or (None if definition.source.kind == "env" else definition.source.location)


def _of_variables(env: Environment, kind: KindName) -> Definition | None:
    candidate = candidate_of(env, kind)
    if candidate is not None and candidate.problem is not None:
        raise candidate.problem
    return candidate.definition if candidate else None


def _of_file(place: str, path: str) -> Environment | None:
    """The variables of an --env-file, or of a project's `.env`: whether that is trusted was decided when it
    was chosen, and where its key may go too."""
    from nucliactl.sources.dotenv import ENV_FILE, parse_dotenv, read_env_file

    if place == ENV_FILE:
        return read_env_file(path)
    looked = look(path, LIMIT)
    if looked is None:
        return None
    found = parse_dotenv(looked.data, path, strict=False)
    if found.flaw is not None:
        raise found.flaw
    return Environment(found.variables, DOTENV, DOTENV, path, files=False, path=path, lines=found.lines)


def _official(definition: Definition) -> Definition | None:
    """The same credential of the client's file, else what has become its default of that kind."""
    from nucliactl.sources.official import read_official

    entries = read_official(definition.source.location)
    found = [(e.definition, e.default) for e in entries if e.definition and e.kind == definition.kind]
    found.sort(key=lambda one: (one[0].binding != definition.binding, not one[1]))
    return found[0][0] if found else None
