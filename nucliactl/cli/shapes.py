"""The JSON shapes that programs rely on: stable, and tested."""

from __future__ import annotations

from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_flowing, iso
from nucliactl.listed import Listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from nucliactl.layers import Value
    from nucliactl.profiles.edit import Changed


def columns(rows: Sequence[Listed]) -> dict[str, Sequence[Any]]:
    """Rows as their columns, each with its key: all but `life`."""
    found: dict[str, Sequence[Any]] = dict(zip(Listed._fields[:-1], zip(*rows, strict=True), strict=False))
    if found:
        found["expires_at"] = [iso(seconds) for seconds in found["expires_at"]]
    return found


def row(listed: Listed) -> dict[str, Any]:
    return {key: column[0] for key, column in columns([listed]).items()}


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
