"""The candidate that a profile was made of, read again: what its source states now.

A profile holds references only; this is how a secret that stands in a variable or a file is found.
"""

import os
from collections.abc import Callable, Mapping

from nucliactl.disk.looking import look
from nucliactl.disk.reading import LIMIT
from nucliactl.model.kinds import KindName
from nucliactl.model.names import DOTENV
from nucliactl.model.profile import Definition, SourceKind
from nucliactl.sources.directory import Directory
from nucliactl.sources.dotenv import parse_dotenv, read_env_file
from nucliactl.sources.environment.candidates import candidate_of
from nucliactl.sources.environment.variables import Environment
from nucliactl.sources.official import read_official
from nucliactl.store.sessions import store_of


def again(definition: Definition, environ: Mapping[str, str]) -> Definition | None:
    """Return what the source of a definition states now, with its secret where that lies there in the
    open; None where it states nothing of the kind any more. Raises as its source does."""
    return _READERS[definition.source.kind](definition, environ)


def place_of(definition: Definition) -> str | None:
    """Return the file a definition stands in, None for one that stands in variables of the process."""
    return definition.file or (None if definition.source.kind == "env" else definition.source.location)


def _of_variables(env: Environment, kind: KindName) -> Definition | None:
    candidate = candidate_of(env, kind)
    if candidate is not None and candidate.problem is not None:
        raise candidate.problem
    return candidate.definition if candidate else None


def _environment(definition: Definition, environ: Mapping[str, str]) -> Definition | None:
    return _of_variables(Environment(environ), definition.kind)


def _env_file(definition: Definition, _: Mapping[str, str]) -> Definition | None:
    assert definition.file is not None
    return _of_variables(read_env_file(definition.file), definition.kind)


def _dotenv(definition: Definition, _: Mapping[str, str]) -> Definition | None:
    """Whether the project is trusted was decided when it was chosen, and where its key may go too."""
    path = definition.file
    assert path is not None
    looked = look(path, LIMIT)
    if looked is None:
        return None
    found = parse_dotenv(looked.data, path, strict=False)
    if found.flaw is not None:
        raise found.flaw
    env = Environment(found.variables, DOTENV, DOTENV, path, files=False, path=path, lines=found.lines)
    return _of_variables(env, definition.kind)


def _directory(definition: Definition, _: Mapping[str, str]) -> Definition | None:
    word, path = definition.source
    folder = os.path.dirname(path)
    trust = definition.trust
    assert trust is not None
    store = store_of(definition) if word == "store" else None
    return Directory(word, folder, trust, store).load(definition.name)


def _official(definition: Definition, _: Mapping[str, str]) -> Definition | None:
    """The same credential of the client's file, else what has become its default of that kind."""
    entries = read_official(definition.source.location)
    found = [e for e in entries if e.definition and e.kind == definition.kind]
    found.sort(
        key=lambda e: (e.definition is None or e.definition.binding != definition.binding, not e.default)
    )
    return found[0].definition if found else None


_READERS: dict[SourceKind, Callable[[Definition, Mapping[str, str]], Definition | None]] = {
    "env": _environment,
    "env-file": _env_file,
    "dotenv": _dotenv,
    "official": _official,
    **dict.fromkeys(("flag", "store", "path", "system"), _directory),
}
