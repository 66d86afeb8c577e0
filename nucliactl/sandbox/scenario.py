"""What a sandbox begins with: the built-in scenario, or one described by a JSON file."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from nucliactl.errors import Malformed

BUILT_IN: dict[str, Any] = {
    "person": {"name": "Sam Sandbox", "email": "sam@sandbox.invalid", "password": "sandbox"},
    "accounts": [{"slug": "acme", "title": "Acme"}, {"slug": "globex", "title": "Globex"}],
    "zones": [{"slug": "europe-1", "title": "Europe"}, {"slug": "aws-us-east-2-1", "title": "United States"}],
    "kbs": [
        {"slug": "handbook", "title": "Staff handbook", "account": "acme"},
        {"slug": "catalogue", "title": "Product catalogue", "account": "globex", "zone": "aws-us-east-2-1"},
        {"slug": "open", "title": "Open data", "account": "acme", "public": True},
    ],
    "agents": [{"slug": "helpdesk", "title": "Help desk", "account": "acme"}],
    "nua": [{"title": "Pipeline", "account": "acme"}],
    "nucliadb": [{"slug": "notes", "title": "Local notes"}],
}
_KEYS = {
    "person": {"name", "email", "password"},
    "accounts": {"id", "slug", "title"},
    "zones": {"slug", "title", "slow", "status", "origin"},
    "kbs": {"id", "slug", "title", "account", "zone", "public", "key", "role"},
    "agents": {"id", "slug", "title", "account", "zone", "key", "memory"},
    "nua": {"client", "title", "account", "key"},
    "nucliadb": {"id", "slug", "title"},
}
_NEEDED = {
    "person": ("email",),
    "nua": ("account",),
    "kbs": ("slug", "account"),
    "agents": ("slug", "account"),
}


def described(path: str) -> dict[str, Any]:
    """Return the scenario a JSON file describes; a part that is left out is empty, and the person and
    the zones are the built-in ones.

    Raises Malformed naming the part and key that cannot be understood.
    """
    try:
        with open(path, "rb") as file:
            found = json.load(file)
    except OSError as error:
        raise Malformed(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError):
        raise Malformed(f"{path} is not valid JSON.") from None
    if not isinstance(found, dict):
        raise Malformed(f"{path} is not a JSON object.")
    scenario: dict[str, Any] = {part: [] for part in BUILT_IN}
    scenario.update(person=BUILT_IN["person"], zones=BUILT_IN["zones"])
    for part, value in found.items():
        if part not in _KEYS:
            raise Malformed(f"{path}: there is no part {part!r}.", hint=f"The parts are {', '.join(_KEYS)}.")
        rows = [value] if part == "person" else value
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Malformed(f"{path}: {part} is not a list of objects.")
        for row in rows:
            _check(row, part, path)
        scenario[part] = value
    _check_references(scenario, path)
    return scenario


def _check(row: dict[str, Any], part: str, path: str) -> None:
    unknown = set(row) - _KEYS[part]
    missing = [key for key in _NEEDED.get(part, ("slug",)) if not isinstance(row.get(key), str)]
    if unknown:
        known = ", ".join(sorted(_KEYS[part]))
        raise Malformed(f"{path}: {part} has the unknown key {min(unknown)!r}.", hint=f"Keys: {known}.")
    if missing:
        raise Malformed(f"{path}: one of {part} lacks {missing[0]!r}.")


def _check_references(scenario: dict[str, Any], path: str) -> None:
    known = {part: {row["slug"] for row in scenario[part]} for part in ("accounts", "zones")}
    for part in ("kbs", "agents", "nua"):
        for row in scenario[part]:
            for key, names in (("account", known["accounts"]), ("zone", known["zones"])):
                if row.get(key) is not None and row[key] not in names:
                    raise Malformed(f"{path}: {part} names the {key} {row[key]!r}, which is not there.")


def disturbed(scenario: Mapping[str, Any], slow: Sequence[str], fail: Sequence[str]) -> dict[str, Any]:
    """Return a scenario with zones made slow (`ZONE=SECONDS`) or failing (`ZONE`, `ZONE=STATUS`).

    Raises Malformed for a zone that is not there, or a number that is none.
    """
    zones = {row["slug"]: dict(row) for row in scenario["zones"]}
    for key, words in (("slow", slow), ("status", fail)):
        for word in words:
            slug, _, number = word.partition("=")
            if slug not in zones:
                raise Malformed(f"There is no zone {slug[:40]!r}.", hint=f"The zones are {', '.join(zones)}.")
            try:
                zones[slug][key] = float(number) if key == "slow" else int(number or 503)
            except ValueError:
                raise Malformed(f"{word[:40]!r} is not ZONE=NUMBER.") from None
            if not 0 <= zones[slug][key] < 1000:
                raise Malformed(f"{word[:40]!r}: the number is out of range.")
    return {**scenario, "zones": list(zones.values())}
