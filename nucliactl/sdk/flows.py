"""What both classes of the SDK do, once: flows that either driver runs."""

import contextlib
import logging
import os
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

from nucliactl.api import here
from nucliactl.credentials.provider import Static
from nucliactl.errors import Ambiguous, LoginNeeded, NotThere, NotWritable, NucliactlError, Rejected
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow
from nucliactl.listing import all_definitions, by_id
from nucliactl.login import draft as drafts
from nucliactl.login import tokens
from nucliactl.login.browser import can_open, open_address
from nucliactl.login.draft import Draft
from nucliactl.login.forget import forget
from nucliactl.login.save import completed, default_name, save
from nucliactl.login.signin import await_code, finish
from nucliactl.login.switch import switch, unset
from nucliactl.login.tokens import connection_of
from nucliactl.login.validate import timeout_from, validate
from nucliactl.model import endpoint
from nucliactl.model.jwt import read_nua
from nucliactl.model.kinds import KB, NUA, USER
from nucliactl.model.profile import SIGNED_IN, Definition, SecretRef, Source
from nucliactl.overview import as_text, nua_section, overview, sections
from nucliactl.resolver.answer import Query
from nucliactl.resolver.order import resolve
from nucliactl.sdk.objects import (
    EphemeralToken,
    KnowledgeBoxConfig,
    KnowledgeBoxObj,
    NuaKey,
    PersonalTokenCreate,
    PersonalTokenItem,
    User,
)
from nucliactl.secret import Secret
from nucliactl.service.check import Found, Owner, owner_of, who_am_i
from nucliactl.service.connect import provider_of
from nucliactl.sources import process
from nucliactl.sources.variables import Environment, checked
from nucliactl.store.layout import writable

log = logging.getLogger("nucliactl")

LOGIN_SECONDS = 120.0
NuaFacts = tuple[str | None, str | None, str | None, str | None]
KeyFacts = tuple[str | None, str | None, str | None]


def kb(url: str, token: str | None) -> Flow[str | None]:
    draft = drafts.kb(url.strip().strip("/"), Secret(token) if token else None)
    found = yield from _accepted(draft)
    if found is None:
        return None
    _keep(draft, found, "kb")
    return found.identity


def nua(token: str, origin: str | None) -> Flow[str | None]:
    draft = drafts.nua(Secret(token), origin=origin)
    found = yield from _accepted(draft)
    if found is None:
        return None
    _keep(draft, found, "nua")
    return found.identity


def nucliadb(url: str) -> Flow[None]:
    draft = drafts.nucliadb(url)
    found = yield from validate(draft, os.environ)
    _keep(draft, found, "nucliadb")


def set_user_token(code: str) -> Flow[None]:
    draft = drafts.signed_in(USER.name, Secret(code), os.environ)
    found = yield from validate(draft, os.environ)
    _keep(draft, found, "set_user_token")


def login() -> Flow[None]:
    owner = drafts.new_user(os.environ)

    def show(url: str) -> None:
        if can_open(os.environ):
            open_address(url)
        log.warning("open this address in a browser to sign in: %s", url)

    code, tried = await_code(owner, LOGIN_SECONDS, show, None, log.warning)
    draft, found = yield from finish(owner, code, tried, os.environ)
    _keep(draft, found, "login")


def get_user() -> Flow[User]:
    definition = signed_in_definition()
    connection = connection_of(definition, here())
    found: tuple[str, str, str] = yield Call(connection, who_am_i(definition.global_url))
    return User(*found)


def create_personal_token(description: str, days: int, login: bool) -> Flow[PersonalTokenCreate]:
    definition, world = signed_in_definition(), here()
    made = yield from tokens.create(definition, world, description, days, time.time())
    assert made.secret is not None
    if login:
        draft, found = yield from tokens.as_profile(definition, made.secret, os.environ)
        _keep(draft, found, "create_personal_token")
    return PersonalTokenCreate(made.id, made.secret.reveal(), _when(made.expires_at))


def list_personal_tokens() -> Flow[list[PersonalTokenItem]]:
    found = yield from tokens.listed(signed_in_definition(), here())
    return [PersonalTokenItem(one.id, one.description, _when(one.expires_at)) for one in found]


def delete_personal_token(token_id: str) -> Flow[None]:
    yield from tokens.delete(signed_in_definition(), here(), token_id)


def create_ephemeral_token(kbid: str, ttl: int | None) -> Flow[EphemeralToken]:
    world = here()
    secret = yield from tokens.ephemeral(by_id(world, KB.name, kbid), world, ttl)
    return EphemeralToken(secret.reveal())


def signed_in_definition() -> Definition:
    """Return the active user or personal-token profile. Raises LoginNeeded."""
    definition = resolve(here(), Query(SIGNED_IN)).require().definition
    assert definition is not None
    return definition


