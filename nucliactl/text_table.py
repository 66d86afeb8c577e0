"""Tables for people: what tells nothing is not shown, what does not fit is cut or left out by its rank."""

from __future__ import annotations

from collections.abc import Sequence

from nucliactl.model.ending import in_words
from nucliactl.text import printable
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal

    from nucliactl.model.ending import Life

    Tone = Literal["", "good", "near", "bad"]

_LONGEST, _WHOLE = 300, 4096
_GAP, _INDENT = 2, 4
MANY = 500
"""The most lines that tabulate is given."""
_NOTHING = ("", "-")
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"
_COLOURS = {"": "", "good": "\x1b[32m", "near": "\x1b[33m", "bad": "\x1b[31m"}
_WORDS: dict[str, Tone] = {
    "valid": "good",
    "chosen": "good",
    "*": "good",
    "expired": "bad",
    "rejected": "bad",
    "refused": "bad",
    "login needed": "bad",
    "unreachable": "near",
    "ambiguous": "near",
    "incomplete": "near",
}


class Column(NamedTuple):
    """A column of a table.

    `head` stands above it. Where the terminal is narrow it may be cut down to `least` columns of it (0: it is
    not cut), and then the column with the highest `leaves` is left out first (0: it stays). `always`: it is
    shown even where it says the same on each row; `told`: a line below the table says so instead. `wide`:
    only a wide table has it.
    """

    head: str
    least: int = 0
    leaves: int = 0
    always: bool = False
    wide: bool = False
    told: bool = False


class Toned(NamedTuple):
    """A cell with its colour, where its text alone does not tell it."""

    text: str
    tone: Tone


class Section(NamedTuple):
    """One table of several: what stands above it ("": nothing), its columns and its rows."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str | Toned]]


class Table(NamedTuple):
    """A table as text; the line that says what is the same on each row ("": nothing); and the heads of what
    is not shown for want of room: of columns with cells that are `cut`, and of those that are `left_out`."""

    text: str
    same: str = ""
    cut: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


class _Shown(NamedTuple):
    """One column as it is shown: its texts, their tones, and its width."""

    column: Column
    texts: list[str]
    tones: list[Tone]
    width: int

    @property
    def alike(self) -> bool:
        """Whether all of several rows say the same, and it is nothing to worry about."""
        number = len(self.texts)
        same = number > 1 and self.texts.count(self.texts[0]) == number
        return same and not any(tone in ("near", "bad") for tone in self.tones)

    @property
    def least(self) -> int:
        """The least width it may be given."""
        return (
            min(self.width, max(self.column.least, len(self.column.head)))
            if self.column.least
            else self.width
        )

    @property
    def empty(self) -> bool:
        return all(text in _NOTHING for text in self.texts)

    def lines(self, width: int, *, colour: bool) -> list[str]:
        """Return its head and its cells, cut to a width and filled up to it."""
        head = _toned(_padded(self.column.head, width), _BOLD if colour else "")
        texts = self.texts if self.width <= width else [_clipped(text, width) for text in self.texts]
        cells = [text.ljust(width) if text.isascii() else _padded(text, width) for text in texts]
        if colour:
            cells = [_toned(cell, _COLOURS[tone]) for cell, tone in zip(cells, self.tones, strict=True)]
        return [head, *cells]


def ready() -> None:
    """Load what sets tables, which takes longer than setting one: for who has to wait anyhow."""
    import tabulate  # noqa: F401 (loaded)


def table(
    rows: Sequence[Sequence[str | Toned]],
    columns: Sequence[Column],
    *,
    width: int | None = None,
    colour: bool = False,
    wide: bool = False,
) -> Table:
    """Return rows under their columns. `width` is the terminal's, if there is one; `colour` marks heads,
    states and ends; `wide` shows every column whole."""
    found = _columns(rows, columns, _WHOLE if wide else _LONGEST)
    if wide:
        return Table(_side_by_side(found, [one.width for one in found], colour))
    shown = [one for one in found if not one.column.wide and (one.column.always or _tells(one))]
    fitting = shown if width is None else _fitting(shown, width)
    widths = _widths(fitting, width)
    same = [
        f"{one.column.head} {one.texts[0]}"
        for one in found
        if one.column.told and one.alike and not one.empty
    ]
    return Table(
        _side_by_side(fitting, widths, colour),
        f"all have {', '.join(same)}" if same else "",
        tuple(one.column.head for one, wide in zip(fitting, widths, strict=True) if wide < one.width),
        tuple(one.column.head for one in shown if one not in fitting),
    )


def flowing(
    rows: Sequence[Sequence[str | Toned]],
    columns: Sequence[Column],
    *,
    width: int | None = None,
    colour: bool = False,
) -> str:
    """Return rows under their columns, with no cell cut: one that is wider than its column pushes the rest of
    its row onto the next line. Where the terminal is narrow, a last column that may be cut holds sentences,
    which then stand below their row."""
    shown = [one for one in _columns(rows, columns, _WHOLE) if one.column.always or _tells(one)]
    narrow = width is not None and _total([one.width for one in shown]) > width
    below = shown.pop() if narrow and shown[-1].column.least else None
    widths = _widths(shown, width)
    starts = [sum(widths[:place]) + _GAP * place for place in range(len(shown))]
    lefts = [
        start if width is None else min(start, max(width - one.width, _INDENT))
        for start, one in zip(starts, shown, strict=True)
    ]
    heads = [(at, left, one.column.head, _BOLD) for at, left, one in zip(starts, lefts, shown, strict=True)]
    lines = _placed(heads, width, colour)
    for row in range(len(rows)):
        cells = [
            (at, left, one.texts[row], _COLOURS[one.tones[row]])
            for at, left, one in zip(starts, lefts, shown, strict=True)
        ]
        lines += _placed(cells, width, colour)
        if below is not None and width is not None and below.texts[row] not in _NOTHING:
            lines += _sentence(below.texts[row], starts[1], width)
    return "\n".join(lines)


def end_cell(life: Life, now: float) -> Toned:
    """Return the end of a credential as a cell: yellow where it is near, red where it is over."""
    if life.renews:
        return Toned("renewable", "")
    if life.ends is None:
        return Toned("-", "")
    tone: Tone = "bad" if life.is_over(now) else "near" if life.is_near_end(now) else ""
    return Toned(in_words(life.ends, now), tone)


def width_of(text: str) -> int:
    """Return how many columns of a terminal a printable text takes: two for a wide character, none for a
    mark that combines."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth

    found: int = wcswidth(text)
    return found if found >= 0 else len(text)


