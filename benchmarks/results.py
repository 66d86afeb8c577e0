"""What one run found, as it is kept in a file and drawn from."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from interleaved import Spread
from targets import Measure


class Results(NamedTuple):
    """`machine` in words; `versions` by program; `absent`: what could not be measured, and why; `bare`:
    the bare interpreter in milliseconds; `modules` by program: what it imports beyond that interpreter."""

    date: str
    machine: str
    rounds: int
    versions: Mapping[str, str]
    absent: Mapping[str, str]
    bare: Spread
    found: Mapping[Measure, Spread]
    modules: Mapping[str, Sequence[str]]

    def save(self, path: Path) -> None:
        kept = self._asdict() | {"found": [[*measure, *spread] for measure, spread in self.found.items()]}
        path.write_text(json.dumps(kept, indent=1))

    @classmethod
    def load(cls, path: Path) -> "Results":
        kept = json.loads(path.read_text())
        found = {(name, size, unit): Spread(*spread) for name, size, unit, *spread in kept["found"]}
        return cls(**(kept | {"bare": Spread(*kept["bare"]), "found": found}))

    def at(self, name: str, size: int) -> Spread | None:
        """Return a program's ratio to the bare interpreter with so many profiles, if it has one."""
        return self.found.get((name, size, "x"))
