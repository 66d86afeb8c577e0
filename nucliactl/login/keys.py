"""From a sign-in to keys: flows for `create_api_key` and its like."""

import re

from nucliactl.errors import Malformed, NotThere
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow
from nucliactl.login.reach import base_of, find_box, reach, zone_connection
from nucliactl.login.tokens import base_of_key, connection_of, until_after
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service import keys
from nucliactl.service.keys import ApiKey
from nucliactl.service.reach import KBS, Box
from nucliactl.sources.world import World


def find(
    signed_in: Definition, world: World, wanted: str, account: str | None, zone: str | None
) -> Flow[Box]:
    """Return the Knowledge Box of a slug or id that a signed-in user reaches."""
    found = yield from reach(signed_in, world, account=account, zone=zone, modes=(KBS,))
    return find_box(found, wanted)


def create(
    signed_in: Definition, world: World, box: Box, title: str, role: str, days: int, now: float
) -> Flow[ApiKey]:
    """Make an API key of a box that ends after `days`. A role may be given without its leading S."""
    until = until_after(days, now, "365")
    if not re.fullmatch(r"[A-Za-z]{1,40}", role):
        raise Malformed("--role is not a role.", hint="For example --role READER.")
    name = role.upper() if role.upper().startswith("S") else f"S{role.upper()}"
    made: ApiKey = yield Call(
        _connection(signed_in, world, box), keys.create(_path(signed_in, box), title, name, until)
    )
    return made


def listed(signed_in: Definition, world: World, box: Box) -> Flow[tuple[ApiKey, ...]]:
    found: tuple[ApiKey, ...] = yield Call(
        _connection(signed_in, world, box), keys.listed(_path(signed_in, box))
    )
    return found


def delete(signed_in: Definition, world: World, box: Box, identity: str) -> Flow[None]:
    """Delete a key of a box by its id. Raises NotThere."""
    found = yield from listed(signed_in, world, box)
    for key in found:
        if key.id == identity:
            yield Call(_connection(signed_in, world, box), keys.delete(_path(signed_in, box), key))
            return
    raise NotThere(f"There is no key {identity[:80]!r}.", hint="List them: nucliactl auth list_api_keys KB")


def rotate(signed_in: Definition, nua: Definition, world: World) -> Flow[Secret]:
    """Give the client of a NUA profile a new key. The old one is dead at once."""
    client, account = nua.get("identity"), nua.account
    if client is None or account is None:
        raise Malformed(
            f"{nua.name!r} does not say its client id and account.",
            hint="Log in with it again: nucliactl auth nua -",
        )
    base = (nua.get("origin") or nua.get("issuer") or "").rstrip("/")
    connection = connection_of(signed_in, world)
    operation = keys.rotate(f"{base}/api/v1/account/{account}", client)
    made: Secret = yield Call(connection, operation)
    return made


def temporal(box: Definition, world: World, ttl: int | None, groups: tuple[str, ...]) -> Flow[Secret]:
    """Make a key of seconds from a Knowledge Box's API key."""
    base = base_of_key(box, "a temporal key", ttl, "10")
    made: Secret = yield Call(connection_of(box, world), keys.temporal(base, ttl, groups))
    return made


def _connection(signed_in: Definition, world: World, box: Box) -> Connection:
    return zone_connection(connection_of(signed_in, world), signed_in, box.zone)


def _path(signed_in: Definition, box: Box) -> str:
    return f"{base_of(signed_in, box.zone)}/api/v1/account/{box.account.id}/kb/{box.id}"
