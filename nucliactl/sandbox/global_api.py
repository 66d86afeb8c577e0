"""The global API: who a user is, accounts, zones, personal tokens."""

import datetime
from typing import Any

from nucliactl.sandbox.call import Call, Denied, Reply, signed_in
from nucliactl.sandbox.state import PersonalToken, State, Zone

MAX_DAYS = 1095


def welcome(state: State, call: Call) -> Reply:
    return Reply(200, {"user": _shown(signed_in(state, call))})


def user(state: State, call: Call) -> Reply:
    return Reply(200, _shown(signed_in(state, call)))


def accounts(state: State, call: Call) -> Reply:
    signed_in(state, call)
    return Reply(200, [account._asdict() for account in state.accounts])


def zones(state: State, call: Call) -> Reply:
    signed_in(state, call)
    return Reply(200, [_zone(zone) for zone in state.zones])


def _zone(zone: Zone) -> dict[str, Any]:
    private = {"private": True, "origin": zone.origin} if zone.origin else {"private": False}
    return {"id": zone.id, "slug": zone.slug, "title": zone.title, **private}


def personal_tokens(state: State, call: Call) -> Reply:
    signed_in(state, call)
    with state.lock:
        return Reply(200, [_token(found) for found in state.personal.values()])


def add_personal_token(state: State, call: Call) -> Reply:
    signed_in(state, call)
    given = call.payload()
    description, until = given.get("description"), given.get("expiration_date")
    if not isinstance(description, str) or not isinstance(until, str | None):
        raise Denied(422, "Invalid payload")
    token, found = state.add_personal(description, _until(until) if until else None)
    return Reply(201, {"id": found.id, "token": token, "expires": _iso(found.expires_at)})


def delete_personal_token(state: State, call: Call, identity: str) -> Reply:
    signed_in(state, call)
    with state.lock:
        token = next((t for t, found in state.personal.items() if found.id == identity), None)
        if token is None:
            raise Denied(404, "Token does not exist")
        del state.personal[token]
    return Reply(204)


def _until(text: str) -> float:
    try:
        when = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise Denied(422, "Invalid payload") from None
    when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
    if when > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=MAX_DAYS):
        raise Denied(422, f"Choosen key expiration exceeds the current maxium of {MAX_DAYS} days")
    return when.timestamp()


def _token(found: PersonalToken) -> dict[str, Any]:
    return {"id": found.id, "description": found.description, "expires": _iso(found.expires_at)}


def _iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat()


def _shown(person: dict[str, Any]) -> dict[str, Any]:
    return {key: person[key] for key in ("name", "email", "type")}
