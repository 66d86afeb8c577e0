"""Personal and ephemeral tokens, made with the profile that is used: flows for the commands and the SDK."""

import datetime
from collections.abc import Mapping

from nucliactl.errors import LoginNeeded, Malformed
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow
from nucliactl.layers import seconds_of
from nucliactl.login.draft import Draft, token_like
from nucliactl.login.validate import validate
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret
from nucliactl.service import tokens
from nucliactl.service.check import Found, who_am_i
from nucliactl.service.connect import connect
from nucliactl.service.tokens import PersonalToken
from nucliactl.sources.world import World

LONGEST_DAYS = 36500


def create(
    definition: Definition, world: World, description: str, days: int | None, now: float
) -> Flow[PersonalToken]:
    """Make a personal token that ends after `days` (None: never)."""
    if not description.strip():
        raise Malformed(
            "A personal token needs a description.", hint="For example --description 'CI of acme'"
        )
    until = None if days is None else until_after(days, now, "90")
    operation = tokens.create(definition.global_url, description, until)
    made: PersonalToken = yield Call(connection_of(definition, world), operation)
    return made


def until_after(days: int, now: float, example: str) -> datetime.datetime:
    """Return the moment `days` after `now` (epoch seconds), in UTC. Raises Malformed for no such number."""
    if not 0 < days <= LONGEST_DAYS:
        raise Malformed("--days is not a number of days.", hint=f"For example --days {example}.")
    return datetime.datetime.fromtimestamp(int(now), datetime.UTC) + datetime.timedelta(days=days)


def as_profile(
    definition: Definition, secret: Secret, environ: Mapping[str, str]
) -> Flow[tuple[Draft, Found]]:
    """Return a draft of the profile of a token just made, where its maker's own addresses are."""
    draft = token_like(definition, secret)
    found = yield from validate(draft, environ)
    return draft, found


def listed(definition: Definition, world: World) -> Flow[tuple[PersonalToken, ...]]:
    found: tuple[PersonalToken, ...] = yield Call(
        connection_of(definition, world), tokens.listed(definition.global_url)
    )
    return found


def delete(definition: Definition, world: World, identity: str) -> Flow[None]:
    yield Call(connection_of(definition, world), tokens.delete(definition.global_url, identity))


def ephemeral(definition: Definition, world: World, ttl: int | None) -> Flow[Secret]:
    """Make an ephemeral token of a Knowledge Box's API key."""
    base = base_of_key(definition, "an ephemeral token", ttl, "60")
    made: Secret = yield Call(connection_of(definition, world), tokens.ephemeral(base, ttl))
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


def who(definition: Definition, world: World) -> Flow[tuple[str, str, str]]:
    """Return the name, mail and type of the signed-in user."""
    found: tuple[str, str, str] = yield Call(
        connection_of(definition, world), who_am_i(definition.global_url)
    )
    return found


def connection_of(definition: Definition, world: World) -> Connection:
    return connect(definition, world.environment.variables, seconds_of(definition, world))