def _when(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def validate_kb(url: str, token: str | None) -> Flow[KnowledgeBoxObj | None]:
    draft = drafts.kb(url.strip().strip("/"), Secret(token) if token else None)
    found = yield from _accepted(draft)
    if found is None or found.identity is None:
        return None
    config = KnowledgeBoxConfig(found.title, found.slug)
    return KnowledgeBoxObj(found.identity, found.slug, config)


def validate_nua(token: str) -> Flow[NuaFacts]:
    draft = drafts.nua(Secret(token))
    found = yield from _accepted(draft)
    if found is None:
        return None, None, None, None
    issuer = read_nua(Secret(token), "token").issuer
    return found.identity, found.account_type, found.account, issuer


def validate_user_token(code: str | None) -> Flow[bool]:
    try:
        if code is None:
            definition = signed_in_definition()
            provider = provider_of(definition, os.environ)
            code = provider.get().reveal() if provider else ""
        yield from validate(drafts.signed_in(USER.name, Secret(code), os.environ), os.environ)
    except LoginNeeded:
        return False
    return True


def get_account_from_service_token(region: str, token: str) -> Flow[KeyFacts]:
    slug, origin = resolve_zone_endpoint(region)
    base = origin or zone_url(slug)
    origins = (endpoint.origin_of(base, "region"),)
    source = Source("sdk", "get_account_from_service_token()")
    definition = Definition("key", KB.name, {}, source, SecretRef("inline"), origins)
    provider = Static(Secret(token), source.location)
    connection = Connection(definition, provider, origins, base, timeout_from(os.environ))
    try:
        owner: Owner = yield Call(connection, owner_of(base, "the API key"))
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


def zone_url(zone: str) -> str:
    """Return the base of a zone's API, as the environment's domain and template have it."""
    env = Environment(os.environ)
    domain, template = checked(env, "domain", USER.name), checked(env, "zone_url", USER.name)
    text = (
        template.value
        if template
        else f"https://{{zone}}.dp.{domain.value if domain else endpoint.DEFAULT_DOMAIN}"
    )
    return text.replace("{zone}", zone)


def show() -> Flow[str]:
    found = yield from overview(here(), time.time())
    for warning in found.warnings:
        log.warning("%s", warning)
    return as_text(sections(found))


def nuas() -> str:
    active = resolve(here(), Query((NUA.name,))).choice
    return as_text([nua_section(_of_kind(NUA.name), active.name if active else None)])


def list_nuas() -> list[NuaKey]:
    found = []
    for definition in _of_kind(NUA.name):
        with contextlib.suppress(NucliactlError):
            provider = provider_of(definition, os.environ)
            if provider is not None:
                found.append(_nua_key(definition, provider.get()))
    return found


def _nua_key(definition: Definition, secret: Secret) -> NuaKey:
    claims = read_nua(secret, definition.source.location)
    identity = definition.get("identity") or claims.client_id
    origin = definition.get("origin")
    return NuaKey(identity, None, claims.issuer, definition.account, secret.reveal(), origin)


def default(kind: str, wanted: str) -> None:
    """Make a stored profile of a kind, given by id, slug or name, current and this process's own."""
    definition = by_id(here(), kind, wanted)
    world = here()
    if world.directories.find(definition.name) is not None:
        switch(world, definition.name)
    process.choose(definition)


def unset_kb(kbid: str) -> None:
    """Take a KB out of what is active, if it is."""
    for definition in _of_kind(KB.name):
        if kbid in (definition.name, definition.get("identity"), definition.get("kb")):
            process.drop(KB.name, definition.name)
            unset(here(), definition.name)


def logout() -> None:
    """Forget the user's token: the one this process set, and the active stored one."""
    process.drop(USER.name)
    choice = resolve(here(), Query((USER.name,))).choice
    definition = choice.definition if choice else None
    if definition is not None and definition.secret.way == "store":
        forget(writable(here().store), definition.name)


def _of_kind(kind: str) -> list[Definition]:
    return [d for d in all_definitions(here())[0] if d.kind == kind]


def _accepted(draft: Draft) -> Flow[Found | None]:
    """Validate a draft; None, with the reason in the log, where the service refuses it."""
    try:
        found = yield from validate(draft, os.environ)
    except (Rejected, NotThere) as error:
        log.error("%s", error)
        return None
    return found


def _keep(draft: Draft, found: Found, method: str) -> None:
    """Make a draft this process's choice, and save it where the store can be written."""
    world = here()
    try:
        saved = save(
            writable(world.store),
            world.directories,
            draft,
            found,
            now=int(time.time()),
            activate="when none",
        )
        name, stored = saved.name, True
    except (NotWritable, Ambiguous) as error:
        name, stored = default_name(draft.definition, found), False
        text = f"{name} is used by this process and not saved: {error}"
        if process.first_time(text):
            log.warning("%s", text)
    place = f"NucliaAuth().{method}()"
    secret = draft.secret and SecretRef("inline", place, draft.secret)
    definition = completed(draft.definition, found)._replace(
        name=name, source=Source("sdk", place), secret=secret or SecretRef("none")
    )
    if stored and draft.tokens is not None:  # a session lives in its file, where it is renewed
        definition = world.directories.load(name) or definition
    process.choose(definition)
