"""A new key for a NUA client, whose old one is dead at once: the one call that nothing undoes."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from nucliactl.errors import Malformed, UnknownProfile
from nucliactl.http.drive import Call, Flow
from nucliactl.listing import all_definitions
from nucliactl.login import draft as drafts
from nucliactl.login.making import Destination, NewSecret, kept, reserved, sent
from nucliactl.login.save import Saved
from nucliactl.model.kinds import NUA
from nucliactl.model.names import OFFICIAL, shown
from nucliactl.model.profile import Definition
from nucliactl.model.segment import segment
from nucliactl.secret import Secret
from nucliactl.service import keys
from nucliactl.service.check import Identity
from nucliactl.service.connect import connection_of
from nucliactl.sources.sources import Sources

K = TypeVar("K")
_COMMAND = "nucliactl auth rotate_nua_key"


def holders(sources: Sources, wanted: str) -> list[Definition]:
    """Return the NUA profiles of a name or client id, the one to be rotated first: the one of that very
    name, else one whose key the store keeps. Raises UnknownProfile."""
    keyed = [d for d in all_definitions(sources)[0] if d.kind == NUA.name]
    found = [d for d in keyed if wanted == d.name] or [d for d in keyed if wanted == d.get("identity")]
    if not found:
        raise UnknownProfile(
            f"There is no profile of kind nua {shown(wanted)}.",
            hint="List them: nucliactl list --kind nua",
        )
    first = next((d for d in found if is_kept(d)), found[0])
    client = first.get("identity")
    return [first, *(d for d in keyed if d is not first and client and d.get("identity") == client)]


def is_kept(nua: Definition) -> bool:
    """Say whether the store keeps the key of a profile, and so can keep its successor."""
    return nua.source.kind == "store" and nua.secret.way in ("store", "inline")


def destination_for(nua: Definition, sources: Sources, now: float) -> Destination:
    """Return the place where the successor of a stored key is kept. Raises Malformed, with the way out,
    where the key is kept by something else."""
    if not is_kept(nua):
        raise _kept_elsewhere(nua)
    found = Identity(identity=nua.get("identity"), account=nua.account)
    plain = {key: nua.values[key] for key in ("issuer", "origin", "identity") if key in nua.values}
    store = sources.writable()
    draft = nua._replace(values=plain)
    return Destination(
        store, sources.directories, nua.name, draft, found, int(now), force=True, activate="never"
    )


def _kept_elsewhere(nua: Definition) -> Malformed:
    place = nua.secret.where or nua.source.location
    hint = f"To get the new key on standard output and put it there yourself: {_COMMAND} {nua.name} --print"
    if nua.name.startswith(OFFICIAL):
        hint = "Make a profile of it first: nucliactl profile import --from-nuclia\n" + hint
    return Malformed(
        f"The key of {nua.name!r} is kept in {place}, not by us: its successor would be lost.",
        hint=f"Nothing was changed. {hint}",
    )


def rotate(
    signed_in: Definition,
    nua: Definition,
    sources: Sources,
    keep: Callable[[Secret], K],
    destination: Destination | None,
) -> Flow[K]:
    """Give the client of a NUA profile a new key, and keep it: in the store, or as `keep` does.

    Raises NotKept with the new key where it cannot be kept.
    """
    client, account = nua.get("identity"), nua.account
    if client is None or account is None:
        raise Malformed(
            f"{nua.name!r} does not say its client id and account.",
            hint="Log in with it again: nucliactl auth nua -",
        )
    base = (nua.get("origin") or nua.get("issuer") or "").rstrip("/")
    path = f"{base}/api/v1/account/{segment(account, 'the account')}"
    segment(client, "the NUA client")
    call = Call(connection_of(signed_in, sources), keys.rotate(path, client))
    with reserved(destination, signed_in):
        status = f"nucliactl auth status --profile {nua.name}"
        secret = yield from sent(call, f"The key of {nua.name} may be dead by now. Ask: {status}")
        otherwise = "The old key is dead. The new one stands alone on standard output; "
        otherwise += (
            f"keep it: nucliactl auth nua - --name {nua.name}" if destination else "put it where it belongs."
        )
        made = NewSecret("The new NUA key", secret, None, otherwise, destination)
        return (yield from kept(made, partial(keep, secret)))


def keep_on(destination: Destination, nua: Definition, secret: Secret) -> Saved:
    """Keep the new key of a profile where its old one was."""
    return destination.keep(drafts.nua(secret, origin=nua.get("origin")))
