"""Personal access tokens and ephemeral tokens. The facts are those seen on the wire."""

import contextlib
import datetime
from typing import Any, NamedTuple

import httpx

from nucliactl import hints
from nucliactl.errors import LoginNeeded, Malformed, NotThere, NucliactlError, Unreachable, unclear
from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask, Flow, get
from nucliactl.model.free_text import check_free_text
from nucliactl.model.jwt import as_expiry
from nucliactl.model.names import shown
from nucliactl.model.segment import is_segment, segment
from nucliactl.secret import Secret, unfit
from nucliactl.service.answers import at, good, id_at, rows, text_at

LONGEST_DAYS = 36500


class PersonalToken(NamedTuple):
    """A personal access token as the service lists it. `expires_at` epoch seconds, None for never."""

    id: str
    description: str
    expires_at: int | None


def create(
    connection: Connection, description: str, until: datetime.datetime | None
) -> Flow[tuple[PersonalToken, Secret]]:
    """Make a token that ends at `until` (UTC; None: never), and return it with its secret."""
    check_free_text(
        description, "The description of a personal token", "For example --description 'CI of acme'"
    )
    body = {"description": description, "expiration_date": until.isoformat() if until else None}
    request = httpx.Request("POST", f"{_base(connection)}/pa_tokens", json=body)
    answer = good((yield Ask(connection, request)), "the new token")
    identity = id_at(answer, "id")
    try:
        token = told(answer, "a token")
    except Unreachable as error:
        if identity is not None:
            with contextlib.suppress(NucliactlError):
                yield from delete(connection, identity)
                error.lost, error.hint = False, "It was deleted again at the service. Try again later."
        raise
    return PersonalToken(identity or "-", description, end_of(answer)), token


def _base(connection: Connection) -> str:
    return f"{connection.definition.global_url}/api/v1/user"


def list_tokens(connection: Connection) -> Flow[tuple[PersonalToken, ...]]:
    """Return the user's tokens, without their secrets."""
    response = yield get(connection, f"{_base(connection)}/pa_tokens")
    return tuple(
        PersonalToken(identity, text_at(row, "description") or "", end_of(row))
        for row in rows(response, "the list of tokens")
        if (identity := id_at(row, "id"))
    )


def delete(connection: Connection, identity: str) -> Flow[None]:
    """Delete a token by its id. Raises NotThere."""
    missing = f"There is no token {shown(identity)}."
    if not is_segment(identity):
        raise NotThere(missing, hint=f"List them: {hints.TOKENS}")
    request = httpx.Request("DELETE", f"{_base(connection)}/pa_token/{segment(identity, 'the token')}")
    good((yield Ask(connection, request)), "the deletion of the token", missing=missing)


def ephemeral(connection: Connection, ttl: int | None) -> Flow[Secret]:
    """Make a token of `ttl` seconds from a Knowledge Box's API key."""
    return _short_lived(connection, "ephemeral_token", "an ephemeral token", ttl, "60")


def temporal(connection: Connection, ttl: int | None, groups: tuple[str, ...]) -> Flow[Secret]:
    """Make a key of `ttl` seconds from a Knowledge Box's API key, for some security groups."""
    more = {"security_groups": list(groups)} if groups else {}
    return _short_lived(connection, "service_account_temporal_key", "a temporal key", ttl, "10", **more)


def _short_lived(
    connection: Connection, path: str, what: str, ttl: int | None, example: str, **body: Any
) -> Flow[Secret]:
    """Make something short-lived of a Knowledge Box's API key. Raises LoginNeeded where the Knowledge Box
    has no key, Malformed for a `ttl` that is no time."""
    box = connection.definition
    if box.secret.way in ("none", "session"):
        raise LoginNeeded(
            f"{box.name!r} has no API key, and {what} is made with one.",
            hint=f"Give it one: {hints.box(box.get('url') or 'URL')}",
        )
    if ttl is not None and ttl <= 0:
        raise Malformed("The time to live is not a number of seconds.", hint=f"For example --ttl {example}.")
    body |= {} if ttl is None else {"ttl": ttl}
    request = httpx.Request("POST", f"{box.regional_url}/api/v1/{path}", json=body)
    return told(good((yield Ask(connection, request)), f"the request for {what}"), what)


def until_after(days: int, now: float, example: str) -> datetime.datetime:
    """Return the moment `days` after `now` (epoch seconds), in UTC. Raises Malformed for no such number."""
    if not 0 < days <= LONGEST_DAYS:
        raise Malformed("--days is not a number of days.", hint=f"For example --days {example}.")
    return datetime.datetime.fromtimestamp(int(now), datetime.UTC) + datetime.timedelta(days=days)


def told(answer: Any, what: str) -> Secret:
    """Return the secret of something just made; Unreachable where the service did not return it."""
    token = at(answer, "token")
    secret = Secret(token) if isinstance(token, str) else None
    if not secret or unfit(secret) is not None:
        raise unclear(f"The service created {what} but did not return it.")
    return secret


def end_of(answer: Any) -> int | None:
    """When a token ends, epoch seconds; None for never (which the service also writes as the year 9999).
    A time without an offset is UTC, as the service means it."""
    text = text_at(answer, "expires")
    try:
        when = datetime.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    seconds = (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()
    return as_expiry(max(1.0, seconds))
