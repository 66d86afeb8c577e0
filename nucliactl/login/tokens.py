"""Personal and ephemeral tokens, made with the profile that is used: flows for the commands and the SDK."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from nucliactl.errors import LoginNeeded, Malformed
from nucliactl.http.drive import Call, Flow
from nucliactl.login.draft import token_like
from nucliactl.login.making import STAND_IN, Destination, NewSecret, kept, reserved, sent
from nucliactl.login.naming import free_name, token_name
from nucliactl.model.free_text import check_free_text
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service import tokens
from nucliactl.service.check import Identity, check, who_am_i
from nucliactl.service.connect import connection_of
from nucliactl.service.tokens import PersonalToken
from nucliactl.sources.sources import Sources

LONGEST_DAYS = 36500
K = TypeVar("K")
_UNSURE = "A token may have been made all the same. Look: nucliactl auth list_personal_tokens"
_DELETE = "nucliactl auth delete_personal_token"


def create(
    definition: Definition,
    sources: Sources,
    description: str,
    days: int | None,
    now: float,
    keep: Callable[[PersonalToken], K],
    destination: Destination | None = None,
) -> Flow[K]:
    """Make a personal token that ends after `days` (None: never), and keep it: at a destination in the
    store, or as `keep` does. Raises NotKept where it can be neither kept nor deleted again."""
    check_free_text(
        description, "The description of a personal token", "For example --description 'CI of acme'"
    )
    until = None if days is None else until_after(days, now, "90")
    call = Call(connection_of(definition, sources), tokens.create(definition.global_url, description, until))
    with reserved(destination, definition):
        token = yield from sent(call, _UNSURE)
        assert token.secret is not None
        otherwise = f"It is valid, and stands alone on standard output. Delete it: {_DELETE} {token.id}"
        undo = partial(give_back, definition, sources, token)
        made = NewSecret("The new token", token.secret, undo, otherwise, destination)
        return (yield from kept(made, partial(keep, token)))


def give_back(definition: Definition, sources: Sources, token: PersonalToken) -> Flow[None]:
    """Delete a token that was just made."""
    yield Call(connection_of(definition, sources), tokens.delete(definition.global_url, token.id))


def destination_for(
    maker: Definition,
    sources: Sources,
    description: str,
    found: Identity,
    now: float,
    *,
    name: str | None,
    force: bool = False,
) -> Destination:
    """Return the place in the store where a token to be made becomes a profile: `name`, or
    `<maker>-<description>`. `found`: what the service says of its maker."""
    store = sources.writable()
    if name is None:
        name = free_name(sources.directories, token_name(maker, description))
    definition = token_like(maker, STAND_IN).definition
    return Destination(store, sources.directories, name, definition, found, int(now), force)


def known(definition: Definition, sources: Sources) -> Flow[Identity]:
    """Return what the service says of a signed-in user."""
    found: Identity = yield Call(connection_of(definition, sources), check(definition))
    return found


def until_after(days: int, now: float, example: str) -> datetime.datetime:
    """Return the moment `days` after `now` (epoch seconds), in UTC. Raises Malformed for no such number."""
    if not 0 < days <= LONGEST_DAYS:
        raise Malformed("--days is not a number of days.", hint=f"For example --days {example}.")
    return datetime.datetime.fromtimestamp(int(now), datetime.UTC) + datetime.timedelta(days=days)


def list_tokens(definition: Definition, sources: Sources) -> Flow[tuple[PersonalToken, ...]]:
    found: tuple[PersonalToken, ...] = yield Call(
        connection_of(definition, sources), tokens.list_tokens(definition.global_url)
    )
    return found


def delete(definition: Definition, sources: Sources, identity: str) -> Flow[None]:
    yield Call(connection_of(definition, sources), tokens.delete(definition.global_url, identity))


def ephemeral(definition: Definition, sources: Sources, ttl: int | None) -> Flow[Secret]:
    """Make an ephemeral token of a Knowledge Box's API key."""
    base = base_of_key(definition, "an ephemeral token", ttl, "60")
    made: Secret = yield Call(connection_of(definition, sources), tokens.ephemeral(base, ttl))
    return made


def base_of_key(box: Definition, what: str, ttl: int | None, example: str) -> str:
    """Return the regional address of a Knowledge Box whose API key something short-lived is made of.

    Raises LoginNeeded where it has no key, Malformed for a `ttl` that is no time.
    """
    if box.secret.way in ("none", "session"):
        raise LoginNeeded(
            f"{box.name!r} has no API key, which {what} is made of.",
            hint=f"Give it one: nucliactl auth kb {box.get('url')} -",
        )
    if ttl is not None and ttl <= 0:
        raise Malformed("The time to live is not a number of seconds.", hint=f"For example --ttl {example}.")
    return box.regional_url


def who(definition: Definition, sources: Sources) -> Flow[tuple[str, str, str]]:
    """Return the name, mail and type of the signed-in user."""
    found: tuple[str, str, str] = yield Call(
        connection_of(definition, sources), who_am_i(definition.global_url)
    )
    return found
