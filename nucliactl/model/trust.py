"""What a place is trusted with: whose its files may be."""

from __future__ import annotations

from nucliactl.tuples import NamedTuple


class Trust(NamedTuple):
    """How the files below a directory are judged.

    `named`: somebody named the directory by a variable or flag, so its owner is taken as meant; else
    what lies there must belong to the user or root. `unmapped`: an owner that this user namespace does
    not know counts as root where the file cannot be written.
    """

    root: str
    named: bool
    unmapped: bool = False


def named(root: str) -> Trust:
    """How a directory is judged that somebody named."""
    return Trust(root, named=True)
