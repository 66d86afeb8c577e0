"""The official client's spelling: `from nucliactl import sdk; sdk.NucliaAuth().kb(url=…, token=…)`.

Every method has the name, arguments and meaning of the official one; `docs` lists each beside its
twin, and where ours differs. What is set here is this process's choice (rank 1b of the order), and
is saved as a profile where the store is writable.
"""

from nucliactl.sdk.blocking import NucliaAuth
from nucliactl.sdk.concurrent import AsyncNucliaAuth
from nucliactl.sdk.objects import (
    Account,
    EphemeralToken,
    KnowledgeBox,
    KnowledgeBoxConfig,
    KnowledgeBoxObj,
    NuaKey,
    PersonalTokenCreate,
    PersonalTokenItem,
    RetrievalAgentOrchestrator,
    User,
    Zone,
)

__all__ = [
    "Account",
    "AsyncNucliaAuth",
    "EphemeralToken",
    "KnowledgeBox",
    "KnowledgeBoxConfig",
    "KnowledgeBoxObj",
    "NuaKey",
    "NucliaAuth",
    "PersonalTokenCreate",
    "PersonalTokenItem",
    "RetrievalAgentOrchestrator",
    "User",
    "Zone",
]
