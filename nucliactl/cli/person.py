"""Whether a person can be asked: the one place that decides it."""

import os
import sys
from typing import NamedTuple

from nucliactl.terminal import in_ci_job, in_foreground


class Person(NamedTuple):
    """Who may be at the terminal. `obstacle`: why nobody can be asked, in words; None where somebody can.
    `draws`: the terminal can show a list that moves, and not only lines."""

    obstacle: str | None
    draws: bool = False

    @property
    def there(self) -> bool:
        return self.obstacle is None


def person() -> Person:
    """Find out who can be asked: on stderr, with an answer from stdin, by a process that has the terminal,
    and in no CI job (`CI`), whose terminal nobody looks at."""
    for stream, name in ((sys.stdin, "standard input"), (sys.stderr, "standard error")):
        if not stream.isatty():
            return Person(f"{name} is not a terminal")
    if in_ci_job(os.environ):
        return Person("this is a CI job (CI is set)")
    if not in_foreground(sys.stdin.fileno()):
        return Person("this runs in the background")
    return Person(None, draws=os.environ.get("TERM", "dumb") not in ("", "dumb"))
