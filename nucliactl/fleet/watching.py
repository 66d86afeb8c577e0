"""Following the records of a server: look after look, and what to do while it does not answer.

Events of the server are a hint only: each look reads everything, and the interval goes on without them.
"""

import random
import time
from collections.abc import Callable, Mapping
from typing import NoReturn

from nucliactl.errors import LoginNeeded, NotWritable, NucliactlError, Unreachable
from nucliactl.fleet.contract import Records
from nucliactl.fleet.looking import Change, Look

_SPREAD = 0.2
_FIRST, _LONGEST = 0.5, 30.0  # seconds, of a try that failed
_BETWEEN = 0.2  # seconds between looks, however many events come

Pull = Callable[[], tuple[Look, tuple[Change, ...]]]
Say = Callable[[str], None]


class Watch:
    """Looks until a signal ends it. `pull` looks and publishes, `say` tells people of what changed, `good` is
    called after each look that the server answered. `whole` says that each record must be good at first."""

    def __init__(
        self, pull: Pull, records: Records, say: Say, good: Callable[[], None], *, whole: bool
    ) -> None:
        self._pull, self._records, self._say, self._good, self._whole = pull, records, say, good, whole
        self._last: float | None = None
        self._failure: str | None = None
        self._mended = ""
        self._failed = 0
        self._problems: Mapping[str, str] = {}

    def follow(self, interval: float) -> NoReturn:
        """Look about every `interval` seconds, and when the server tells of a change.

        Until a first look was good, raises what is not the server's being away. Later it raises nothing.
        """
        while True:
            began = time.monotonic()
            self._records.wait(self._looked(interval))
            rest = began + _BETWEEN - time.monotonic()
            if rest > 0:
                time.sleep(rest)

    def _looked(self, interval: float) -> float:
        """Look once; return the seconds until the next look."""
        try:
            seen, changes = self._pull()
            self._tell(seen, changes)
            if self._whole and self._last is None and seen.problems:
                raise next(iter(seen.problems.values()))
            self._good()
        except NucliactlError as error:
            if self._last is None and not isinstance(error, Unreachable):
                raise
            self._say_failure(error)
            if isinstance(error, LoginNeeded):
                return _around(interval)
            self._failed += 1
            return random.uniform(0, min(_LONGEST, _FIRST * 2 ** min(self._failed, 10)))  # noqa: S311
        if self._failure is not None:
            self._say(self._mended)
        self._failure, self._failed, self._last = None, 0, time.monotonic()
        return _around(interval)

    def _tell(self, seen: Look, changes: tuple[Change, ...]) -> None:
        for text in told(seen, changes, why=True):
            self._say(text)
        now = {name: error.message for name, error in seen.problems.items()}
        withdrawn = {change.name for change in changes if change.verb == "withdrew"}
        for name, message in now.items():
            if self._problems.get(name) != message and name not in withdrawn:
                self._say(message)
        self._problems = now

    def _say_failure(self, error: NucliactlError) -> None:
        """Say why a look failed: once for each reason, a refused login each time."""
        known = self._failure == error.message and not isinstance(error, LoginNeeded)
        here = isinstance(error, NotWritable)
        self._failure = error.message
        self._mended = "it can be written again" if here else "the store of the profiles answers again"
        if known:
            return
        kept = "trying again"
        if self._last is not None and not here:
            kept = f"what was read {_age(time.monotonic() - self._last)} ago stays"
        self._say(f"{error.message.rstrip('.')}; {kept}")


def told(seen: Look, changes: tuple[Change, ...], *, why: bool) -> list[str]:
    """Return a line for each change, with the reason `why` something was withdrawn."""
    lines = []
    for change in changes:
        if change.verb == "withdrew":
            reason = seen.problems.get(change.name)
            said = f": {reason.message if reason else change.why}" if why else ""
            lines.append(f"withdrew {change.name}{said}")
        elif change.verb != "unchanged":
            definition = seen.records[change.name].definition
            lines.append(f"{change.verb} {change.name} ({definition.kind}, {definition.target})")
            lines += [f"{change.name}: {warning}" for warning in definition.warnings]
    return lines


def _around(interval: float) -> float:
    return interval * random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311


def _age(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
