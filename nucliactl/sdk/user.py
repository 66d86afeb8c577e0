"""What both classes of the SDK do for a signed-in user: flows that either driver runs."""

import os
import time
from datetime import UTC, datetime

from nucliactl.api import here
from nucliactl.errors import LoginNeeded
from nucliactl.http.client import Connection
from nucliactl.http.flow import Flow
from nucliactl.layers import seconds_of
from nucliactl.login import draft as drafts
from nucliactl.login.awaited import check_somebody, wait_in_words
from nucliactl.login.browser import can_open, open_address
from nucliactl.login.naming import token_name
from nucliactl.login.pkce import Attempt
from nucliactl.login.signin import await_code, finish_sign_in
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition
from nucliactl.profiles import creating
from nucliactl.profiles.forget import forget
from nucliactl.records import log
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query
from nucliactl.sdk import objects
from nucliactl.sdk.remember import active, keep
from nucliactl.secret import Secret
from nucliactl.service import inventory, tokens
from nucliactl.service.check import Identity, check, who_am_i
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import AGENTS, AGENTS_WITHOUT_MEMORY, KBS, Box
from nucliactl.service.providers import provider_of
from nucliactl.service.tokens import PersonalToken
from nucliactl.sources import in_memory

LOGIN_SECONDS = 120.0


def set_user_token(code: str) -> Flow[None]:
    draft = drafts.signed_in(USER.name, Secret(code), here())
    keep(draft, (yield from drafts.validate(draft, here())), "set_user_token")


def validate_user_token(code: str | None) -> Flow[bool]:
    try:
        if code is None:
            definition = active()
            provider = provider_of(definition, os.environ, lambda: seconds_of(definition, here()))
            code = provider.get().reveal() if provider else ""
        yield from drafts.validate(drafts.signed_in(USER.name, Secret(code), here()), here())
    except LoginNeeded:
        return False
    return True


def code_of_person() -> Flow[tuple[Definition, Secret, Attempt]]:
    """Wait until somebody has signed in; return the new user, and a code that is not exchanged yet."""
    check_somebody(os.environ)
    owner = drafts.new_user(here())

    def show(url: str, port: int | None) -> None:
        if can_open(os.environ):
            open_address(url, os.environ)
        log.warning("open this address in a browser to sign in: %s", url)
        if port is not None:
            log.warning("%s", wait_in_words(port, LOGIN_SECONDS, os.environ))

    return owner, *(yield from await_code(owner, LOGIN_SECONDS, show, None, log.warning))


def login(owner: Definition, code: Secret, tried: Attempt) -> Flow[None]:
    yield from finish_sign_in(owner, code, tried, here(), lambda draft, found: keep(draft, found, "login"))


def post_login() -> Flow[None]:
    yield from accounts()
    yield from zones()


def _connection() -> Connection:
    return connection_of(active(), here())


def get_user() -> Flow[objects.User]:
    return objects.User(*(yield from who_am_i(_connection())))


def create_personal_token(description: str, days: int, login: bool) -> Flow[objects.PersonalTokenCreate]:
    definition = active()
    connection = connection_of(definition, here())
    found = (yield from check(connection)) if login else Identity()

    def handed(made: PersonalToken, secret: Secret) -> objects.PersonalTokenCreate:
        if login:
            draft = drafts.token_like(definition, secret)._replace(ends=made.expires_at)
            keep(draft, found, "create_personal_token", token_name(definition, description))
        return objects.PersonalTokenCreate(made.id, secret.reveal(), _when(made.expires_at))

    _, created = yield from creating.personal_token(connection, description, days, time.time(), handed)
    return created


def give_back(made: objects.PersonalTokenCreate) -> Flow[None]:
    """Delete a token that was made for somebody who is gone."""
    yield from delete_personal_token(made.id)


def list_personal_tokens() -> Flow[list[objects.PersonalTokenItem]]:
    found = yield from tokens.list_tokens(_connection())
    return [objects.PersonalTokenItem(one.id, one.description, _when(one.expires_at)) for one in found]


def delete_personal_token(token_id: str) -> Flow[None]:
    yield from tokens.delete(_connection(), token_id)


def _when(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def accounts() -> Flow[list[objects.Account]]:
    found = yield from inventory.accounts(_connection())
    return [objects.Account(one.id, one.title, one.slug) for one in found]


def zones() -> Flow[list[objects.Zone]]:
    found = yield from inventory.zones(_connection())
    return [objects.Zone(one.id, one.title, one.slug, one.private, one.origin) for one in found]


def kbs(account: str, zone: str | None) -> Flow[list[objects.KnowledgeBox]]:
    boxes = yield from _reached(account, zone, (KBS,))
    return [
        objects.KnowledgeBox(b.id, b.url, b.title, b.slug, b.zone.name, b.account.id, b.zone.origin)
        for b in boxes
    ]


def agents(account: str, zone: str | None) -> Flow[list[objects.RetrievalAgentOrchestrator]]:
    boxes = yield from _reached(account, zone, (AGENTS, AGENTS_WITHOUT_MEMORY))
    return [
        objects.RetrievalAgentOrchestrator(
            b.id, b.account.id, b.zone.name, b.mode == AGENTS, b.title, b.slug, b.zone.origin
        )
        for b in boxes
    ]


def _reached(account: str, zone: str | None, modes: tuple[str | None, ...]) -> Flow[list[Box]]:
    found = yield from inventory.inventory(_connection(), account=account, zone=zone, modes=modes)
    for warning in found.warnings:
        log.error("%s", warning)
    return list(found.boxes)


def get_account_id(account_slug: str) -> Flow[str]:
    accounts = yield from inventory.accounts(_connection())
    return inventory.one_of(accounts, account_slug, "account").id


def logout() -> None:
    """Forget the user's token: the one this process set, and the active stored one."""
    in_memory.drop(USER.name)
    choice = resolve(here(), Query((USER.name,))).choice
    definition = choice.definition if choice else None
    if definition is not None and definition.secret.kept:
        [done] = forget(here().writable(), [definition.name])
        if done.left is not None:
            raise done.left
