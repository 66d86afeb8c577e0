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
    """A Knowledge Box as the service describes it. `uuid` is its id."""

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
    """A zone. `slug` is its name in addresses (`europe-1`), `origin` the address of a private one."""

    id: str
    title: str | None
    slug: str | None = None
    private: bool = False
    origin: str | None = None


@dataclass(frozen=True)
class KnowledgeBox:
    """A Knowledge Box of an account. `url` is its full URL, `region` its zone's slug, `account` the
    account's id, `origin` the address of a private zone."""

    id: str
    url: str
    title: str | None
    slug: str | None
    region: str
    account: str
    origin: str | None = None


@dataclass(frozen=True)
class RetrievalAgentOrchestrator:
    """A retrieval agent of an account: as a Knowledge Box, and whether it has a `memory`."""

    id: str
    account: str
    region: str
    memory: bool
    title: str | None
    slug: str | None
    origin: str | None = None


@dataclass(frozen=True)
class RetrievalAgentOrchestratorObj:
    """A retrieval agent as the service describes it. `zone` is what was given as its region."""

    id: str
    slug: str | None
    account_id: str
    zone: str
    title: str | None


@dataclass(frozen=True)
class User:
    """Who is signed in. `type` is the service's word for the sort of user."""

    name: str
    email: str
    type: str


@dataclass(frozen=True)
class PersonalTokenCreate:
    """A new personal token; `token` is its secret, shown this once. `expires` in UTC, None for never."""

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
    """A token that lives for minutes. `token` is its secret."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class NuaKey:
    """A NUA key that is configured. `token` is the key itself, `region` its issuer's URL, `origin` where
    calls go if elsewhere. `account_type` is not known without asking, and None."""

    client_id: str | None
    account_type: str | None
    region: str
    account: str | None
    token: str = field(repr=False)
    origin: str | None = None
