"""A person picks one of a list: with fzf where it is installed, else in a list of our own, and by number
where the terminal can show neither."""

import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from nucliactl.cli.person import person
from nucliactl.errors import Malformed
from nucliactl.secret import printable
from nucliactl.text_table import width_of

_WIDEST = 40
_MEASURED = 200
NOTHING = "Nothing was chosen, and nothing was changed."


class Options(NamedTuple):
    """What is chosen from: names, what a person reads beside each (asked for while the list is on the screen
    already), and which are used now."""

    names: Sequence[str]
    remarks: Callable[[str], tuple[str, ...]]
    current: Collection[str] = ()


def choose(title: str, options: Options) -> str:
    """Return the name that a person picks. Raises KeyboardInterrupt where they leave the list, Malformed
    where their answer is empty."""
    if not person().draws:
        return _numbered(title, options)
    from nucliactl.cli import fzf

    number = fzf.pick(title, _lines(options))
    if number is None:
        from nucliactl.cli import menu  # it takes long to import

        number = menu.pick(title, _lines(options), len(options.names))
    return options.names[number]


def check_askable(what: str, hint: str) -> None:
    """Raise Malformed where nobody can be asked which of several is meant."""
    if obstacle := person().obstacle:
        raise Malformed(f"{what}, and nobody can be asked: {obstacle}.", hint=hint)


def _lines(options: Options) -> Iterator[str]:
    """Return each option as one line, in columns that are as wide as the first lines want them."""
    rows = (
        ("*" if name in options.current else " ", *map(printable, (name, *options.remarks(name))))
        for name in options.names
    )
    first = list(islice(rows, _MEASURED))
    widths = [min(_WIDEST, max(map(width_of, column))) for column in zip(*first, strict=True)]
    for row in chain(first, rows):
        padded = (text + " " * (width - width_of(text)) for text, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()


def _numbered(title: str, options: Options) -> str:
    """Let a person pick by number or by name; ask until it is one."""
    names = options.names
    for number, line in enumerate(_lines(options), 1):
        print(f"{number:>4} {line}", file=sys.stderr)
    said = {str(number): name for number, name in enumerate(names, 1)} | {name: name for name in names}
    while True:
        print(f"{title} (number or name): ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer.strip():
            raise Malformed(NOTHING)
        if answer.strip() in said:
            return said[answer.strip()]
        print("  That is not one of them.", file=sys.stderr)
