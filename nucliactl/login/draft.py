"""Drafts: profiles that are not saved yet, made of what a person or program gives."""

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.credentials.provider import Static
from nucliactl.credentials.renewal import Tokens
from nucliactl.errors import LoginNeeded, Malformed
from nucliactl.http.flow import Flow
from nucliactl.model import endpoint
from nucliactl.model.definition import define
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import AGENT, KB, LOGIN_ADDRESSES, NUA, NUCLIADB, PERSONAL_TOKEN, USER
from nucliactl.model.profile import Definition, SecretRef
from nucliactl.model.recognise import no_secret
from nucliactl.model.shared_fields import ROLES
from nucliactl.model.source import GIVEN
from nucliactl.model.words import KindName
from nucliactl.secret import Secret, header_value
from nucliactl.service.check import Identity, check
from nucliactl.service.connect import connection_of
from nucliactl.sources.environment.values import checked_setting
from nucliactl.sources.sources import Sources


class Draft(NamedTuple):
    """A definition with the secret it was given (None: it needs none), or with the tokens of a sign-in.
    `ends`: when the service says that the secret does, epoch seconds."""

    definition: Definition
    secret: Secret | None
    tokens: Tokens | None = None
    ends: int | None = None

    @property
    def kind(self) -> KindName:
        return self.definition.kind


def validate(draft: Draft, sources: Sources) -> Flow[Identity]:
    """Ask the service whether a draft's credential works; return what it says of it.

    Raises Rejected, NotThere, Unreachable, Refused, or Malformed for a key no header can carry.
    """
    provider = Static(draft.secret, "this command") if draft.secret else None
    return check(connection_of(draft.definition, sources, provider))


def check_given(kind: KindName, secret: Secret) -> None:
    """Raise LoginNeeded where what was given is recognisably no secret of a kind."""
    found = no_secret(kind, secret.reveal(), os.path.exists)
    if found is not None:
        instead = f"And {found.instead}" if found.instead else "Give the secret itself, on standard input: -"
        if found.path:
            instead = f"Give what stands in it: {hints.login_from(kind)}"
        raise LoginNeeded(f"What was given is {found.what}.", hint=f"Nothing was saved. {instead}")


def _draft(kind: KindName, given: Mapping[str, Any], secret: Secret | None) -> Draft:
    if secret is not None:
        header_value(secret, "this command")
        check_given(kind, secret)
    ref = SecretRef("inline", "this command", secret) if secret else SecretRef("none")
    return Draft(define("new", kind, given, GIVEN, ref), secret)


def kb(url: str, secret: Secret | None, *, public: bool = False) -> Draft:
    """A Knowledge Box: with its API key, public, or without either on this machine's NucliaDB.

    Raises Malformed for a URL that is none, a missing key, or a key beside `public`.
    """
    found = endpoint.parse_kb_url(url)
    given: dict[str, Any] = {"url": found.url}
    if public and secret is not None:
        raise Malformed("A public Knowledge Box takes no API key.", hint="Leave out one of them.")
    if public:
        given["public"] = True
    elif secret is None:
        if not found.loopback:
            raise Malformed(
                f"{found.origin} needs an API key.",
                hint=f"Give it on standard input: {hints.box(found.url)}   "
                "(or --public for a public Knowledge Box)",
            )
        given["roles"] = ROLES
    return _draft(KB.name, given, secret)


def agent(region: str, account: str, identity: str, secret: Secret, sources: Sources) -> Draft:
    """A retrieval agent with its API key. `region` is a zone, or the address of a private one."""
    given: dict[str, Any] = {"account": account, "agent": identity}
    if "://" in region:
        given["url"] = region
    else:
        addresses = addresses_of(USER.name, sources)
        given["zone"] = endpoint.check_zone(region, "The zone")
        given["url"] = endpoint.zone_url(given["zone"], addresses["domain"], addresses.get("zone_url"))
    return _draft(AGENT.name, given, secret)


def kb_of_session(url: str, account: str, owner: Definition) -> Draft:
    """A Knowledge Box that a signed-in user has access to: it uses that user's session."""
    given = {"url": url, "account": account, "session": owner.name}
    return Draft(define("new", KB.name, given, GIVEN, SecretRef("session", owner.name)), None)


def kb_of_nucliadb(url: str, owner: Definition) -> Draft:
    """A Knowledge Box of a NucliaDB, opened with the roles that the profile of the NucliaDB claims."""
    return _draft(KB.name, {"url": url, "roles": owner.roles}, None)


def nua(secret: Secret, *, origin: str | None = None) -> Draft:
    """A NUA key; `origin` names an issuer outside the known hosts, or where other calls go."""
    check_given(NUA.name, secret)
    claims = read_nua(secret, "What was given")
    given: dict[str, Any] = {"issuer": claims.issuer}
    if origin:
        given["origin"] = endpoint.origin_of(origin, "--origin")
    check_issuer(claims.issuer, given.get("origin"), "this command")
    if claims.client_id:
        given["identity"] = claims.client_id
    return _draft(NUA.name, given, secret)


def nucliadb(url: str) -> Draft:
    """A NucliaDB, which has no secret: http is allowed to the host a person names."""
    found = endpoint.api_base(url, "The NucliaDB address", plain_http=True)
    endpoint.check_not_cloud(found, "The NucliaDB address")
    return _draft(NUCLIADB.name, {"url": found.origin + found.path}, None)


def signed_in(kind: KindName, secret: Secret, sources: Sources) -> Draft:
    """A user token or personal token of the domain (or the URLs) that new logins lead to."""
    return _draft(kind, addresses_of(kind, sources), secret)


def token_like(maker: Definition, secret: Secret) -> Draft:
    """A personal token made by a signed-in user: its addresses are its maker's."""
    given = {name: maker.values[name] for name in LOGIN_ADDRESSES if name in maker.values}
    return _draft(PERSONAL_TOKEN.name, given, secret)


def new_user(sources: Sources) -> Definition:
    """A user who has not signed in yet, of the domain (or the URLs) that new logins lead to."""
    return define("new", USER.name, addresses_of(USER.name, sources), GIVEN, SecretRef("none"))


def addresses_of(kind: KindName, sources: Sources) -> dict[str, Any]:
    """Return where new logins lead: the environment's domain and URLs, else the settings' domain."""
    given: dict[str, Any] = {}
    for name in LOGIN_ADDRESSES:
        if found := checked_setting(sources.environment, name, kind):
            given[name] = found.value
    if "domain" not in given:
        given["domain"] = sources.config(("domain",)).domain or endpoint.DEFAULT_DOMAIN
    return given
