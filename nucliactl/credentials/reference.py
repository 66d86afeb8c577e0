"""The secret of a profile: found by reading the candidate it came from again, and by nothing else."""

from __future__ import annotations

import time

from nucliactl.credentials.contract import Provider
from nucliactl.disk.sight import settled
from nucliactl.disk.witness import stamp_at
from nucliactl.errors import Incomplete, LoginNeeded, Refused
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.sources.in_memory import kept
from nucliactl.sources.reread import again, place_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[Definition], Provider | None]


class Reference(Provider):
    """Opens a secret where it is referred to. The candidate is read again each time (a file when it has
    changed): if its kind, endpoint or identity is no longer the profile's, that is Refused and nothing is
    sent. `make` gives the provider of what was read."""

    def __init__(self, definition: Definition, environ: Mapping[str, str], make: Make) -> None:
        self._definition, self._environ, self._make = definition, environ, make
        self._seen: tuple[object, Definition] | None = None
        inner = None if definition.secret.open else make(definition)
        self._inner = (definition.secret, inner)
        self.where = inner.where if inner else definition.secret.where
        self.slow, self.renewable = bool(inner and inner.slow), bool(inner and inner.renewable)

    def get(self) -> Secret:
        provider = self._provider()
        try:
            return provider.get()
        except LoginNeeded:
            if (now := self._provider()) is provider:
                raise
            return now.get()  # its place has changed between the two looks

    def rejected(self, secret: Secret) -> bool:
        return self._provider().rejected(secret) or self.get() != secret

    def _provider(self) -> Provider:
        now = self._now() if self._definition.secret.handle is None else self._of_this_process()
        ref, inner = self._inner
        if inner is None or ref != now.secret:
            inner = self._make(now)
            if inner is None:  # it needs no secret any more
                raise self._gone()
            self._inner = (now.secret, inner)
        return inner

    def _of_this_process(self) -> Definition:
        ref = self._definition.secret
        secret = kept(ref.handle)
        if secret is None:
            place = self._definition.source.location
            raise Incomplete(
                f"The secret of {self._definition.name!r} was given to {place} and exists in that process "
                "only: a copy of the profile does not carry it.",
                hint="Resolve the profile where it is used, or keep its secret in a stored profile, a "
                "variable or a file.",
            )
        return self._definition._replace(secret=ref._replace(value=secret))

    def _now(self) -> Definition:
        """Return the candidate as it is now. Raises Refused where it is another's, Incomplete where it
        is gone."""
        place = place_of(self._definition)
        began, mark = time.time_ns(), stamp_at(place) if place else None
        seen = self._seen
        if seen is not None and seen[0] == mark:
            return seen[1]
        now = again(self._definition, self._environ)
        if now is None:
            raise self._gone()
        ids = now.get("identity"), self._definition.get("identity")
        another = None not in ids and ids[0] != ids[1]
        if another or now.binding != self._definition.binding:
            raise Refused(
                f"The profile {self._definition.name!r} led to {self._definition.target} when it was "
                f"resolved, and {now.source.location} now says {now.target} ({now.kind}).",
                hint="Nothing was sent. Resolve the profile again.",
            )
        self._seen = (mark, now) if settled(mark, began) else None
        return now

    def _gone(self) -> Incomplete:
        return Incomplete(
            f"{self._definition.source.location} no longer holds the secret of {self._definition.name!r}.",
            hint="Put it back, or resolve the profile again.",
        )
