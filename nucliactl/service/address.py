"""Where a request of `api` goes: below a profile's base, below the global API (`global:`) or its zone's
(`zone:`), or to an address."""

import re
from collections.abc import Mapping

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.model.endpoint import check_zone
from nucliactl.model.kinds import SIGNED_IN
from nucliactl.model.profile import Definition
from nucliactl.model.segment import segment

API = "/api/v1"
_GLOBAL, _ZONE = "global:", "zone:"
_PLACEHOLDER = re.compile(r"\{([A-Za-z_-]+)\}")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\\]")
_STEP = re.compile(r"(?:^|[/:]|%2f|%5c)(?:\.|%2e){1,2}(?=/|%2f|%5c|$)", re.IGNORECASE)  # `.` and `..`


def address(
    path: str, definition: Definition, defaults: Mapping[str, str | None], zone_base: str | None = None
) -> str:
    """Return the URL that a path means for a profile. `defaults` are its effective account, zone and kb;
    `zone_base` is the address of the zone that `zone_of` names.

    A path that begins with /api/ stands below the server itself, as the documentation of the service
    writes it. Raises Malformed for a placeholder that is unknown or has no value, or for a path that climbs.
    """
    if _CONTROL.search(path):
        raise Malformed("The path holds a backslash or a control character.", hint="Write it as %XX.")
    path = _PLACEHOLDER.sub(lambda match: _value(match[1], definition, defaults), path.partition("#")[0])
    if _STEP.search(path.partition("?")[0]):
        raise Malformed(
            "The path holds a step . or .., which would lead elsewhere.",
            hint="Write where it leads: PATH, /api/v1/PATH, global:PATH or zone:PATH",
        )
    if _ABSOLUTE.match(path):
        return path
    if path.startswith(_GLOBAL):
        return _below(definition.global_url + API, path.removeprefix(_GLOBAL))
    if path.startswith(_ZONE):
        base = zone_base or (definition.base_url or "").partition(API)[0]
        return _below(base + API, path.removeprefix(_ZONE))
    return _below(definition.base_url or "", path)


def zone_of(path: str, definition: Definition, defaults: Mapping[str, str | None]) -> str | None:
    """Return the zone whose address has to be known for a path; None where the profile is in a zone itself,
    or the path names none. Raises Malformed where the profile has no zone."""
    if definition.kind not in SIGNED_IN or not path.startswith(_ZONE):
        return None
    return check_zone(_stated("zone", definition, defaults), "The zone")


def _below(base: str, path: str) -> str:
    rest = path.lstrip("/")
    if rest.startswith("api/"):
        return f"{base.partition(API)[0]}/{rest}"
    return f"{base}/{rest}" if rest and rest[0] != "?" else base + rest


def _value(name: str, definition: Definition, defaults: Mapping[str, str | None]) -> str:
    if name not in defaults:
        known = ", ".join(f"{{{one}}}" for one in defaults)
        raise Malformed(
            f"There is no placeholder {{{name[:40]}}}.", hint=f"There are {known}. A brace itself is %7B."
        )
    url = definition.get("url") or ""
    if name == "kb" and definition.kind == "kb" and "/kb/s/" in url:
        return url.rpartition("/kb/")[2]  # by its slug
    return segment(_stated(name, definition, defaults), f"the {name}")


def _stated(name: str, definition: Definition, defaults: Mapping[str, str | None]) -> str:
    value = defaults.get(name)
    if not value:
        raise Malformed(
            f"The profile {definition.name!r} names no {name}, which the path needs.",
            hint=f"Set it: {_setting(name, definition)}",
        )
    return value


def _setting(name: str, definition: Definition) -> str:
    """The command that gives a profile what it lacks."""
    if definition.kind in SIGNED_IN and name == "account":
        return hints.ACCOUNT_DEFAULT.format(definition.name)
    if definition.kind in SIGNED_IN and name == "zone":
        return hints.ZONE_DEFAULT.format(definition.name)
    return hints.SET_KEY.format(definition.name, name, name.upper())
