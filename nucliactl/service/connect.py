"""From a definition to a connection: opens a secret only where the endpoint is written in it."""

from collections.abc import Mapping

from nucliactl.credentials.contract import Provider
from nucliactl.http.client import Connection
from nucliactl.layers import seconds_of
from nucliactl.model.profile import Definition
from nucliactl.service.providers import completed, provider_of
from nucliactl.sources.sources import Sources


def connect(
    definition: Definition, environ: Mapping[str, str], timeout: float, *, provider: Provider | None = None
) -> Connection:
    """Return the connection of a definition. `timeout` in seconds; `provider` replaces its own.

    A NUA key whose issuer nobody stated is opened here, and its issuer checked. Raises LoginNeeded,
    Refused or Malformed.
    """
    provider = provider or provider_of(definition, environ, lambda: timeout)
    definition, provider = completed(definition, provider)
    base = definition.base_url
    assert base is not None
    return Connection(definition, provider, definition.origins, base, timeout)


def connection_of(definition: Definition, sources: Sources, provider: Provider | None = None) -> Connection:
    """Return the connection of a definition, with the time-out that the sources give it."""
    seconds = seconds_of(definition, sources)
    return connect(definition, sources.environment.variables, seconds, provider=provider)
