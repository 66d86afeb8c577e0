"""JSON of many rows, byte for byte what `json.dumps(rows, indent=2)` writes, in a fraction of its time: rows
of the same keys are written column by column, and what is the same in each is written once."""

from __future__ import annotations

from nucliactl.json_writing import indented, is_plain, quoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

_PIECE = 200
_SCALARS = frozenset((str, int, float, bool, type(None)))
_EXACT = frozenset((str, int, bool, type(None)))
"""The types whose equal values are written alike; 0.0 and -0.0 are not."""


def pieces(value: Any) -> Iterator[str]:
    """Yield the JSON of a value in parts: of many rows no text is made before it is its turn."""
    if isinstance(value, list) and _are_rows(value):
        yield from pieces_of_columns(
            dict(zip(value[0], zip(*map(dict.values, value), strict=True), strict=True))
        )
    else:
        yield indented(value)


def pieces_of_columns(columns: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    """Yield, in parts, the JSON of rows that are given as columns of scalars, each with its key."""
    number = len(next(iter(columns.values()), ()))
    for first in range(0, number, _PIECE):
        part = {key: column[first : first + _PIECE] for key, column in columns.items()}
        yield ("," if first else "[") + _rows(part)
    yield "\n]" if number else "[]"


def _are_rows(items: Sequence[Any]) -> bool:
    """Say whether all of some items have the same keys, which are texts, and no containers in them."""
    keys = [*items[0]] if items and isinstance(items[0], dict) else []
    return (
        bool(keys)
        and all(type(key) is str for key in keys)
        and all(
            isinstance(item, dict) and [*item] == keys and _SCALARS.issuperset(map(type, item.values()))
            for item in items
        )
    )


def _rows(columns: Mapping[str, Sequence[Any]]) -> str:
    """Rows, joined by commas: one form, with a place for each value that is not always the same."""
    lines: list[str] = []
    varying: list[Sequence[str]] = []
    for key, column in columns.items():
        if _are_alike(column):
            cell = _literal(indented(column[0]))
        elif set(map(type, column)) == {str} and is_plain("".join(column)):
            cell = '"%s"'
            varying.append(column)
        else:
            cell = "%s"
            varying.append([indented(value) for value in column])
        lines.append(f"    {_literal(quoted(key))}: {cell}")
    form = "\n  {\n" + ",\n".join(lines) + "\n  }"
    number = len(next(iter(columns.values())))
    return ",".join(map(form.__mod__, zip(*varying, strict=True) if varying else [()] * number))


def _are_alike(column: Sequence[Any]) -> bool:
    kinds = set(map(type, column))
    return len(kinds) == 1 and kinds <= _EXACT and column.count(column[0]) == len(column)


def _literal(text: str) -> str:
    return text.replace("%", "%%")
