"""Tables for people: aligned, never wrapped, made to fit a narrow terminal without touching a name."""

from collections.abc import Sequence

from nucliactl.secret import printable

_LONGEST = 300
_KEPT = ("", "NAME", "PROFILE", "VALUE", "RANK")
_LEAST = 10
_GAP = 2
_BOLD, _GREEN, _RED, _YELLOW, _PLAIN = "\x1b[1m", "\x1b[32m", "\x1b[31m", "\x1b[33m", "\x1b[0m"
_WORDS = {
    "valid": _GREEN,
    "chosen": _GREEN,
    "*": _GREEN,
    "expired": _RED,
    "rejected": _RED,
    "refused": _RED,
    "login needed": _RED,
    "unreachable": _YELLOW,
    "ambiguous": _YELLOW,
    "incomplete": _YELLOW,
}


def table(
    rows: Sequence[Sequence[str]], headers: Sequence[str], *, width: int | None = None, colour: bool = False
) -> str:
    """Return rows as aligned columns. `width` is the terminal's, if there is one: columns other than
    names are cut with an ellipsis, then left out from the right. `colour` marks headers and states."""
    from tabulate import tabulate

    cells = [[printable(cell, _LONGEST) for cell in row] for row in rows]
    shown = _fitting(cells, headers, width) if width else dict(enumerate(_widths(cells, headers)))
    head = [headers[column] for column in shown]
    body = [[_clipped(row[column], wide) for column, wide in shown.items()] for row in cells]
    if colour:
        head = [f"{_BOLD}{text}{_PLAIN}" for text in head]
        body = [[f"{_WORDS[text]}{text}{_PLAIN}" if text in _WORDS else text for text in row] for row in body]
    return tabulate(body, head, tablefmt="plain", disable_numparse=True)


def _widths(cells: Sequence[Sequence[str]], headers: Sequence[str]) -> list[int]:
    """The widths of the columns; tabulate gives a header two blanks more than it needs."""
    heads = [len(header) + _GAP for header in headers]
    return [max(head, *(columns(row[i]) for row in cells), 0) for i, head in enumerate(heads)]


def _fitting(cells: Sequence[Sequence[str]], headers: Sequence[str], width: int) -> dict[int, int]:
    """Return the columns that are shown and their widths."""
    shown = dict(enumerate(_widths(cells, headers)))
    while sum(shown.values()) + _GAP * (len(shown) - 1) > width:
        cut = [c for c in shown if headers[c] not in _KEPT and shown[c] > max(_LEAST, len(headers[c]) + _GAP)]
        if cut:
            shown[max(cut, key=lambda column: shown[column])] -= 1
            continue
        spare = [column for column in shown if headers[column] not in _KEPT]
        if not spare:
            break
        del shown[spare[-1]]
    return shown


def _clipped(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    end = min(len(text), width - 1)
    if not text.isascii():  # the longest part that fits, with the marks that combine with its end
        fit = (end for end in range(len(text), 0, -1) if columns(text[:end]) < width)
        end = next(fit, 0)
    return text[:end] + "…"


def columns(text: str) -> int:
    """Return how many columns of a terminal a printable text takes: two for a wide character, none for a
    mark that combines."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    found: int = wcswidth(text)
    return found if found >= 0 else len(text)
