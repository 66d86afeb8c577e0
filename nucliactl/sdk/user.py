"""What both classes of the SDK do for a signed-in user: flows that either driver runs."""

import logging
import os
import time
from datetime import UTC, datetime

from nucliactl.api import here
from nucliactl.errors import (
    LoginNeeded,
    UnknownProfile,
)
from nucliactl.http.drive import Flow
from nucliactl.layers import seconds_of
from nucliactl.login import draft as drafts
from nucliactl.login import reach as reaching
from nucliactl.login import tokens
from nucliactl.login.browser import can_open, open_address
from nucliactl.login.forget import forget
from nucliactl.login.signin import await_code, finish
from nucliactl.login.validate import validate
from nucliactl.model.kinds import USER
from nucliactl.resolver.answer import Query
from nucliactl.resolver.order import resolve
from nucliactl.sdk.keeping import keep, signed_in_definition
from nucliactl.sdk.objects import (
    Account,
    KnowledgeBox,
    PersonalTokenCreate,
    PersonalTokenItem,
    RetrievalAgentOrchestrator,
    User,
    Zone,
)
from nucliactl.secret import Secret
from nucliactl.service.connect import provider_of
from nucliactl.service.reach import AGENTS, AGENTS_WITHOUT_MEMORY, KBS, Box
from nucliactl.sources import process

log = logging.getLogger("nucliactl")
LOGIN_SECONDS = 120.0


def set_user_token(code: str) -> Flow[None]:
    draft = drafts.signed_in(USER.name, Secret(code), os.environ)
    found = yield from validate(draft, os.environ)
    keep(draft, found, "set_user_token")


def validate_user_token(code: str | None) -> Flow[bool]:
    try:
        if code is None:
            definition = signed_in_definition()
            provider = provider_of(definition, os.environ, lambda: seconds_of(definition, here()))
            code = provider.get().reveal() if provider else ""
        yield from validate(drafts.signed_in(USER.name, Secret(code), os.environ), os.environ)
    except LoginNeeded:
        return False
    return True


def login() -> Flow[None]:
    owner = drafts.new_user(os.environ)

    def show(url: str) -> None:
        if can_open(os.environ):
            open_address(url, os.environ)
        log.warning("open this address in a browser to sign in: %s", url)

    code, tried = await_code(owner, LOGIN_SECONDS, show, None, log.warning)
    draft, found = yield from finish(owner, code, tried, os.environ)
    keep(draft, found, "login")


def post_login() -> Flow[None]:
    yield from accounts()
    yield from zones()


def get_user() -> Flow[User]:
    found = yield from tokens.who(signed_in_definition(), here())
    return User(*found)


def create_personal_token(description: str, days: int, login: bool) -> Flow[PersonalTokenCreate]:
    definition, world = signed_in_definition(), here()
    made = yield from tokens.create(definition, world, description, days, time.time())
    assert made.secret is not None
    if login:
        draft, found = yield from tokens.as_profile(definition, made.secret, os.environ)
        keep(draft, found, "create_personal_token")
    return PersonalTokenCreate(made.id, made.secret.reveal(), _when(made.expires_at))


def list_personal_tokens() -> Flow[list[PersonalTokenItem]]:
    found = yield from tokens.listed(signed_in_definition(), here())
    return [PersonalTokenItem(one.id, one.description, _when(one.expires_at)) for one in found]


def delete_personal_token(token_id: str) -> Flow[None]:
    yield from tokens.delete(signed_in_definition(), here(), token_id)


def _when(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def accounts() -> Flow[list[Account]]:
    found = yield from reaching.accounts(signed_in_definition(), here())
    return [Account(one.id, one.title, one.slug) for one in found]


def zones() -> Flow[list[Zone]]:
    found = yield from reaching.zones(signed_in_definition(), here())
    return [Zone(one.id, one.title, one.slug, one.private, one.origin) for one in found]


def kbs(account: str, zone: str | None) -> Flow[list[KnowledgeBox]]:
    boxes = yield from _reached(account, zone, (KBS,))
    return [
        KnowledgeBox(b.id, b.url, b.title, b.slug, b.zone.name, b.account.id, b.zone.origin) for b in boxes
    ]


def agents(account: str, zone: str | None) -> Flow[list[RetrievalAgentOrchestrator]]:
    boxes = yield from _reached(account, zone, (AGENTS, AGENTS_WITHOUT_MEMORY))
    return [
        RetrievalAgentOrchestrator(
            b.id, b.account.id, b.zone.name, b.mode == AGENTS, b.title, b.slug, b.zone.origin
        )
        for b in boxes
    ]


def _reached(account: str, zone: str | None, modes: tuple[str | None, ...]) -> Flow[list[Box]]:
    found = yield from reaching.reach(signed_in_definition(), here(), account=account, zone=zone, modes=modes)
    for warning in found.warnings:
        log.error("%s", warning)
    return list(found.boxes)


def get_account_id(account_slug: str) -> Flow[str]:
    found = yield from reaching.accounts(signed_in_definition(), here())
    for one in found:
        if account_slug in (one.slug, one.id):
            return one.id
    raise UnknownProfile(
        f"There is no account {account_slug[:80]!r}.", hint="List them: nucliactl accounts list"
    )


def logout() -> None:
    """Forget the user's token: the one this process set, and the active stored one."""
    process.drop(USER.name)
    choice = resolve(here(), Query((USER.name,))).choice
    definition = choice.definition if choice else None
    if definition is not None and definition.secret.way == "store":
        forget(here().writable(), definition.name)
