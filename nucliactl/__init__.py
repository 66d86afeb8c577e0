"""Named credential profiles for Nuclia (Progress Agentic RAG): resolve one, get an HTTP client.

Importing this costs almost nothing: every name is loaded at its first use (PEP 562).
"""

from nucliactl.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:  # of these, checkers take what __all__ names
    from nucliactl.api import *
    from nucliactl.errors import *
    from nucliactl.layers import *

__all__ = [
    "Ambiguous",
    "Damaged",
    "Denied",
    "Fixed",
    "Forbidden",
    "GrantBusy",
    "GrantEnded",
    "Incomplete",
    "Kind",
    "LoginNeeded",
    "Malformed",
    "NameTaken",
    "Newer",
    "NoThread",
    "NotASecret",
    "NotInstalled",
    "NotKept",
    "NotThere",
    "NotWritable",
    "NothingConfigured",
    "NucliactlError",
    "Profile",
    "Refused",
    "Rejected",
    "SessionEnded",
    "TooLate",
    "UnknownProfile",
    "Unreachable",
    "Unreadable",
    "__version__",
    "async_client",
    "client",
    "override",
    "reset",
    "resolve",
    "warm",
]

if not TYPE_CHECKING:  # to a checker an unknown name is an error
    _IN_API = ("Profile", "resolve", "client", "async_client", "override", "reset")
    _HOMES = {
        **dict.fromkeys(_IN_API, "nucliactl.api"),
        "warm": "nucliactl.layers",
        "Kind": "nucliactl.model.words",
    }

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'nucliactl' has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_HOMES.get(name, "nucliactl.errors")), name)


def __dir__() -> list[str]:
    return sorted(__all__)
