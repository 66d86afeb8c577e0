"""An answer made of this process's sources, remembered while they state the same.

It stands as long as the variables, the working directory and the user are the same and the disk looks as it
did (`disk.witness`). Nothing outlives the process, and a forked child begins with what its parent knew.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable

from nucliactl.disk.witness import Look, unchanged, watched
from nucliactl.sources.in_memory import nothing_chosen
from nucliactl.sources.sources import working_directory
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    T = TypeVar("T")

_MANY = 32


class _Known(NamedTuple):
    process: tuple[object, ...]
    sight: tuple[Look, ...]
    answer: Any


_known: dict[Hashable, _Known] = {}


def remembered(question: Hashable, make: Callable[[], T], again: Callable[[T], None]) -> T:
    """Return the answer that `make` gives, or gave while everything that it depends on was as it is now:
    that one is shown to `again` first.

    What it raises is not remembered, nor an answer that depends on what the process itself chose, on the
    network, or on a file that has just been changed. An answer holds no secret.
    """
    if not nothing_chosen():
        return make()
    process = _process()
    known = _known.get(question)
    if known is not None and known.process == process and unchanged(known.sight):
        answer: T = known.answer
        again(answer)
        return answer
    with watched() as watch:
        answer = make()
    sight = watch.sight()
    if sight is None:
        _known.pop(question, None)
    else:
        if len(_known) >= _MANY:
            _known.clear()
        _known[question] = _Known(process, sight, answer)
    return answer


def forget() -> None:
    """Forget every answer, for tests."""
    _known.clear()


def _process() -> tuple[object, ...]:
    """Return what there is of this process to depend on. Of the variables a hash: no secret among them is
    kept after it has been unset."""
    variables = getattr(os.environ, "_data", os.environ)
    user = (os.geteuid(), os.getuid()) if os.name == "posix" else ()
    return hash((*variables, *variables.values())), working_directory(), user
