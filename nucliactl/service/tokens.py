"""Personal access tokens and ephemeral tokens. The facts are those seen on the wire."""

import datetime
from typing import Any, NamedTuple

import httpx

from nucliactl.errors import NotThere, NucliactlError, Unreachable, unclear
from nucliactl.http.drive import Operation
from nucliactl.model.jwt import as_expiry
from nucliactl.model.names import shown
from nucliactl.model.segment import is_segment, segment
from nucliactl.secret import Secret, unfit
from nucliactl.service.answers import good, id_at, rows, text_at

_LIST = "List them: nucliactl auth list_personal_tokens"


class PersonalToken(NamedTuple):
    """A personal access token as the service lists it. `expires_at` epoch seconds, None for never.
    Only one that was just made has its `secret`."""

    id: str
    description: str
    expires_at: int | None
    secret: Secret | None = None


def create(global_url: str, description: str, until: datetime.datetime | None) -> Operation[PersonalToken]:
    """Make a token that ends at `until` (UTC; None: never)."""
    given = {"description": description, "expiration_date": until.isoformat() if until else None}
    answer = good(
        (yield httpx.Request("POST", f"{global_url}/api/v1/user/pa_tokens", json=given)), "the new token"
    )
    identity = id_at(answer, "id")
    try:
        token = told(answer, "a token")
    except Unreachable as error:
        if identity is not None:
            yield from _withdrawn(global_url, identity, error)
        raise
    return PersonalToken(identity or "-", description, end_of(answer), token)


def _withdrawn(global_url: str, identity: str, error: NucliactlError) -> Operation[None]:
    """Delete a token that did not come, and let the error say what is true then."""
    try:
        yield from delete(global_url, identity)
    except NucliactlError:
        return
    error.lost, error.hint = False, "It was deleted again at the service. Try again later."


def list_tokens(global_url: str) -> Operation[tuple[PersonalToken, ...]]:
    """Return the user's tokens, without their secrets."""
    response = yield httpx.Request("GET", f"{global_url}/api/v1/user/pa_tokens")
    return tuple(
        PersonalToken(identity, text_at(row, "description") or "", end_of(row))
        for row in rows(response, "the list of tokens")
        if (identity := id_at(row, "id"))
    )


def delete(global_url: str, identity: str) -> Operation[None]:
    """Delete a token by its id. Raises NotThere."""
    missing = f"There is no token {shown(identity)}."
    if not is_segment(identity):
        raise NotThere(missing, hint=_LIST)
    url = f"{global_url}/api/v1/user/pa_token/{segment(identity, 'the token')}"
    good((yield httpx.Request("DELETE", url)), "the token's end", missing=missing)


def ephemeral(base: str, ttl: int | None) -> Operation[Secret]:
    """Make a short-lived token of the API key a request carries. `ttl` seconds."""
    given = {} if ttl is None else {"ttl": ttl}
    answer = good(
        (yield httpx.Request("POST", f"{base}/api/v1/ephemeral_token", json=given)), "the new token"
    )
    return told(answer, "a token")


def told(answer: Any, what: str) -> Secret:
    """Return the secret of something just made; Unreachable where the service did not tell it."""
    token = token_of(answer)
    if token is None:
        raise unclear(f"The service made {what} and did not tell it.")
    return token


def token_of(answer: Any) -> Secret | None:
    """Return the `token` of an answer; None where there is none fit to be one."""
    found = answer.get("token") if isinstance(answer, dict) else None
    secret = Secret(found) if isinstance(found, str) else None
    return secret if secret and unfit(secret) is None else None


def end_of(answer: Any) -> int | None:
    """When a token ends, epoch seconds; None for never (which the service also writes as the year 9999).
    A time without an offset is UTC, as the service means it."""
    text = text_at(answer, "expires")
    try:
        when = datetime.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if when is None:
        return None
    seconds = (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()
    return as_expiry(max(1.0, seconds))
