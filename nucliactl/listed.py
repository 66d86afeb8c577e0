"""One row of a listing."""

from __future__ import annotations

from nucliactl.model.ending import Life
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName


class Listed(NamedTuple):
    """One row. `expires_at` epoch seconds (unverified, from the key) or None; `login_needed` where
    the store should hold a credential and holds none. `life` is for people only."""

    name: str
    kind: KindName
    target: str
    account: str | None
    account_slug: str | None
    source: str
    active: bool
    expires_at: int | None
    storage: str
    login_needed: bool
    title: str | None
    description: str | None
    zone: str | None
    life: Life
