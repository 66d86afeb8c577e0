"""`config.toml`: settings the user writes, of the store and of /etc/nucliactl. Never secrets."""

import os
from typing import Any, NamedTuple

from nucliactl.disk.paths import SYSTEM
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.endpoint import origin_of
from nucliactl.model.fields import FIELDS
from nucliactl.store.definitions import parse_toml
from nucliactl.store.layout import Store
from nucliactl.store.lines import place_of

FILE = "config.toml"
SETTINGS = (
    "output",
    "allowed_origins",
    "trusted_projects",
    *(field.name for field in FIELDS if field.setting),
)


class Config(NamedTuple):
    """The settings files, lowest first, the origins the user trusts beside Nuclia's own, and the
    directories whose projects may choose a profile whoever owns them."""

    files: tuple[tuple[str, dict[str, Any]], ...]
    allowed_origins: tuple[str, ...]
    trusted_projects: tuple[str, ...]
    warnings: tuple[str, ...] = ()


def read_config(store: Store | None) -> Config:
    """Return what /etc and the store say. Raises Damaged naming file and key, Refused by its mode."""
    paths = [os.path.join(SYSTEM, FILE)] if os.name == "posix" else []
    paths += [os.path.join(store.root, FILE)] if store else []
    files = []
    allowed: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    for path in paths:
        contents = read_file(path)
        if contents is not None:
            table = parse_toml(contents.data, path)
            files.append((path, table))
            if "allowed_origins" in table:
                allowed = _origins(table["allowed_origins"], path)
            if "trusted_projects" in table:
                trusted += _projects(table["trusted_projects"], path)
    warnings = tuple(_unknown(key, path) for path, table in files for key in table if key not in SETTINGS)
    return Config(tuple(files), allowed, trusted, warnings)


def _unknown(key: str, path: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, SETTINGS, 1)
    return f"{place_of(path, key)}: unknown key {key!r}" + (f"; did you mean {near[0]!r}?" if near else "")


def _origin(text: str) -> str:
    """One origin; `https://*.x` stands for exactly one label, as everywhere."""
    wild = text.replace("://*.", "://wildcard.", 1)
    found = origin_of(wild, "allowed_origins", plain_http=True)
    return found if wild == text else found.replace("://wildcard.", "://*.", 1)


def _origins(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        hint = 'For example: allowed_origins = ["https://nuclia.example.com"]'
        place = place_of(path, "allowed_origins")
        raise Damaged(f"{place}: allowed_origins must be a list of strings.", hint=hint)
    try:
        return tuple(_origin(one) for one in value)
    except Malformed as error:
        raise Damaged(f"{place_of(path, 'allowed_origins')}: {error.message}", hint=error.hint) from None


def _projects(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and os.path.isabs(one) for one in value):
        hint = 'For example: trusted_projects = ["/srv/checkout"]'
        place = place_of(path, "trusted_projects")
        raise Damaged(f"{place}: trusted_projects must be a list of absolute paths.", hint=hint)
    return tuple(os.path.normpath(one) for one in value)
