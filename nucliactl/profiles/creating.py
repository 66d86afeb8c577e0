"""What a signed-in user creates at the service: personal tokens, API keys, a new key of a NUA client.

Each is kept at a destination in the store, or as `keep` does. NotKept says that it could be neither
kept nor deleted again.
"""

from collections.abc import Callable
from typing import TypeVar

from nucliactl import hints
from nucliactl.errors import Malformed, UnknownProfile
from nucliactl.http.client import Connection
from nucliactl.http.flow import Flow
from nucliactl.listing import of_kind
from nucliactl.login import draft as drafts
from nucliactl.login.naming import free_name, token_name
from nucliactl.login.save import STAND_IN
from nucliactl.model.kinds import NUA
from nucliactl.model.names import OFFICIAL, shown
from nucliactl.model.profile import Definition
from nucliactl.model.segment import segment
from nucliactl.model.words import StoreName
from nucliactl.profiles.making import Destination, made
from nucliactl.secret import Secret
from nucliactl.service import keys, tokens
from nucliactl.service.check import Identity
from nucliactl.service.inventory import Box, in_zone, known_of
from nucliactl.service.keys import ApiKey
from nucliactl.service.tokens import PersonalToken, until_after
from nucliactl.sources.sources import Sources

K = TypeVar("K")
_DELETE_IT = "It is valid and was printed. Delete it: "


def personal_token(
    maker: Connection,
    description: str,
    days: int | None,
    now: float,
    keep: Callable[[PersonalToken, Secret], K],
    destination: Destination | None = None,
) -> Flow[tuple[PersonalToken, K]]:
    """Create a personal token that ends after `days` (None: never), and keep it."""
    until = None if days is None else until_after(days, now, "90")
    return made(
        tokens.create(maker, description, until),
        keep,
        destination,
        maker.definition,
        what="The new token",
        undo=lambda token: tokens.delete(maker, token.id),
        otherwise=lambda token: _DELETE_IT + hints.DELETE_TOKEN.format(token.id),
        unsure=f"A token may have been made anyway. Look: {hints.TOKENS}",
    )


def place_of_token(
    maker: Definition,
    sources: Sources,
    description: str,
    found: Identity,
    now: float,
    *,
    name: str | None,
    force: bool = False,
    storage: StoreName | None = None,
) -> Destination:
    """Return the place in the store where a token to be made becomes a profile: `name`, or
    `<maker>-<description>`; `storage` as a login has it. `found`: what the service says of its maker."""
    if name is None:
        name = free_name(sources.directories, token_name(maker, description))
    definition = drafts.token_like(maker, STAND_IN).definition
    return Destination(sources, name, definition, found, int(now), force, storage=storage)


def api_key(
    maker: Connection,
    box: Box,
    title: str,
    role: str,
    days: int,
    now: float,
    keep: Callable[[ApiKey, Secret], K],
    destination: Destination | None = None,
) -> Flow[tuple[ApiKey, K]]:
    """Create an API key of a box that ends after `days`, and keep it."""
    zone, until = in_zone(maker, box.zone), until_after(days, now, "365")
    return made(
        keys.create(zone, box, title, role, until),
        keep,
        destination,
        maker.definition,
        what="The new API key",
        undo=lambda key: keys.withdraw(zone, box, key.service_account),
        otherwise=lambda key: _DELETE_IT + hints.DELETE_API_KEY.format(box.id, key.id),
        unsure=f"A key may have been made anyway. Look: {hints.API_KEYS.format(box.id)}",
    )


def place_of_key(
    box: Box,
    sources: Sources,
    now: float,
    *,
    name: str,
    force: bool,
    role: str,
    storage: StoreName | None = None,
) -> Destination:
    """Return the place in the store where a box's key to be made becomes a profile; `storage` as a login
    has it."""
    found = known_of(box)._replace(role=role)
    definition = drafts.kb(box.url, STAND_IN).definition
    return Destination(sources, name, definition, found, int(now), force, storage=storage)


def holders(sources: Sources, wanted: str) -> list[Definition]:
    """Return the NUA profiles of a name or client id, the one to be rotated first: the one of that very
    name, else one whose key the store keeps. Raises UnknownProfile."""
    keyed = of_kind(sources, NUA.name)
    fitting = [d for d in keyed if wanted == d.name] or [d for d in keyed if wanted == d.get("identity")]
    if not fitting:
        raise UnknownProfile(
            f"There is no profile of kind nua {shown(wanted)}.", hint=f"List them: {hints.list_kind('nua')}"
        )
    first = next((d for d in fitting if is_kept(d)), fitting[0])
    client = first.get("identity")
    return [first, *(d for d in keyed if d is not first and client and d.get("identity") == client)]


def is_kept(nua: Definition) -> bool:
    """Say whether the store keeps the key of a profile, and so can keep its successor."""
    return nua.source.kind == "store" and (nua.secret.kept is not None or nua.secret.way == "inline")


def place_of_successor(nua: Definition, sources: Sources, now: float) -> Destination:
    """Return the place where the successor of a stored key is kept. Raises Malformed, with the way out,
    where the key is kept by something else."""
    if not is_kept(nua):
        hint = "To get the new key on standard output and put it there yourself: "
        hint += hints.ROTATE.format(nua.name)
        if nua.name.startswith(OFFICIAL):
            hint = f"Make a profile of it first: {hints.IMPORT}\n" + hint
        place = nua.secret.where or nua.source.location
        raise Malformed(
            f"The key of {nua.name!r} is kept in {place}, which nucliactl does not write: the new "
            "key would be lost.",
            hint=f"Nothing was changed. {hint}",
        )
    found = Identity(identity=nua.get("identity"), account=nua.account)
    plain = {key: nua.values[key] for key in ("issuer", "origin", "identity") if key in nua.values}
    definition = nua._replace(values=plain)
    return Destination(sources, nua.name, definition, found, int(now), force=True, activate="never")


def successor(
    maker: Connection, nua: Definition, keep: Callable[[str, Secret], K], destination: Destination | None
) -> Flow[tuple[str, K]]:
    """Give the client of a NUA profile a new key, and keep it. The old one is dead at once: nothing undoes
    this."""
    client, account = nua.get("identity"), nua.account
    if client is None or account is None:
        raise Malformed(
            f"{nua.name!r} does not say its client id and account.", hint=f"Log in with it again: {hints.NUA}"
        )
    path = f"{nua.base_url}/account/{segment(account, 'the account')}"

    again = f"keep it: {hints.NUA_AS.format(nua.name)}" if destination else "put it where it belongs."
    return made(
        keys.rotate(maker, path, client),
        keep,
        destination,
        maker.definition,
        what="The new NUA key",
        undo=None,
        otherwise=lambda _: f"The old key is dead. The new one was printed on standard output; {again}",
        unsure=f"The key of {nua.name} may be dead by now. Ask: {hints.STATUS.format(nua.name)}",
    )
