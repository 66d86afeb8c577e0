"""The shells that are known, and which of them a person uses."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

SHELLS = ("bash", "zsh", "fish")
_ANCESTORS = 8


def used_shell(environ: Mapping[str, str]) -> str | None:
    """Return the nearest shell that this process descends from, else the one `SHELL` names; None where
    neither is in `SHELLS`. Starts no process."""
    named = [*_ancestors(), os.path.basename(environ.get("SHELL", ""))]
    return next((name for name in named if name in SHELLS), None)


def _ancestors() -> Iterator[str]:
    """The names of the programs above this process, nearest first, where the system shows them as files."""
    pid = os.getppid()
    for _ in range(_ANCESTORS):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                name, _, rest = file.read().partition("(")[2].rpartition(")")
        except OSError:
            return
        yield name
        pid = int(rest.split()[1])
