"""Words that people give to what the service keeps: a description, a title, the name of a group."""

from unicodedata import category

from nucliactl.errors import Malformed

_LONGEST = 250


def check_free_text(text: str, what: str, hint: str) -> str:
    """Return a text that is one line of words. Raises Malformed, naming `what` it is."""
    if not text.strip():
        raise Malformed(f"{what} is empty.", hint=hint)
    if any(category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise Malformed(
            f"{what} has a control character, a line break or something that is not text in it: "
            f"{text[:60]!a}.",
            hint=hint,
        )
    if len(text) > _LONGEST:
        raise Malformed(f"{what} is longer than {_LONGEST} letters.", hint=hint)
    return text
