"""When something ends, in words, and whether that is near enough to be said."""

_DAY = 86400
_NEAR, _SHORT = 7 * _DAY, 14 * _DAY


def is_near(ends: int | None, begins: int | None, now: float) -> bool:
    """Say whether a credential has ended or will within 7 days; one that lives less than 14 days, in its
    last tenth. Times are epoch seconds; None where nobody knows."""
    if ends is None:
        return False
    life = ends - begins if begins is not None and begins < ends else _SHORT
    return ends - now <= (_NEAR if life >= _SHORT else life / 10)


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
