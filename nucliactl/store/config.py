"""`config.toml`: settings the user writes, of the store and of /etc/nucliactl. Never secrets."""

from __future__ import annotations

import os
from collections.abc import Collection

from nucliactl.disk import witness
from nucliactl.disk.judging import judge
from nucliactl.disk.modes import KEY as MODES
from nucliactl.disk.paths import SYSTEM
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.endpoint import check_domain, origin_of
from nucliactl.model.fields import FIELDS
from nucliactl.model.trust import Trust
from nucliactl.model.ways import STORES
from nucliactl.store.formats import parse_toml
from nucliactl.store.layout import Store
from nucliactl.store.lines import place_of
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import StoreName


FILE = "config.toml"
OF_PROFILES = tuple(field.name for field in FIELDS if field.setting)
SETTINGS = ("output", "allowed_origins", "trusted_projects", "domain", "storage", *OF_PROFILES)


class Config(NamedTuple):
    """The settings files, lowest first, the origins the user trusts beside Nuclia's own, the directories
    whose projects may choose a profile whoever owns them, and where new credentials are kept."""

    files: tuple[tuple[str, dict[str, Any]], ...]
    allowed_origins: tuple[str, ...]
    trusted_projects: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    domain: str | None = None
    storage: StoreName | None = None


def read_config(store: Store | None, wanted: Collection[str] = SETTINGS, read: Read = read_file) -> Config:
    """Return what /etc and the store say of the settings that are `wanted`. Raises Damaged naming file
    and key, Refused where others could have written a file that says something of them."""
    places = [system_trust(store)] if os.name == "posix" else []
    places += [store.trust] if store else []
    files: list[tuple[str, dict[str, Any]]] = []
    warnings: list[str] = []
    allowed: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    domain, storage = None, None
    for trust in places:
        if not trust.named and witness.is_directory(trust.root) and not witness.may_enter(trust.root):
            continue  # nobody can tell whether it has settings: then it has none
        path = os.path.join(trust.root, FILE)
        contents = read(path, trust, judged=False)
        if contents is not None:
            table = parse_toml(contents.data, path)
            known = (*SETTINGS, MODES) if trust.root == SYSTEM else SETTINGS
            warnings += [_unknown(key, path, read) for key in table if key not in known]
            said = {key: value for key, value in table.items() if key in wanted}
            if said:
                judge(path, contents.mode, contents.uid, trust)
                files.append((path, said))
            for key, value in said.items():
                try:
                    if key == "allowed_origins":
                        allowed = _origins(value)
                    elif key == "trusted_projects":
                        trusted += _projects(value)
                    elif key == "domain":
                        domain = check_domain(value if isinstance(value, str) else "", key)
                    elif key == "storage":
                        storage = _storage(value)
                except Malformed as error:
                    raise Damaged(f"{place_of(path, key)}: {error.message}", hint=error.hint) from None
    return Config(tuple(files), allowed, trusted, tuple(warnings), domain, storage)


def system_trust(store: Store | None) -> Trust:
    """How /etc is judged; it is a store like others where somebody named it as that."""
    return Trust(SYSTEM, named=store is not None and store[:2] == (SYSTEM, True), unmapped=True)


def _unknown(key: str, path: str, read: Read) -> str:
    from nucliactl.model.spelling import did_you_mean

    return f"{place_of(path, key, read)}: unknown key {key!r}{did_you_mean(key, SETTINGS)}"


def _origin(text: str) -> str:
    """One origin; `https://*.x` stands for exactly one label, as everywhere."""
    wild = text.replace("://*.", "://wildcard.", 1)
    found = origin_of(wild, "allowed_origins", plain_http=True)
    return found if wild == text else found.replace("://wildcard.", "://*.", 1)


def _origins(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        hint = 'For example: allowed_origins = ["https://nuclia.example.com"]'
        raise Malformed("allowed_origins must be a list of strings.", hint=hint)
    return tuple(_origin(one) for one in value)


def _storage(value: Any) -> StoreName:
    for name in STORES:
        if name == value:
            return name
    raise Malformed("storage is not known.", hint=f"Use {' or '.join(STORES)}.")


def _projects(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and os.path.isabs(one) for one in value):
        hint = 'For example: trusted_projects = ["/srv/checkout"]'
        raise Malformed("trusted_projects must be a list of absolute paths.", hint=hint)
    return tuple(os.path.normpath(one) for one in value)
