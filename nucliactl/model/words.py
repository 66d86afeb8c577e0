"""The closed vocabularies of the model, for checkers and for who asks what there is: nothing loads them
at start."""

from typing import Literal

KindName = Literal["user", "personal-token", "kb", "nua", "nucliadb", "agent"]
Kind = KindName
"""Its name in the package."""

Form = Literal["API key", "NUA key", "token of a user"]
"""What a secret looks like."""

WayName = Literal[
    "store", "keyring", "inline", "environment", "file", "variable", "command", "session", "none", "absent"
]
Opens = Literal["at once", "stored", "late", "never"]
StoreName = Literal["file", "keyring"]
Storage = Literal["file", "keyring", "reference", "inline", "environment", "session", "none", "absent"]

SourceKind = Literal[
    "flag",
    "env-file",
    "sdk",
    "env",
    "dotenv",
    "pin",
    "active",
    "official",
    "store",
    "path",
    "system",
    "server",
    "default",
    "-",
]
