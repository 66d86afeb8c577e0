"""What the SDK's methods return: objects with the official client's attributes."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class KnowledgeBoxConfig:
    """Title and slug of a Knowledge Box."""

    title: str | None
    slug: str | None


@dataclass(frozen=True)
class KnowledgeBoxObj:
    """A Knowledge Box as the service describes it."""

    uuid: str
    slug: str | None
    config: KnowledgeBoxConfig


@dataclass(frozen=True)
class Account:
    """An account of the signed-in user."""

    id: str
    title: str | None
    slug: str | None = None


@dataclass(frozen=True)
class Zone:
    """A zone. `origin` replaces the regional address of a private one."""

    id: str
    title: str | None
    slug: str | None = None
    private: bool = False
    origin: str | None = None


@dataclass(frozen=True)
class KnowledgeBox:
    """A Knowledge Box that is reached. `account` is the id that was asked for."""

    id: str
    url: str
    title: str | None
    slug: str | None
    region: str
    account: str
    origin: str | None = None


@dataclass(frozen=True)
class RetrievalAgentOrchestrator:
    """A retrieval agent that is reached."""

    id: str
    account: str
    region: str
    memory: bool
    title: str | None
    slug: str | None
    origin: str | None = None


@dataclass(frozen=True)
class RetrievalAgentOrchestratorObj:
    """A retrieval agent as the service describes it."""

    id: str
    slug: str | None
    account_id: str
    zone: str
    title: str | None


@dataclass(frozen=True)
class User:
    """Who is signed in."""

    name: str
    email: str
    type: str


@dataclass(frozen=True)
class PersonalTokenCreate:
    """A personal token that was just made; `token` is its secret. `expires` in UTC, None for never."""

    id: str
    token: str = field(repr=False)
    expires: datetime | None = None


@dataclass(frozen=True)
class PersonalTokenItem:
    """A personal token as the service lists it. `expires` in UTC, None for never."""

    id: str
    description: str
    expires: datetime | None


@dataclass(frozen=True)
class EphemeralToken:
    """A token of minutes."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class NuaKey:
    """A NUA key that is stored. `region` is its issuer, `origin` where other calls go if elsewhere.

    `token` is the key itself, and is not part of the repr.
    """

    client_id: str | None
    account_type: str | None
    region: str
    account: str | None
    token: str = field(repr=False)
    origin: str | None = None
