"""The JSON shapes that programs rely on (DESIGN section 8)."""

from typing import Any

from nucliactl.cli.output import iso
from nucliactl.listing import Listed


def row(found: Listed) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "target": found.target,
        "account": found.account,
        "source": found.source,
        "active": found.active,
        "expires_at": iso(found.expires_at),
        "storage": found.storage,
    }


def text(value: Any) -> str:
    """Return an effective value for a table."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
