"""What the settings files say, once one is there."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from nucliactl.disk.judging import judge
from nucliactl.disk.looking import Contents
from nucliactl.disk.modes import KEY as MODES
from nucliactl.disk.paths import SYSTEM
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.endpoint import check_domain, origin_of
from nucliactl.model.fields import FIELDS
from nucliactl.model.trust import Trust
from nucliactl.model.ways import STORES
from nucliactl.store.config import Config
from nucliactl.store.formats import parse_toml
from nucliactl.store.lines import place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import StoreName


OF_PROFILES = tuple(field.name for field in FIELDS if field.setting)
SETTINGS = ("output", "allowed_origins", "trusted_projects", "domain", "storage", *OF_PROFILES)


def settings_in(there: Sequence[tuple[str, Trust, Contents]], wanted: Collection[str], read: Read) -> Config:
    """Return what some files, lowest first, say of the settings that are `wanted`. Raises as `read_config`
    does."""
    files: list[tuple[str, dict[str, Any]]] = []
    warnings: list[str] = []
    allowed: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    domain, storage = None, None
    for path, trust, contents in there:
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
