"""The Markdown that generated pages are made of."""

MADE = "<!-- Made by docs/generate.py; edit the code instead. -->\n\n"


def table(headers: list[str], rows: list[list[str]]) -> str:
    lines = ["| " + " | ".join(headers) + " |", "|" + "---|" * len(headers)]
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in cells]) + "\n"


def code(*names: str) -> str:
    return ", ".join(f"`{name}`" for name in names)
