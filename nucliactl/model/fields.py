"""The fields of all kinds, looked up by kind, by key and by variable."""

from __future__ import annotations

from nucliactl.errors import Malformed
from nucliactl.lean import lru_cache
from nucliactl.model.kinds import KINDS
from nucliactl.model.shared_fields import Field
from nucliactl.model.ways import KEYED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nucliactl.model.words import KindName

REFERENCE_SUFFIXES = tuple(way.suffix for way in KEYED if way.suffix)


def _with_kinds() -> Iterator[Field]:
    kinds: dict[Field, list[KindName]] = {}
    for kind in KINDS.values():
        for declared in kind.fields:
            kinds.setdefault(declared, []).append(kind.name)
    for declared, names in kinds.items():
        yield declared._replace(kinds=tuple(names))


FIELDS = tuple(_with_kinds())
"""Every field with the kinds that have it. A name stands here again where its variables differ."""


@lru_cache
def secret_keys(kind: KindName) -> tuple[str, ...]:
    """Return the definition keys that say where the secret of a kind is: X, X_file, X_env, X_command."""
    secret = KINDS[kind].secret
    return tuple(f"{secret.name}{way.suffix}" for way in KEYED) if secret else ()


@lru_cache
def secret_variables() -> frozenset[str]:
    """Return every variable that may hold a secret: these have a `_FILE` twin."""
    return frozenset(v for f in FIELDS if f.secret or f.name == "url_token" for v in f.variables)


@lru_cache
def variables_read() -> frozenset[str]:
    """Return every variable that a field may be read from, `_FILE` twins included."""
    twins = (f"{variable}_FILE" for variable in secret_variables())
    return frozenset((*(v for declared in FIELDS for v in declared.variables), *twins))


@lru_cache
def file_keys(kind: KindName) -> Mapping[str, Field]:
    """Return every key a definition of that kind may have, with its declaration."""
    keys: dict[str, Field] = {}
    for declared in KINDS[kind].fields:
        if declared.in_file:
            keys[declared.name] = declared
            if declared.secret:
                for way in KEYED[1:]:
                    name = f"{declared.name}{way.suffix}"
                    form = "strings" if way.runs else "string"
                    keys[name] = declared._replace(name=name, secret=False, form=form)
    return keys


@lru_cache
def free_keys(kind: KindName) -> frozenset[str]:
    """Return those of `file_keys` for which any text is right that is not empty."""
    keys = file_keys(kind).items()
    return frozenset(key for key, one in keys if (one.form, one.check, one.choices) == ("string", None, ()))


def as_boolean(text: str, where: str) -> bool:
    """Read 1/true/yes/on and 0/false/no/off; raise Malformed naming `where` for anything else."""
    lowered = text.strip().lower()
    if lowered in ("1", "true", "yes", "on"):
        return True
    if lowered in ("0", "false", "no", "off"):
        return False
    raise Malformed(f"{where} is neither true nor false.", hint="Use 1 or 0.")
