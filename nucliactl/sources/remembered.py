"""An answer made of this process's sources, remembered while they state the same.

It stands as long as the variables and the working directory are the same, and the disk looks as it did to
the same user (`disk.sight`). Nothing outlives the process.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Mapping

from nucliactl.disk.sight import Memory
from nucliactl.disk.witness import variable_now
from nucliactl.sources.in_memory import nothing_chosen
from nucliactl.sources.sources import working_directory

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")

_MANY = 32
_memories: dict[Hashable, Memory] = {}


def remembered(
    question: Hashable, make: Callable[[Mapping[str, str], str | None], T], again: Callable[[T], None]
) -> T:
    """Return the answer that `make` gives, or gave while everything that it depends on was as it is now:
    that one is shown to `again` first. `make` is given the variables and the working directory: another
    thread may change both while it works.

    What depends on what the process itself chose is not remembered, nor what `make` raises, nor what a file
    says that has just been changed. An answer holds no secret.
    """
    variables: dict[Any, Any] = getattr(os.environ, "_data", os.environ).copy()
    folder = working_directory()
    if not nothing_chosen():
        return make(_decoded(variables), folder)
    # Of the variables a hash: no secret among them is kept after it has been unset.
    whole = question, hash((*variables, *variables.values())), folder
    memory = _memories.get(whole)
    if memory is None:
        if len(_memories) >= _MANY:
            _memories.clear()
        memory = _memories.setdefault(whole, Memory(variable_now))
    return memory.answer(lambda: make(_decoded(variables), folder), again)


def forget() -> None:
    """Forget every answer, for tests."""
    _memories.clear()


def _decoded(variables: Mapping[Any, Any]) -> dict[str, str]:
    return {os.fsdecode(name): os.fsdecode(value) for name, value in variables.items()}
