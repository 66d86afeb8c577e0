"""The global API: who a user is, accounts, zones, personal tokens."""

from typing import Any

from nucliactl.sandbox.call import Call, Denied, Reply, iso, moment
from nucliactl.sandbox.state import PersonalToken, State, Zone


def welcome(state: State, _: Call) -> Reply:
    return Reply(200, {"user": _person(state)})


def user(state: State, _: Call) -> Reply:
    return Reply(200, _person(state))


def _person(state: State) -> dict[str, Any]:
    return {key: state.person[key] for key in ("name", "email", "type")}


def accounts(state: State, _: Call) -> Reply:
    return Reply(200, [account._asdict() for account in state.accounts])


def zones(state: State, _: Call) -> Reply:
    return Reply(200, [_zone(zone) for zone in state.zones])


def _zone(zone: Zone) -> dict[str, Any]:
    private = {"private": True, "origin": zone.origin} if zone.origin else {"private": False}
    return {"id": zone.id, "slug": zone.slug, "title": zone.title, **private}


def personal_tokens(state: State, _: Call) -> Reply:
    return Reply(200, [_token(found) for found in state.personal.values()])


def _token(found: PersonalToken) -> dict[str, Any]:
    return {"id": found.id, "description": found.description, "expires": iso(found.expires_at)}


def add_personal_token(state: State, call: Call) -> Reply:
    given = call.payload()
    description, until = given.get("description"), given.get("expiration_date")
    if not isinstance(description, str) or not isinstance(until, str | None):
        raise Denied(422, "Invalid payload")
    token, found = state.add_personal(description, moment(until) if until else None)
    return Reply(201, {"id": found.id, "token": token, "expires": iso(found.expires_at)})


def delete_personal_token(state: State, _: Call, identity: str) -> Reply:
    token = next((t for t, found in state.personal.items() if found.id == identity), None)
    if token is None:
        raise Denied(404, "Token does not exist")
    del state.personal[token]
    return Reply(204)
