"""A profile's definition, and the reference to its secret."""

from __future__ import annotations

from nucliactl.model.endpoint import KB_PATH, host_of
from nucliactl.model.endpoint_rules import GLOBAL_URL, OAUTH_URL, filled, located, of_domain
from nucliactl.model.kinds import KINDS, USER, Kind
from nucliactl.model.shared_fields import ROLES
from nucliactl.model.source import Source as Source  # noqa: PLC0414 (re-exported)
from nucliactl.model.trust import Trust
from nucliactl.model.ways import KEPT, WAYS
from nucliactl.secret import Secret, masked
from nucliactl.text import as_sentence
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from nucliactl.model.words import KindName, Storage, StoreName, WayName


class SecretRef(NamedTuple):
    """Where a secret is, not what it is.

    `way` is one of `ways`. `where`: file path, variable, program, or the profile whose session it is.
    What already lay open when it was found has a `value` until a profile is made of it. `handle` stands
    for a secret that only this process has.
    """

    way: WayName
    where: str = ""
    value: Secret | None = None
    argv: tuple[str, ...] = ()
    handle: object = None

    @property
    def open(self) -> bool:
        """Whether the secret lies in the candidate itself."""
        return WAYS[self.way].opens == "at once"

    @property
    def storage(self) -> Storage:
        """The word for it in listings."""
        return WAYS[self.way].storage

    @property
    def kept(self) -> StoreName | None:
        """Where the store keeps the secret; None where something else has it."""
        return KEPT.get(self.way)

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
    def told(self) -> tuple[str, ...]:
        """Its warnings as sentences, each with its place."""
        return tuple(as_sentence(f"{self.source.location}: {text}") for text in self.warnings)

    @property
    def account(self) -> str | None:
        return self.get("account")

    @property
    def account_slug(self) -> str | None:
        return self.get("account_slug")

    @property
    def target(self) -> str:
        """What `list` shows: where the profile leads."""
        return filled(KINDS[self.kind].target, located(self.values)) or "-"

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles to claim: those stated, or all where a kind that has roles is asked without a key."""
        stated = self.values.get("roles")
        if stated:
            return tuple(stated)
        keyless = self.secret.way == "none" and not self.values.get("public")
        return ROLES if keyless and KINDS[self.kind].states("roles") else ()

    @property
    def carrier(self) -> Kind:
        """The kind whose header carries its secret: a user's, where a user's session serves it."""
        return USER if self.secret.way == "session" else KINDS[self.kind]

    @property
    def base_url(self) -> str | None:
        """What relative requests start from; None while a key's issuer is unknown."""
        return filled(KINDS[self.kind].base, located(self.values))

    @property
    def global_url(self) -> str:
        return of_domain(GLOBAL_URL, self.values)

    @property
    def oauth_url(self) -> str:
        return of_domain(OAUTH_URL, self.values)

    @property
    def regional_url(self) -> str:
        """What stands before `/api/v1/kb/` in the URL of a Knowledge Box."""
        return (self.get("url") or "").rsplit(KB_PATH, 1)[0]

    def is_below(self, domain: str) -> bool:
        """Say whether the credential goes to hosts of a domain."""
        return any(f".{host_of(origin)}".endswith(f".{domain}") for origin in self.origins)

    @property
    def binding(self) -> tuple[object, ...]:
        """What a credential is for: kind, base address, origins, and whose session it uses."""
        owner = self.secret.where if self.secret.way == "session" else None
        return (self.kind, self.base_url, self.origins, owner)

    @property
    def identity(self) -> tuple[str, str, str | None]:
        """(kind, base address, id): two profiles with the same one are the same thing to the service.
        The id is None where it is not known; then nothing else is the same."""
        place = self.regional_url or (self.origins[0] if self.origins else "")
        keys = KINDS[self.kind].identity
        known = next((known for key in keys if (known := self.get(key))), None)
        return (self.kind, place, known if keys else place)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids by which people know what the profile leads to, the service's own first."""
        keys = dict.fromkeys(("identity", *KINDS[self.kind].identity, "kb"))
        return tuple(known for key in keys if (known := self.get(key)))
