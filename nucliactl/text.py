"""Words of strangers, made fit to be shown."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTED = 5


def printable(text: str, limit: int = 200) -> str:
    """Return a foreign text on one line, at most `limit` characters: what controls a terminal, turns the
    direction of writing, has no width or is no character at all is escaped."""
    if len(text) <= limit and text.isprintable():
        return text
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:limit])
    return shown if len(text) <= limit else shown + "…"


def printable_lines(text: str, limit: int = 4000) -> list[str]:
    """Return a text of our own with its line breaks, all else in it printable."""
    return [printable(line, limit) for line in text.split("\n")]


def quoted(text: str) -> str:
    """Return a path or name as a shell takes it, on one line."""
    import re

    if re.fullmatch(r"[A-Za-z0-9_@%+=:,./-]+", text):
        return text
    if text.isprintable():
        return "'" + text.replace("'", "'\"'\"'") + "'"
    shown = "".join(f"\\{c}" if c in "'\\" else c if c.isprintable() else _coded(c) for c in text)
    return f"$'{shown}'"


def _coded(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in os.fsencode(character))


def plural(number: int, noun: str) -> str:
    """Return a number with its noun: `1 part`, `2 parts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def as_sentence(clause: str) -> str:
    """Return words with the full stop that they lack as a sentence; a question has its mark."""
    return clause if clause.endswith((".", "?", "!")) else f"{clause}."


def listed(names: Sequence[str]) -> str:
    """Return names as part of a sentence; of many, the first few and how many more there are."""
    if len(names) > _LISTED + 1:
        return f"{', '.join(names[:_LISTED])} and {len(names) - _LISTED} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
