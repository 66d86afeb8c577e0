"""The ways in which a profile may have its secret."""

from typing import Literal

WayName = Literal[
    "store", "inline", "environment", "file", "variable", "command", "session", "none", "absent"
]
Storage = Literal["file", "reference", "inline", "environment", "session", "none", "absent"]
