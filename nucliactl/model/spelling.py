"""How near two names are. Pure."""

from collections.abc import Iterable


def letters_off(one: str, other: str, most: int) -> int | None:
    """Return how many letters are wrong, missing, too many or swapped with the next; None beyond `most`."""
    if abs(len(one) - len(other)) > most:
        return None
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, mine in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, theirs in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (mine != theirs))
            if i > 1 and j > 1 and mine == other[j - 2] and one[i - 2] == theirs:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return None
    return row[-1] if row[-1] <= most else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a question after the nearest of the known names, as the end of a sentence; else nothing."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like another, of those with the same last word if there are any."""
    from difflib import get_close_matches

    names = list(known)
    alike = [k for k in names if k.rsplit("_", 1)[-1] == name.rsplit("_", 1)[-1]]
    return next(iter(get_close_matches(name, alike, 1, 0.5) or get_close_matches(name, names, 1, 0.5)), None)
