"""A session: the one file it lives in, and who may use it."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed, Refused
from nucliactl.model.endpoint import origin_allows
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, fitting, read_credential
from nucliactl.store.definitions import read_stored, store_of
from nucliactl.store.keeping import keep_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.reading import Read


def session_owner(definition: Definition, read: Read = read_file) -> Definition | None:
    """Return the user's definition whose session serves a definition; None where none does.

    Raises Malformed or Damaged where `session` names no user profile of the store.
    """
    if definition.kind == USER.name and definition.secret.kept:
        return definition
    if definition.secret.way != "session":
        return None
    name = definition.secret.where
    owner = read_stored(store_of(definition), name, read)
    location = definition.source.location
    if owner is None:
        raise Damaged(
            f"{location} uses the session of {name!r}, which is not in the store.",
            hint=f"Log in: {hints.LOG_IN_AS.format(name)}, or correct session.",
        )
    if owner.kind != USER.name or not owner.secret.kept:
        raise Malformed(
            f"{location} uses the session of {name!r}, which is not a signed-in user.",
            hint="Correct session in it.",
        )
    return owner


def session_of(owner: Definition, rider: Definition, read: Read = read_file) -> Credential:
    """Return the credential a definition uses: its owner's session. Raises LoginNeeded where there is
    none, Refused where the session may not go where the definition leads."""
    return serving(owner, rider, keep_of(owner, read).read())


def serving(owner: Definition, rider: Definition, held: Credential | None) -> Credential:
    """Return what is held for an owner, where it may serve a definition that uses it. Raises as
    `session_of` does."""
    credential = fitting(owner, held)
    foreign = [o for o in rider.origins if not origin_allows(credential.origins, o)]
    if foreign:
        raise Refused(
            f"{rider.source.location} leads to {', '.join(foreign)}, where the session of {owner.name!r} "
            "may not go.",
            hint=f"It may go to {', '.join(credential.origins)}.",
        )
    return credential


def stored_credential(
    definition: Definition, read: Read = read_file, *, opening: bool = False
) -> Credential | None:
    """Return the credential that the store keeps for a definition, or its owner's session; None where
    its secret is elsewhere, or in the keyring, which is not opened unless `opening`. Raises what using it
    would raise."""
    owner = session_owner(definition, read)
    holder = owner or definition
    if holder.secret.kept is None:
        return None
    if holder.secret.way == "store" and holder.trust is not None:
        held = read_credential(holder.secret.where, holder.trust, read)
    else:
        keep = keep_of(holder, read)
        if keep.guarded and not opening:
            if not keep.has():
                fitting(holder, None)
            return None
        held = keep.read()
    return serving(owner, definition, held) if owner else fitting(definition, held)


def ends_at(definition: Definition, secret: Secret) -> int | None:
    """Return when a secret ends (epoch seconds): as a JWT says, or as the store noted for a session."""
    owner = session_owner(definition)
    return expiry(secret.reveal()) or (session_of(owner, definition).expires_at if owner else None)
