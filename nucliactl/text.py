"""Words of strangers, made fit to be shown."""


def printable(text: str, limit: int = 200) -> str:
    """Return a foreign text on one line, at most `limit` characters: what controls a terminal, turns the
    direction of writing, has no width or is no character at all is escaped."""
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:limit])
    return shown if len(text) <= limit else shown + "…"


def printable_lines(text: str, limit: int = 4000) -> list[str]:
    """Return a text of our own with its line breaks, all else in it printable."""
    return [printable(line, limit) for line in text.split("\n")]
