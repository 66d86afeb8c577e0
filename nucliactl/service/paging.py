"""How the service divides long lists: what to ask for after an answer."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class Next(NamedTuple):
    """The parameter (of the query, or of the body of a POST) that asks for the next page."""

    name: str
    value: str | int


def following(answer: Any) -> Next | None:
    """Return what asks for the page after an answer; None after the last, or where there are no pages.

    The forms are those of the service: `pagination` with `page` and `last` (resources, sessions),
    `next_page` beside `page_number` (catalog, in its `fulltext`), and `cursor` (processing).
    """
    if not isinstance(answer, dict):
        return None
    for part in _parts(answer):
        if part.get("last") is False and _is_number(part.get("page")):
            return Next("page", part["page"] + 1)
        if part.get("next_page") is True and _is_number(part.get("page_number")):
            return Next("page_number", part["page_number"] + 1)
        cursor = part.get("cursor")
        if isinstance(cursor, str) and cursor:
            return Next("cursor", cursor)
    return None


def _parts(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer itself, and what in it may say how it goes on."""
    yield answer
    for name in ("pagination", "fulltext"):
        if isinstance(part := answer.get(name), dict):
            yield part


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
