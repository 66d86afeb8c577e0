"""When a credential ends, in words, and whether that is near enough to be said."""

from __future__ import annotations

from nucliactl.errors import Malformed
from nucliactl.tuples import NamedTuple

_DAY = 86400
_NEAR, _SHORT = 7 * _DAY, 14 * _DAY
_UNITS = {"d": _DAY, "h": 3600}


def is_near(ends: int | None, begins: int | None, now: float) -> bool:
    """Say whether a credential has ended or will within 7 days; one that lives less than 14 days, in its
    last tenth. Times are epoch seconds; None where nobody knows."""
    if ends is None:
        return False
    life = ends - begins if begins is not None and begins < ends else _SHORT
    return ends - now <= (_NEAR if life >= _SHORT else life / 10)


class Life(NamedTuple):
    """From when to when a credential is good: epoch seconds, None where nobody knows. What `renews` itself
    never ends."""

    begins: int | None = None
    ends: int | None = None
    renews: bool = False

    def is_over(self, now: float) -> bool:
        """Say whether it has ended."""
        return not self.renews and self.ends is not None and self.ends <= now

    def is_near_end(self, now: float) -> bool:
        """Say whether it has ended or soon will."""
        return not self.renews and is_near(self.ends, self.begins, now)


def seconds_in(text: str, what: str) -> int:
    """Return a time such as `7d` or `12h` in seconds. Raises Malformed; `what` names it there."""
    number, unit = text[:-1], text[-1:]
    if not (number.isascii() and number.isdigit() and 0 < int(number[:6]) < 100_000 and unit in _UNITS):
        raise Malformed(
            f"{what} is not a time in days or hours.", hint=f"For example {what} 7d, or {what} 12h."
        )
    return int(number) * _UNITS[unit]


def in_words(seconds: int | None, now: float) -> str:
    """Return when something ends, for people: `in 24 min`, `in 12 days`, `expired`, `-`."""
    if seconds is None:
        return "-"
    left = seconds - now
    if left <= 0:
        return "expired"
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if left >= size * (2 if unit == "day" else 1):
            number = int((left + (3600 if unit == "day" else 0)) // size)  # 30 days less a second is 30 days
            return f"in {number} {unit}{'s' if unit == 'day' else ''}"
    return f"in {int(left)} s"


def sentence(seconds: int | None, now: float) -> str:
    """Return when something ends, as a verb: `ends in 12 days`, `has expired`, `never ends`."""
    if seconds is None:
        return "never ends"
    words = in_words(seconds, now)
    return "has expired" if words == "expired" else f"ends {words}"
