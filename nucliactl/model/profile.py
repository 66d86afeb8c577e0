"""A profile's definition, the source it came from, and the reference to its secret."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from nucliactl.model import endpoint
from nucliactl.model.kinds import AGENT, NUA, NUCLIADB, PERSONAL_TOKEN, ROLES, USER, KindName
from nucliactl.model.trust import Trust
from nucliactl.model.ways import Storage, WayName
from nucliactl.secret import Secret, masked

SIGNED_IN = (USER.name, PERSONAL_TOKEN.name)

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
    "default",
    "-",
]


class Source(NamedTuple):
    """One place something came from. `kind` says what sort of place, `location` is a variable or file."""

    kind: SourceKind
    location: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.location}"


class SecretRef(NamedTuple):
    """Where a secret is, not what it is.

    `way`: store, inline, environment, file, variable, command, none, or session (of
    the profile `where`). `where`: file path, variable
    or program. What already lay open when it was found (inline, environment) has a `value` until a
    profile is made of it. `handle` stands for a secret that only this process has.
    """

    way: WayName
    where: str = ""
    value: Secret | None = None
    argv: tuple[str, ...] = ()
    handle: object = None

    @property
    def open(self) -> bool:
        """Whether the secret lies in the candidate itself."""
        return self.way in ("environment", "inline")

    @property
    def storage(self) -> Storage:
        """The word for it in listings."""
        match self.way:
            case "store":
                return "file"
            case "file" | "variable" | "command":
                return "reference"
            case way:
                return way

    @property
    def shown(self) -> str:
        return masked(self.value.reveal()) if self.value else "****"


class Definition(NamedTuple):
    """A named profile as its source states it.

    `values` holds checked definition keys (never a secret). `origins` are where its credential may
    go, `https://*.x` meaning one label. `warnings` are for people. `places` tells where a value came
    from when that is not `source` itself; `file` is the `.env` whose variables they are. `trust`
    tells how the files of its directory are judged.
    """

    name: str
    kind: KindName
    values: Mapping[str, Any]
    source: Source
    secret: SecretRef
    origins: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    places: Mapping[str, Source] = {}
    file: str | None = None
    trust: Trust | None = None

    def get(self, key: str) -> str | None:
        value = self.values.get(key)
        return value if isinstance(value, str) else None

    @property
    def account(self) -> str | None:
        return self.get("account")

    @property
    def target(self) -> str:
        """What `list` shows: where the profile leads."""
        if self.kind in SIGNED_IN:
            return self.get("global_url") or self.get("domain") or endpoint.DEFAULT_DOMAIN
        if self.kind == AGENT.name:
            return self.base_url or "-"
        return self.get("url") or self.get("origin") or self.get("issuer") or "-"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles to claim: those stated, or all where a kind or a keyless loopback KB has them."""
        stated = self.values.get("roles")
        if stated:
            return tuple(stated)
        keyless = self.secret.way == "none" and not self.values.get("public")
        return ROLES if self.kind == NUCLIADB.name or (keyless and self.kind == "kb") else ()

    @property
    def base_url(self) -> str | None:
        """What relative requests start from; None while a key's issuer is unknown."""
        if self.kind == "kb":
            return self.get("url")
        if self.kind == NUCLIADB.name:
            return f"{self.get('url')}/api/v1"
        if self.kind == AGENT.name:
            return f"{self.get('url')}/api/v1/agent/{self.get('agent')}"
        if self.kind == NUA.name:
            base = self.get("origin") or self.get("issuer")
            return f"{base}/api/v1" if base else None
        return f"{self.global_url}/api/v1"

    @property
    def global_url(self) -> str:
        domain = self.get("domain") or endpoint.DEFAULT_DOMAIN
        return self.get("global_url") or f"https://accounts.{domain}"

    @property
    def regional_url(self) -> str:
        """What stands before `/api/v1/kb/` in the URL of a Knowledge Box."""
        return (self.get("url") or "").rsplit("/api/v1/kb/", 1)[0]

    @property
    def oauth_url(self) -> str:
        domain = self.get("domain") or endpoint.DEFAULT_DOMAIN
        return self.get("oauth_url") or f"https://oauth.{domain}"

    @property
    def binding(self) -> tuple[object, ...]:
        """What a credential is for: kind, base address, origins, and whose session it rides on."""
        owner = self.secret.where if self.secret.way == "session" else None
        return (self.kind, self.base_url, self.origins, owner)

    @property
    def identity(self) -> tuple[str, str, str | None]:
        """(kind, base address, id): two profiles with the same one are the same thing to the service.
        The id is None where it is not known; then nothing else is the same."""
        url = self.get("url") or ""
        if self.kind == "kb":
            return (self.kind, self.regional_url, self.get("identity") or self.get("kb"))
        if self.kind == NUCLIADB.name:
            return (self.kind, url, url)
        if self.kind == AGENT.name:
            return (self.kind, url, self.get("agent"))
        return (self.kind, self.origins[0] if self.origins else "", self.get("identity"))
