"""From a definition to a connection: opens a secret only where the endpoint is written in it."""

from collections.abc import Callable, Mapping

from nucliactl.credentials.checked import Checked
from nucliactl.credentials.contract import Provider
from nucliactl.credentials.provider import provider_for
from nucliactl.credentials.session import Renewal, Tokens
from nucliactl.http.client import Connection
from nucliactl.http.flow import perform
from nucliactl.layers import seconds_of
from nucliactl.model.endpoint import parse_url
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service.oauth import renew, server_of
from nucliactl.sources.sources import Sources


def connect(
    definition: Definition, environ: Mapping[str, str], timeout: float, *, provider: Provider | None = None
) -> Connection:
    """Return the connection of a definition. `timeout` in seconds; `provider` replaces its own.

    A NUA key whose issuer nobody stated is opened here, and its issuer checked. Raises LoginNeeded,
    Refused or Malformed.
    """
    provider = provider or provider_of(definition, environ, lambda: timeout)
    if definition.kind == "nua" and definition.get("issuer") is None and provider is not None:
        definition = issued(definition, provider)
        provider = Checked(provider, definition)  # it may be rotated later
    base = definition.base_url
    assert base is not None
    return Connection(definition, provider, definition.origins, base, timeout)


def connection_of(definition: Definition, sources: Sources, provider: Provider | None = None) -> Connection:
    """Return the connection of a definition, with the time-out that the sources give it."""
    seconds = seconds_of(definition, sources)
    return connect(definition, sources.environment.variables, seconds, provider=provider)


def provider_of(
    definition: Definition, environ: Mapping[str, str], seconds: Callable[[], float]
) -> Provider | None:
    """Return the provider of a definition's secret, a session's too; None where it needs none.

    `seconds` says how long renewing a session may take in all, and is asked only then. Opens no secret.
    Raises LoginNeeded, or what a wrong `session` raises.
    """

    def renewed(owner: Definition, token: Secret, left: float) -> Tokens:
        return perform(renew(server_of(owner, left), token))

    return provider_for(definition, environ, Renewal(renewed, seconds))


def issued(definition: Definition, provider: Provider) -> Definition:
    """Return a NUA definition completed by the issuer that its key names."""
    claims = read_nua(provider.get(), provider.where)
    check_issuer(claims.issuer, definition.get("origin"), provider.where)
    url = parse_url(claims.issuer, f"The issuer in {provider.where}")
    origins = tuple(dict.fromkeys((url.origin, *definition.origins)))
    values = {**definition.values, "issuer": url.origin + url.path}
    return definition._replace(values=values, origins=origins)
