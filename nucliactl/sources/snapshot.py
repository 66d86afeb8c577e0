"""What this process itself chose, at one moment."""

from __future__ import annotations

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.profile import Definition


class InMemory(NamedTuple):
    """What `sources.in_memory` keeps. `override`: a name (or names, as in NUCLIA_PROFILE) or a definition
    that wins over all. `chosen`: at most one definition a kind, the latest first."""

    override: str | Definition | None = None
    chosen: tuple[Definition, ...] = ()
