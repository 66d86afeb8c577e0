"""What is measured: a program with its variables, and a store that holds so many profiles."""

from pathlib import Path
from typing import NamedTuple

SIZES = (5, 100, 1_000, 10_000)
Key = tuple[str, int | None]
"""The name of what is measured, and the number of profiles it finds."""


class Subject(NamedTuple):
    """One command line. `size` is the number of profiles it finds, None where it finds none. `restored` is
    a file that the command rewrites, and what must stand in it each time the command starts."""

    name: str
    size: int | None
    words: tuple[str, ...]
    variables: dict[str, str]
    restored: tuple[Path, bytes] | None = None

    @property
    def key(self) -> Key:
        return self.name, self.size

    def restore(self) -> None:
        if self.restored:
            path, contents = self.restored
            path.write_bytes(contents)


def profile_name(number: int) -> str:
    return f"p{number:05}"