def _columns(rows: Sequence[Sequence[str | Toned]], columns: Sequence[Column], longest: int) -> list[_Shown]:
    found = []
    by_column = zip(*rows, strict=True) if rows else [()] * len(columns)
    for column, cells in zip(columns, by_column, strict=True):
        texts = [cell if isinstance(cell, str) else cell.text for cell in cells]
        tones: list[Tone] = [""] * len(cells)
        if Toned in map(type, cells) or not _WORDS.keys().isdisjoint(texts):
            tones = [_WORDS.get(cell, "") if isinstance(cell, str) else cell.tone for cell in cells]
        texts = _all_printable(texts, longest)
        width = max(map(len if "".join(texts).isascii() else width_of, (column.head, *texts)))
        found.append(_Shown(column, texts, tones, width))
    return found


def _all_printable(texts: list[str], longest: int) -> list[str]:
    """Return each text as `printable` shows it; of many that need no change that is seen at once."""
    if max(map(len, texts), default=0) <= longest and "".join(texts).isprintable():
        return texts
    return [printable(text, longest) for text in texts]


def _tells(one: _Shown) -> bool:
    return not one.empty and not one.alike


def _side_by_side(shown: Sequence[_Shown], widths: Sequence[int], colour: bool) -> str:
    """Return columns as text. tabulate is given each column as one cell of many lines: it judges every cell
    by itself. Of thousands of lines even that takes it longer than their profiles took to be read."""
    columns = [one.lines(wide, colour=colour) for one, wide in zip(shown, widths, strict=True)]
    if columns and len(columns[0]) > MANY:
        return joined(columns)
    from tabulate import tabulate

    cells = ["\n".join(lines) for lines in columns]
    return tabulate([cells], tablefmt="plain", disable_numparse=True, stralign=None)


def joined(columns: Sequence[Sequence[str]]) -> str:
    """Return columns of lines that are as wide as their column, as tabulate sets them side by side."""
    return "\n".join([(" " * _GAP).join(cells).rstrip() for cells in zip(*columns, strict=True)])


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + _GAP * (len(widths) - 1)


def _fitting(shown: Sequence[_Shown], width: int) -> list[_Shown]:
    """Return the columns for which there is room, each at its least."""
    kept = list(shown)
    while _total([one.least for one in kept]) > width:
        first = max(kept, key=lambda one: one.column.leaves)
        if not first.column.leaves:
            break
        kept.remove(first)
    return kept


def _widths(shown: Sequence[_Shown], width: int | None) -> list[int]:
    """Return the widths of columns that fit together, as far as their least allows it; the widest gives way
    first."""
    widths = [one.width for one in shown]
    while width is not None and _total(widths) > width:
        spare = [place for place, one in enumerate(shown) if widths[place] > one.least]
        if not spare:
            break
        widths[max(spare, key=widths.__getitem__)] -= 1
    return widths


def _placed(cells: Sequence[tuple[int, int, str, str]], width: int | None, colour: bool) -> list[str]:
    """Return the lines on which cells stand, each (where it begins, where it begins if it does not fit there,
    its text, its colour): on the next line where what stands before it needs the room."""
    lines, end = [""], 0
    for at, left, text, code in cells:
        begins = at if width is None or at + width_of(text) <= width else left
        if end and end + _GAP > begins:
            lines.append("")
            end = 0
        lines[-1] += " " * (begins - end) + _toned(text, code if colour else "")
        end = begins + width_of(text)
    return [line.rstrip() for line in lines]


def _sentence(text: str, indent: int, width: int) -> list[str]:
    """Return a sentence as lines between its words."""
    from textwrap import wrap

    blank = " " * indent
    return wrap(
        text,
        width,
        initial_indent=blank,
        subsequent_indent=blank,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _toned(text: str, code: str) -> str:
    return f"{code}{text}{_PLAIN}" if code and text else text


def _padded(text: str, width: int) -> str:
    return text.ljust(width) if text.isascii() else text + " " * (width - width_of(text))


def _clipped(text: str, width: int) -> str:
    if width_of(text) <= width:
        return text
    end = min(len(text), width - 1)
    if not text.isascii():  # the longest part that fits, with the marks that combine with its end
        fit = (end for end in range(len(text), 0, -1) if width_of(text[:end]) < width)
        end = next(fit, 0)
    return text[:end] + "…"
