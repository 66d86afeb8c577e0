"""What the SDK's methods return: objects with the official client's attributes."""

from dataclasses import dataclass, field


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
