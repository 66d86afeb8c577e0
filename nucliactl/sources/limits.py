"""What a definition may say, by the directory that it is in."""

from __future__ import annotations

import os

from nucliactl.disk import witness
from nucliactl.disk.paths import beside
from nucliactl.errors import Refused
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition
from nucliactl.model.ways import KEYED, WAYS, Way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from nucliactl.model.words import WayName

_OURS = ("NUCLIA_", "NUA_", "ARAG_")


def check_limits(found: Definition, folder: str, allow: Callable[[str], bool] | None) -> None:
    """Hold a definition to what its directory is trusted with. Raises Refused."""
    way, location = WAYS[found.secret.way], found.source.location
    if found.source.kind not in way.trusted_in:
        places = " and ".join(_PLACES[kind] for kind in way.trusted_in)
        others = [_key(found, other) for other in KEYED if found.source.kind in other.trusted_in]
        raise Refused(
            f"{location} wants to {way.does}, which only {places} may.",
            hint=f"Use {' or '.join(others[1:])}.",
        )
    if found.source.kind != "flag":
        return
    if problem := CONFINED[way.name](found, folder) if way.name in CONFINED else None:
        raise Refused(f"{location}: {_key(found, way)} must {problem}.")
    if way.opens == "late" or found.values.get("roles"):
        for origin in found.origins:
            if allow is not None and not allow(origin):
                raise Refused(
                    f"{location} leads to {origin}, which is not a known Nuclia host.",
                    hint=f'If you trust it: allowed_origins = ["{origin}"] in config.toml of the store.',
                )


def _below(found: Definition, folder: str) -> str | None:
    root = witness.real_path(folder)
    real = witness.real_path(beside(found.source.location, found.secret.where))
    return None if os.path.commonpath([real, root]) == root else f"lie below {folder}"


def _of_ours(found: Definition, _folder: str) -> str | None:
    return None if found.secret.where.startswith(_OURS) else f"name a variable {', '.join(_OURS)}…"


_PLACES = {"store": "the store", "system": "/etc/nucliactl"}
CONFINED: dict[WayName, Callable[[Definition, str], str | None]] = {"file": _below, "variable": _of_ours}
"""What a definition under --profiles-dir may name in the ways that are opened late, else what it must."""


def _key(found: Definition, way: Way) -> str:
    secret = KINDS[found.kind].secret
    return f"{secret.name if secret else ''}{way.suffix}"
