"""`config.toml`: settings the user writes, of the store and of /etc/nucliactl. Never secrets."""

from __future__ import annotations

import os

from nucliactl.disk import witness
from nucliactl.disk.paths import SYSTEM
from nucliactl.disk.reading import read_file
from nucliactl.model.trust import Trust
from nucliactl.store.layout import Store
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import StoreName


FILE = "config.toml"


class Config(NamedTuple):
    """The settings files, lowest first, the origins the user trusts beside Nuclia's own, the directories
    whose projects may choose a profile whoever owns them, and where new credentials are kept."""

    files: tuple[tuple[str, dict[str, Any]], ...] = ()
    allowed_origins: tuple[str, ...] = ()
    trusted_projects: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    domain: str | None = None
    storage: StoreName | None = None


def read_config(store: Store | None, wanted: Collection[str] | None = None, read: Read = read_file) -> Config:
    """Return what /etc and the store say of the settings that are `wanted` (None: of all). Raises Damaged
    naming file and key, Refused where others could have written a file that says something of them."""
    places = [system_trust(store)] if os.name == "posix" else []
    places += [store.trust] if store else []
    there = []
    for trust in places:
        if not trust.named and witness.is_directory(trust.root) and not witness.may_enter(trust.root):
            continue  # nobody can tell whether it has settings: then it has none
        path = os.path.join(trust.root, FILE)
        contents = read(path, trust, judged=False)
        if contents is not None:
            there.append((path, trust, contents))
    if not there:
        return Config()
    from nucliactl.store.settings import SETTINGS, settings_in

    return settings_in(there, SETTINGS if wanted is None else wanted, read)


def system_trust(store: Store | None) -> Trust:
    """How /etc is judged; it is a store like others where somebody named it as that."""
    return Trust(SYSTEM, named=store is not None and store[:2] == (SYSTEM, True), unmapped=True)
