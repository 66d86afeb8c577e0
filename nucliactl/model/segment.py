"""The one way a foreign text (an id of the service, of a key, of a person) becomes part of a URL's path."""

from urllib.parse import quote

from nucliactl.errors import Malformed

_LONGEST = 250
_STEERING = frozenset("/\\?#%;")  # what some server or proxy reads as more than a letter, escaped or not


def is_segment(text: str) -> bool:
    """Say whether a text can be one segment of a path, and nothing else to any server."""
    fits = 0 < len(text) <= _LONGEST and text.isprintable() and text.strip(".") != ""
    return fits and not _STEERING & set(text)


def segment(text: str, what: str) -> str:
    """Return a text quoted as one segment of a path. Raises Malformed, naming `what` it is of."""
    if not is_segment(text):
        raise unfit(text, what)
    return quote(text, safe="")


def unfit(text: str, what: str) -> Malformed:
    """Return the error that says so of an id."""
    return Malformed(
        f"The id of {what} cannot be part of an address: {text[:60]!a}.",
        hint="It was sent nowhere. An id has letters, digits and dashes.",
    )
