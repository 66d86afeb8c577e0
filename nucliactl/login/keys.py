"""From a sign-in to keys: flows for `create_api_key` and its like."""

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from nucliactl.errors import Malformed, NotThere
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow
from nucliactl.login import draft as drafts
from nucliactl.login.making import STAND_IN, Destination, NewSecret, kept, reserved, sent
from nucliactl.login.tokens import base_of_key, until_after
from nucliactl.model.free_text import check_free_text
from nucliactl.model.names import shown
from nucliactl.model.profile import Definition
from nucliactl.model.segment import segment
from nucliactl.secret import Secret
from nucliactl.service import keys
from nucliactl.service.check import Identity
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import KBS, Box, base_of, find_box, inventory, zone_connection
from nucliactl.service.keys import ApiKey
from nucliactl.sources.sources import Sources

K = TypeVar("K")
_LIST = "nucliactl auth list_api_keys"


def find(
    signed_in: Definition, sources: Sources, wanted: str, account: str | None, zone: str | None
) -> Flow[Box]:
    """Return the Knowledge Box of a slug or id that a signed-in user reaches."""
    found = yield from inventory(signed_in, sources, account=account, zone=zone, modes=(KBS,))
    return find_box(found, wanted)


def create(
    signed_in: Definition,
    sources: Sources,
    box: Box,
    title: str,
    role: str,
    days: int,
    now: float,
    keep: Callable[[ApiKey], K],
    destination: Destination | None = None,
) -> Flow[K]:
    """Make an API key of a box that ends after `days`, and keep it: at a destination in the store, or as
    `keep` does. A role may be given without its leading S. Raises NotKept where it can be neither kept nor
    deleted again."""
    check_free_text(title, "The title of an API key", "For example --title container")
    until = until_after(days, now, "365")
    if not re.fullmatch(r"[A-Za-z]{1,40}", role):
        raise Malformed("--role is not a role.", hint="For example --role READER.")
    name = role.upper() if role.upper().startswith("S") else f"S{role.upper()}"
    call = Call(_connection(signed_in, sources, box), keys.create(_path(signed_in, box), title, name, until))
    with reserved(destination, signed_in):
        key = yield from sent(call, f"A key may have been made all the same. Look: {_LIST} {box.id}")
        assert key.secret is not None
        otherwise = "It is valid, and stands alone on standard output. "
        otherwise += f"Delete it: nucliactl auth delete_api_key {box.id} {key.id}"
        undo = partial(give_back, signed_in, sources, box, key)
        made = NewSecret("The new API key", key.secret, undo, otherwise, destination)
        return (yield from kept(made, partial(keep, key)))


def give_back(signed_in: Definition, sources: Sources, box: Box, key: ApiKey) -> Flow[None]:
    """Delete a key that was just made, with its service account."""
    operation = keys.withdraw(_path(signed_in, box), key.service_account)
    yield Call(_connection(signed_in, sources, box), operation)


def destination_for(
    box: Box, sources: Sources, now: float, *, name: str, force: bool, role: str
) -> Destination:
    """Return the place in the store where a box's key to be made becomes a profile."""
    found = Identity(box.title, box.slug, box.id, box.account.id, role)
    definition = drafts.kb(box.url, STAND_IN).definition
    return Destination(sources.writable(), sources.directories, name, definition, found, int(now), force)


def list_keys(signed_in: Definition, sources: Sources, box: Box) -> Flow[tuple[ApiKey, ...]]:
    found: tuple[ApiKey, ...] = yield Call(
        _connection(signed_in, sources, box), keys.list_keys(_path(signed_in, box))
    )
    return found


def delete(signed_in: Definition, sources: Sources, box: Box, identity: str) -> Flow[None]:
    """Delete a key of a box by its id. Raises NotThere."""
    found = yield from list_keys(signed_in, sources, box)
    for key in found:
        if key.id == identity:
            yield Call(_connection(signed_in, sources, box), keys.delete(_path(signed_in, box), key))
            return
    raise NotThere(f"There is no key {shown(identity)}.", hint=f"List them: {_LIST} {box.id}")


def temporal(box: Definition, sources: Sources, ttl: int | None, groups: tuple[str, ...]) -> Flow[Secret]:
    """Make a key of seconds from a Knowledge Box's API key."""
    base = base_of_key(box, "a temporal key", ttl, "10")
    made: Secret = yield Call(connection_of(box, sources), keys.temporal(base, ttl, groups))
    return made


def _connection(signed_in: Definition, sources: Sources, box: Box) -> Connection:
    return zone_connection(connection_of(signed_in, sources), signed_in, box.zone)


def _path(signed_in: Definition, box: Box) -> str:
    place = f"{base_of(signed_in, box.zone)}/api/v1/account/{box.account.segment}"
    return f"{place}/kb/{segment(box.id, 'the Knowledge Box')}"
