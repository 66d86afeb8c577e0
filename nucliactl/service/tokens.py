"""Personal access tokens and ephemeral tokens. The facts are those seen on the wire."""

import datetime
from typing import Any, NamedTuple

import httpx

from nucliactl.errors import NotThere, Unreachable
from nucliactl.http.drive import Operation
from nucliactl.model.names import shown
from nucliactl.model.segment import is_segment, segment
from nucliactl.secret import Secret, unfit
from nucliactl.service.answers import good, text_at

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
    identity, token = text_at(answer, "id"), token_of(answer)
    if identity is None or token is None:
        raise Unreachable("The service made a token and did not tell it.", hint="Look at the list of tokens.")
    return PersonalToken(identity, description, end_of(answer), token)


def listed(global_url: str) -> Operation[tuple[PersonalToken, ...]]:
    """Return the user's tokens, without their secrets."""
    answer = good((yield httpx.Request("GET", f"{global_url}/api/v1/user/pa_tokens")), "the list of tokens")
    rows = answer if isinstance(answer, list) else []
    return tuple(
        PersonalToken(identity, text_at(row, "description") or "", end_of(row))
        for row in rows
        if (identity := text_at(row, "id"))
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


def told(answer: Any, what: str, hint: str | None = None) -> Secret:
    """Return the secret of something just made; Unreachable where the service did not tell it."""
    token = token_of(answer)
    if token is None:
        raise Unreachable(f"The service made {what} and did not tell it.", hint=hint)
    return token


def token_of(answer: Any) -> Secret | None:
    """Return the `token` of an answer; None where there is none fit to be one."""
    found = answer.get("token") if isinstance(answer, dict) else None
    secret = Secret(found) if isinstance(found, str) else None
    return secret if secret and unfit(secret) is None else None


def end_of(answer: Any) -> int | None:
    """When a token ends; a time without an offset is UTC, as the service means it."""
    text = text_at(answer, "expires")
    try:
        when = datetime.datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    if when is None:
        return None
    return int((when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp())
