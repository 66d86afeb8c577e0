"""What both classes of the SDK do with keys: flows that either driver runs."""

import contextlib
import os
import time
from urllib.parse import urlsplit

from nucliactl.api import here
from nucliactl.credentials.provider import Static, provider_for
from nucliactl.errors import Malformed, NotThere, NucliactlError, Rejected
from nucliactl.http.client import Connection
from nucliactl.http.flow import Flow
from nucliactl.layers import seconds_of
from nucliactl.listing import by_id, of_kind
from nucliactl.login import draft as drafts
from nucliactl.login.draft import Draft, validate
from nucliactl.model import endpoint
from nucliactl.model.jwt import read_nua
from nucliactl.model.kinds import KB, NUA, USER
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.words import KindName
from nucliactl.overview import as_text, overview, sections
from nucliactl.profiles.switch import switch, unset
from nucliactl.records import log
from nucliactl.sdk import objects
from nucliactl.sdk.remember import accepted, active, keep
from nucliactl.secret import Secret
from nucliactl.service.check import key_owner
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import KBS, Account, Zone, content
from nucliactl.service.tokens import ephemeral
from nucliactl.sources import in_memory
from nucliactl.text_table import ready

NuaFacts = tuple[str | None, str | None, str | None, str | None]
KeyFacts = tuple[str | None, str | None, str | None]


def kb(url: str, token: str | None) -> Flow[str | None]:
    draft = drafts.kb(url.strip().strip("/"), Secret(token) if token else None)
    return (yield from _logged_in(draft, "kb"))


def nua(token: str, origin: str | None) -> Flow[str | None]:
    return (yield from _logged_in(drafts.nua(Secret(token), origin=origin), "nua"))


def agent(region: str, account_id: str, agent_id: str, token: str | None) -> Flow[str | None]:
    draft = drafts.agent(region, account_id, agent_id, _needed(token), here())
    return (yield from _logged_in(draft, "agent"))


def _logged_in(draft: Draft, method: str) -> Flow[str | None]:
    """Keep a draft the service accepts, and return its id; None where it refuses."""
    found = yield from accepted(draft)
    if found is None:
        return None
    keep(draft, found, method)
    return found.identity


def validate_agent(
    account_id: str, agent_id: str, region: str, token: str | None, origin_url: str | None
) -> Flow[objects.RetrievalAgentOrchestratorObj | None]:
    draft = drafts.agent(origin_url or region, account_id, agent_id, _needed(token), here())
    found = yield from accepted(draft)
    if found is None:
        return None
    identity = found.identity or agent_id
    return objects.RetrievalAgentOrchestratorObj(identity, found.slug, account_id, region, found.title)


def _needed(token: str | None) -> Secret:
    if not token:
        raise Malformed("An agent needs an API key here.", hint="Give token=…")
    return Secret(token)


def nucliadb(url: str) -> Flow[None]:
    draft = drafts.nucliadb(url)
    keep(draft, (yield from validate(draft, here())), "nucliadb")


def create_ephemeral_token(kbid: str, ttl: int | None) -> Flow[objects.EphemeralToken]:
    sources = here()
    secret = yield from ephemeral(connection_of(by_id(sources, KB.name, kbid), sources), ttl)
    return objects.EphemeralToken(secret.reveal())


def kbs_nua(account: str, zone: str | None) -> Flow[list[objects.KnowledgeBox]]:
    connection = connection_of(active((NUA.name,)), here())
    key = connection.definition
    base = key.target
    region = zone or (urlsplit(base).hostname or "").split(".")[0]
    place = Zone(region, region, None, origin=base)
    asked = connection._replace(base_url=base)
    found = yield from content(asked, place, (Account(account, None, None),), (KBS,))
    if found.problems:
        raise found.problems[0]
    return [objects.KnowledgeBox(b.id, b.url, b.title, b.slug, region, account, base) for b in found.boxes]


def validate_kb(url: str, token: str | None) -> Flow[objects.KnowledgeBoxObj | None]:
    draft = drafts.kb(url.strip().strip("/"), Secret(token) if token else None)
    found = yield from accepted(draft)
    if found is None or found.identity is None:
        return None
    config = objects.KnowledgeBoxConfig(found.title, found.slug)
    return objects.KnowledgeBoxObj(found.identity, found.slug, config)


def validate_nua(token: str) -> Flow[NuaFacts]:
    draft = drafts.nua(Secret(token))
    found = yield from accepted(draft)
    if found is None:
        return None, None, None, None
    issuer = read_nua(Secret(token), "token").issuer
    return found.identity, found.account_type, found.account, issuer


def get_account_from_service_token(region: str, token: str) -> Flow[KeyFacts]:
    slug, origin = resolve_zone_endpoint(region)
    known = drafts.addresses_of(USER.name, here())
    base = origin or endpoint.zone_url(slug, known["domain"], known.get("zone_url"))
    origins = (endpoint.origin_of(base, "region"),)
    source = Source("sdk", "get_account_from_service_token()")
    definition = Definition("key", KB.name, {}, source, SecretRef("inline"), origins)
    provider = Static(Secret(token), source.location)
    connection = Connection(definition, provider, origins, base, seconds_of(definition, here()))
    try:
        owner = yield from key_owner(connection, base, "the API key")
    except (Rejected, NotThere) as error:
        log.error("%s", error)
        return None, None, None
    return owner.account, owner.kb, owner.role


def resolve_zone_endpoint(zone: str) -> tuple[str, str | None]:
    """Return (region slug, private origin or None) of a zone, or of an address that stands for one."""
    zone = zone.strip()
    parts = urlsplit(zone)
    if parts.scheme and parts.netloc:
        return (parts.hostname or zone).split(".")[0], endpoint.origin_of(zone, "zone")
    return endpoint.check_zone(zone, "zone"), None


def show() -> Flow[str]:
    found = yield from overview(here(), time.time(), ready)
    for warning in found.warnings:
        log.warning("%s", warning)
    return as_text(sections(found, time.time()))


def list_nuas() -> list[objects.NuaKey]:
    found = []
    for definition in of_kind(here(), NUA.name):
        with contextlib.suppress(NucliactlError):
            provider = provider_for(definition, os.environ)
            if provider is not None:
                secret = provider.get()
                claims = read_nua(secret, definition.source.location)
                identity, origin = definition.get("identity") or claims.client_id, definition.get("origin")
                token = secret.reveal()
                found.append(objects.NuaKey(identity, None, claims.issuer, definition.account, token, origin))
    return found


def default(kind: KindName, wanted: str) -> None:
    """Make a stored profile of a kind, given by id, slug or name, current and this process's own."""
    sources = here()
    definition = by_id(sources, kind, wanted)
    if sources.directories.find(definition.name) is not None:
        switch(sources, definition.name)
    in_memory.choose(definition)


def unset_kb(kbid: str) -> None:
    """Take a KB out of what is active, if it is."""
    for definition in of_kind(here(), KB.name):
        if kbid in (definition.name, definition.get("identity"), definition.get("kb")):
            in_memory.drop(KB.name, definition.name)
            unset(here(), definition.name)
