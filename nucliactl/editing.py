"""TOML written by tomlkit: definition files, in which it keeps comments and order, and documents.

For writers: the import is slow.
"""

from collections.abc import Mapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from nucliactl.errors import Damaged
from nucliactl.model.words import KindName
from nucliactl.store.formats import parse_toml
from nucliactl.store.layout import Store


def file_bytes(store: Store, path: str) -> bytes:
    """Return what a file of the store holds; nothing where it is not there."""
    contents = store.read(path, store.trust)
    return contents.data if contents else b""


def definition_bytes(
    store: Store,
    name: str,
    kind: KindName | None,
    values: Mapping[str, Any],
    remove: tuple[str, ...] = (),
    *,
    anew: bool = False,
) -> bytes:
    """Return a definition file with the given keys, keeping comments and all other keys it has.

    `kind` is None where it stays what it is. `remove` names keys to take out; `anew` starts from nothing.
    Call it under the store's lock. Raises Damaged for a file that is there and cannot be understood.
    """
    path = store.definition(name)
    contents = None if anew else store.read(path, store.trust)
    if contents is None:
        document = tomlkit.document()
    else:
        parse_toml(contents.data, path)
        try:
            document = tomlkit.parse(contents.data.decode("utf-8-sig"))
        except (TOMLKitError, RecursionError):
            raise Damaged(
                f"{path} is valid TOML, but too unusual to be edited.", hint="Simplify it."
            ) from None
    for key in remove:
        document.pop(key, None)
    for key, value in {**({"kind": kind} if kind else {}), **values}.items():
        plain = list(value) if isinstance(value, tuple) else value
        if document.get(key) != plain:
            document[key] = plain
    return tomlkit.dumps(document).encode()


def toml_of(table: Mapping[str, Any]) -> str:
    """Return a table, of tables too, as TOML."""
    return tomlkit.dumps(table)
