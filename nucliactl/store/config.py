"""`config.toml`: settings the user writes, of the store and of /etc/nucliactl. Never secrets."""

import os
from collections.abc import Collection
from typing import Any, NamedTuple

from nucliactl.disk.files import Read
from nucliactl.disk.judging import judge
from nucliactl.disk.modes import KEY as MODES
from nucliactl.disk.paths import SYSTEM
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.endpoint import check_domain, origin_of
from nucliactl.model.fields import FIELDS
from nucliactl.model.trust import Trust
from nucliactl.store.definitions import parse_toml
from nucliactl.store.layout import Store
from nucliactl.store.lines import place_of

FILE = "config.toml"
OF_PROFILES = tuple(field.name for field in FIELDS if field.setting)
SETTINGS = ("output", "allowed_origins", "trusted_projects", "domain", *OF_PROFILES)


class Config(NamedTuple):
    """The settings files, lowest first, the origins the user trusts beside Nuclia's own, and the
    directories whose projects may choose a profile whoever owns them."""

    files: tuple[tuple[str, dict[str, Any]], ...]
    allowed_origins: tuple[str, ...]
    trusted_projects: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    domain: str | None = None


def read_config(store: Store | None, wanted: Collection[str] = SETTINGS, read: Read = read_file) -> Config:
    """Return what /etc and the store say of the settings that are `wanted`. Raises Damaged naming file
    and key, Refused where others could have written a file that says something of them."""
    places = [system_trust(store)] if os.name == "posix" else []
    places += [store.trust] if store else []
    places = [trust for trust in places if not _hidden(trust)]
    files: list[tuple[str, dict[str, Any]]] = []
    warnings: list[str] = []
    allowed: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    domain = None
    for trust in places:
        path = os.path.join(trust.root, FILE)
        contents = read(path, trust, judged=False)
        if contents is not None:
            table = parse_toml(contents.data, path)
            warnings += [_unknown(key, path, read) for key in table if key not in _known(trust)]
            said = {key: value for key, value in table.items() if key in wanted}
            if said:
                judge(path, contents.mode, contents.uid, trust)
                files.append((path, said))
            if "allowed_origins" in said:
                allowed = _origins(said["allowed_origins"], path)
            if "trusted_projects" in said:
                trusted += _projects(said["trusted_projects"], path)
            if "domain" in said:
                domain = _domain(said["domain"], path)
    return Config(tuple(files), allowed, trusted, tuple(warnings), domain)


def system_trust(store: Store | None) -> Trust:
    """How /etc is judged; it is a store like others where somebody named it as that."""
    return Trust(SYSTEM, named=store is not None and store[:2] == (SYSTEM, True), unmapped=True)


def _known(trust: Trust) -> tuple[str, ...]:
    return (*SETTINGS, MODES) if trust.root == SYSTEM else SETTINGS


def _hidden(trust: Trust) -> bool:
    """Say whether nobody can tell if a place that nobody named has settings: then it has none."""
    return not trust.named and os.path.isdir(trust.root) and not os.access(trust.root, os.X_OK)


def _unknown(key: str, path: str, read: Read) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, SETTINGS, 1)
    return f"{place_of(path, key, read)}: unknown key {key!r}" + (
        f"; did you mean {near[0]!r}?" if near else ""
    )


def _domain(value: Any, path: str) -> str:
    try:
        return check_domain(value if isinstance(value, str) else "", "domain")
    except Malformed as error:
        raise Damaged(f"{place_of(path, 'domain')}: {error.message}", hint=error.hint) from None


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
