"""The JSON shapes that programs rely on: stable, and tested."""

from typing import TYPE_CHECKING, Any

from nucliactl.cli.output import iso
from nucliactl.listing import Listed

if TYPE_CHECKING:
    from nucliactl.profiles.edit import Changed


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


def changed(found: "Changed") -> dict[str, Any]:
    """What changing a definition did: the profile, whether it still has its secret, who refers to it."""
    return {
        "name": found.definition.name,
        "kind": found.definition.kind,
        "path": found.definition.source.location,
        "credential": found.credential,
        "dependants": list(found.dependants),
    }


def text(value: Any) -> str:
    """Return an effective value for a table."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
