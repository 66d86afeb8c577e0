"""From an address to the records of its server: which library is imported is decided here, and late."""

from nucliactl.errors import NotInstalled
from nucliactl.fleet.access import Access
from nucliactl.fleet.contract import Records
from nucliactl.http.client import Connection
from nucliactl.layers import seconds_of
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.sources.sources import Sources


def records(access: Access, sources: Sources) -> Records:
    """Return the records of an address; nothing is asked yet. Raises NotInstalled where redis-py is missing,
    Malformed for an authority that cannot be read."""
    address = access.address
    server = Definition(
        "server", USER.name, {}, Source("server", address.place), SecretRef("none"), (address.origin,)
    )
    seconds = seconds_of(server, sources)
    if address.server == "vault":
        from nucliactl.fleet.in_vault import InVault

        connection = Connection(
            server, None, server.origins, address.origin, seconds, authority=access.authority
        )
        return InVault(access, connection)
    try:
        from nucliactl.fleet.in_redis import InRedis
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("nucliactl"):
            raise
        raise NotInstalled(
            f"Records in a Redis need the package {error.name}, which is not installed in this Python.",
            hint="pip install 'nucliactl[redis]'",
        ) from None
    return InRedis(access, seconds)
