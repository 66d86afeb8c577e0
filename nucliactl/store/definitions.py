"""Definition files: `profiles/<name>.toml`, one profile each."""

from __future__ import annotations

import os

from nucliactl.disk import witness
from nucliactl.disk.judging import judge_private
from nucliactl.disk.owners import may_command, own_uid
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed, NucliactlError, Refused
from nucliactl.lean import partial, suppress
from nucliactl.model.definition import parse_definition
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.trust import Trust
from nucliactl.model.ways import WAYS
from nucliactl.store.folder import names_in
from nucliactl.store.formats import parse_toml
from nucliactl.store.layout import Store
from nucliactl.store.lines import first_named, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from nucliactl.disk.reading import Read
    from nucliactl.model.definition import Kept
    from nucliactl.model.words import SourceKind, StoreName


def read_definition(
    path: str,
    name: str,
    source_kind: SourceKind,
    stored: Kept,
    trust: Trust,
    read: Read = read_file,
) -> Definition | None:
    """Return the definition in a file, or None if there is no such file.

    `source_kind` is the source's, `stored` says where the tool would keep the secret: in the store itself a
    secret written in the file must be unreadable for others. Raises Damaged naming file and line or
    key, Refused for a file of others (as `judge` says), for one that others can read and that holds a
    secret, and for a command that others wrote.
    """
    contents = read(path, trust)
    if contents is None:
        return None
    table = parse_toml(contents.data, path)
    try:
        definition = parse_definition(name, table, Source(source_kind, path), stored, trust)
    except Malformed as error:
        key = first_named(error.message, table)
        place = place_of(path, key, read) if key else path
        raise Damaged(f"{place}: {error.message}", hint=error.hint or "Correct that key.") from None
    if definition.warnings:
        definition = definition._replace(
            warnings=tuple(_with_line(w, path, table, read) for w in definition.warnings)
        )
    way = WAYS[definition.secret.way]
    if source_kind == "store" and way.opens == "at once":
        judge_private(path, contents.mode, trust)
    if way.runs and not may_command(path, contents.uid, trust):
        raise Refused(
            f"{path} wants to run a command, but it does not belong to "
            f"{'root' if own_uid() == 0 else 'you or root'}.",
            hint="Use a secret in a file or a variable (X_file, X_env), or make the file your own.",
        )
    return definition


def _with_line(warning: str, path: str, table: Mapping[str, Any], read: Read) -> str:
    key = first_named(warning, table)
    line = place_of(path, key, read).removeprefix(path) if key else ""
    return f"{warning} (line {line[1:]})" if line else warning


def read_stored(store: Store, name: str, read: Read | None = None) -> Definition | None:
    """Return the store's own definition of a name, or None. Raises as `read_definition` does."""
    ref = partial(kept_in, store, name)
    return read_definition(store.definition(name), name, "store", ref, store.trust, read or store.read)


def kept_in(store: Store, name: str, storage: StoreName) -> SecretRef:
    """Return where the store keeps the credential of a name."""
    if storage == "keyring":
        return SecretRef("keyring", store.entry(name))
    return SecretRef("store", store.credential(name), None, (), None)


def store_of(definition: Definition) -> Store:
    """Return the store that holds a definition."""
    root = os.path.dirname(os.path.dirname(definition.source.location))
    return Store(root, definition.trust is None or definition.trust.named)


def linked_to(path: str) -> str | None:
    """Return the file a definition leads to where it is a link, None where it is none."""
    return witness.real_path(path) if witness.is_link(path) else None


def dependants(store: Store, name: str, keys: tuple[str, ...] = ("session", "extends")) -> list[str]:
    """Return the store's profiles whose definition refers to `name` by one of `keys`."""
    return referrers(store, keys).get(name, [])


def referrers(store: Store, keys: tuple[str, ...]) -> dict[str, list[str]]:
    """Return, for each name that other definitions of the store refer to by one of `keys`, those."""
    found: dict[str, list[str]] = {}
    for name in names_in(store.profiles):
        with suppress(NucliactlError):
            contents = store.read(store.definition(name), store.trust)
            table = parse_toml(contents.data, name) if contents else {}
            for other in {said for key in keys if isinstance(said := table.get(key), str)} - {name}:
                found.setdefault(other, []).append(name)
    return found
