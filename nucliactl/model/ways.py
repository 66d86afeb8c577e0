"""The ways in which a profile has its secret, each declared once."""

from __future__ import annotations

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nucliactl.model.words import Opens, SourceKind, Storage, StoreName, WayName


class Way(NamedTuple):
    """One way. X is the definition key of a kind's secret.

    `storage` is its word in listings. `opens`: when the secret is read: "at once" with its source, "stored"
    where it is the store's own credential, "late" when it is used; "never" where there is none.
    `trusted_in`: the sources whose definitions may use it. `suffix`: the key X + suffix says it; None: no
    key of a definition does. `runs`: that key holds a program and its arguments, which must be the owner's.
    `flaw(value)` says what a value of that key is that cannot be meant, None of one that can. `does`: what it
    does, for the message where it may not.
    """

    name: WayName
    storage: Storage
    opens: Opens
    trusted_in: tuple[SourceKind, ...]
    suffix: str | None = None
    runs: bool = False
    flaw: Callable[[str], str | None] | None = None
    does: str = "keep its secret in this way"


def _no_path(value: str) -> str | None:
    return None if value.isprintable() and (len(value) <= 60 or "/" in value) else "not a path"


def _no_variable(value: str) -> str | None:
    plain = value.isascii() and value.isidentifier() and len(value) <= 128
    return None if plain else "not the name of a variable"


_FILES: tuple[SourceKind, ...] = ("store", "system", "path", "flag")
_ANYWHERE: tuple[SourceKind, ...] = (*_FILES, "server")
_OWN: tuple[SourceKind, ...] = ("store", "system")

WAYS: dict[WayName, Way] = {
    way.name: way
    for way in (
        Way("inline", "inline", "at once", _ANYWHERE, ""),
        Way("file", "reference", "late", _FILES, "_file", flaw=_no_path),
        Way("variable", "reference", "late", _FILES, "_env", flaw=_no_variable),
        Way("command", "reference", "late", _OWN, "_command", runs=True, does="run a command"),
        Way("store", "file", "stored", ("store",)),
        Way("keyring", "keyring", "stored", ("store",)),
        Way("session", "session", "stored", ("store",), does="use a session"),
        Way("environment", "environment", "at once", ()),
        Way("none", "none", "never", _ANYWHERE),
        Way("absent", "absent", "never", _FILES),
    )
}
KEYED = tuple(way for way in WAYS.values() if way.suffix is not None)
"""The ways that a key of a definition says, X itself first."""
KEPT: dict[WayName, StoreName] = {"store": "file", "keyring": "keyring"}
"""The ways in which the store keeps a secret, each with the word by which a definition says so."""
STORES = tuple(KEPT.values())
