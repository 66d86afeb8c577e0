"""The JSON shapes that programs rely on: stable, and tested."""

from __future__ import annotations

from collections.abc import Iterable

from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_flowing, iso
from nucliactl.listing import Listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.layers import Value
    from nucliactl.profiles.edit import Changed


_KEYS = Listed._fields[:-1]


def row(listed: Listed) -> dict[str, Any]:
    found = dict(zip(_KEYS, listed, strict=False))  # all but its `life`
    found["expires_at"] = iso(listed.expires_at)
    return found


def values(found: Iterable[Value]) -> list[dict[str, Any]]:
    return [{"key": v.key, "value": v.value, "source": str(v.source)} for v in found]


def emit_values(args: Arguments, found: Iterable[Value]) -> None:
    """Print effective values, and where each is from, as a table that cuts nothing."""
    from nucliactl.text_table import Column

    cells = [
        (key, ", ".join(map(str, value)) if isinstance(value, list) else str(value), str(source))
        for key, value, source in found
    ]
    columns = (
        Column("KEY", always=True),
        Column("VALUE", least=16, always=True),
        Column("SOURCE", always=True),
    )
    emit_flowing(args, cells, columns)


def changed(found: Changed) -> dict[str, Any]:
    """What changing a definition did: the profile, whether it still has its secret, who refers to it."""
    return {
        "name": found.definition.name,
        "kind": found.definition.kind,
        "path": found.definition.source.location,
        "credential": found.credential,
        "dependants": list(found.dependants),
    }
