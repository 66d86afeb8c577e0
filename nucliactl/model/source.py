"""Where something came from."""

from __future__ import annotations

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import SourceKind


class Source(NamedTuple):
    """One place something came from. `kind` says what sort of place, `location` is a variable or file."""

    kind: SourceKind
    location: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.location}"


GIVEN = Source("flag", "this command")
"""Where a profile is from that is not saved yet."""
