"""The provider of a definition's secret, whatever it is. httpx is imported only to renew a session."""

from __future__ import annotations

from nucliactl.credentials.checked import Checked
from nucliactl.credentials.contract import Provider
from nucliactl.credentials.provider import provider_for
from nucliactl.credentials.renewal import Renewal, Tokens
from nucliactl.model.endpoint import parse_url
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def provider_of(
    definition: Definition, environ: Mapping[str, str], seconds: Callable[[], float], *, again: bool = True
) -> Provider | None:
    """Return the provider of a definition's secret, a session's too; None where it needs none. `again` as in
    `provider_for`.

    `seconds` says how long renewing a session may take in all, and is asked only then. Opens no secret.
    Raises LoginNeeded, or what a wrong `session` raises.
    """
    return provider_for(definition, environ, Renewal(_renewed, seconds), again=again)


def _renewed(owner: Definition, token: Secret, left: float) -> Tokens:
    from nucliactl.http.flow import perform  # only here: it costs more than all the rest
    from nucliactl.service.oauth import renew, server_of

    return perform(renew(server_of(owner, left), token))


def completed(definition: Definition, provider: Provider | None) -> tuple[Definition, Provider | None]:
    """Return both as they are; where nobody stated the issuer of a NUA key, with the one that the key names,
    which is opened for it."""
    if definition.kind != "nua" or definition.get("issuer") is not None or provider is None:
        return definition, provider
    claims = read_nua(provider.get(), provider.where)
    check_issuer(claims.issuer, definition.get("origin"), provider.where)
    url = parse_url(claims.issuer, f"The issuer in {provider.where}")
    origins = tuple(dict.fromkeys((url.origin, *definition.origins)))
    values = {**definition.values, "issuer": url.origin + url.path}
    definition = definition._replace(values=values, origins=origins)
    return definition, Checked(provider, definition)  # it may be rotated later
