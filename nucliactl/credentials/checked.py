"""What is recognisably no secret, or another's NUA key, is told at first use, before anything is sent."""

from __future__ import annotations

from nucliactl.credentials.contract import Provider
from nucliactl.disk.witness import exists_unnoted
from nucliactl.errors import NotASecret, Refused
from nucliactl.model.endpoint import parse_url
from nucliactl.model.jwt import read_nua
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition
from nucliactl.model.recognise import NoSecret, no_secret
from nucliactl.model.shared_fields import Field
from nucliactl.secret import Secret
from nucliactl.store.credentials import login_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName
    from nucliactl.store.credentials import Credential


class Checked(Provider):
    """A provider whose secret is looked at before it is handed out for the first time: a NUA key's issuer
    must be the one that its definition states."""

    def __init__(self, inner: Provider, definition: Definition) -> None:
        self._inner, self._definition, self.where = inner, definition, inner.where
        self.slow, self.renewable = inner.slow, inner.renewable
        self._passed: Secret | None = None

    def get(self) -> Secret:
        secret = self._inner.get()
        if secret is self._passed:
            return secret
        if error := not_a_secret(self._definition, secret):
            raise error
        if stated := self._definition.get("issuer"):
            issuer = parse_url(read_nua(secret, self.where).issuer, f"The issuer in {self.where}").origin
            if issuer != parse_url(stated, "issuer").origin:
                raise Refused(
                    f"The NUA key from {self.where} was issued by {issuer}, but its profile states {stated}.",
                    hint="Nothing was sent. Correct the issuer, or put the right key there.",
                )
        self._passed = secret
        return secret

    @property
    def held(self) -> Credential | None:
        return self._inner.held

    def rejected(self, secret: Secret) -> bool:
        return self._inner.rejected(secret)


def not_a_secret(definition: Definition, secret: Secret) -> NotASecret | None:
    """Return the error for a value that is recognisably no secret of a definition, None for any other."""
    unfit = no_secret(definition.kind, secret.reveal(), exists_unnoted)
    if unfit is None:
        return None
    return NotASecret(f"{_place(definition)} holds {unfit.what}.", hint=_hint(definition, unfit))


def _place(definition: Definition) -> str:
    ref, source = definition.secret, definition.source
    declared = KINDS[definition.kind].secret
    written = definition.places.get(declared.name) if declared else None
    if ref.way == "environment":
        return ref.where if source.kind == "env" else f"{ref.where} ({(written or source).location})"
    if ref.way == "variable":
        return f"{ref.where}, which {source.location} names,"
    if ref.kept:
        return f"The credential of {definition.name!r}"
    return ref.where or source.location


def _hint(definition: Definition, found: NoSecret) -> str:
    ref = definition.secret
    if found.instead and found.kind:
        right = _secret_of(found.kind).variables[0]
        if ref.way in ("environment", "variable"):
            return f"It belongs in {right}; {found.instead}"
        return f"{found.instead[:1].upper()}{found.instead[1:]}"
    if ref.kept:
        return f"Log in again: {login_command(definition)}"
    declared = _secret_of(definition.kind)
    if not found.path:
        return f"Nothing was sent. Put the {declared.summary} itself there."
    if ref.way in ("environment", "variable"):
        variable = ref.where if ref.where in declared.variables else declared.variables[0]
        return f"Nothing was sent. The path of a file goes into {variable}_FILE."
    return f"Nothing was sent. The path of a file goes into {declared.name}_file."


def _secret_of(kind: KindName) -> Field:
    declared = KINDS[kind].secret
    assert declared is not None  # a kind without one has no provider
    return declared
