"""A zone's API: Knowledge Boxes and agents, whose a key is, and making keys."""

import time
from typing import Any

from nucliactl.sandbox import content
from nucliactl.sandbox.call import (
    MAX_DAYS,
    Call,
    Denied,
    Reply,
    iso,
    key_holder,
    moment,
    nua_holder,
    signed_in,
)
from nucliactl.sandbox.keys import opaque
from nucliactl.sandbox.state import Account, ApiKey, Box, ServiceAccount, State

EPHEMERAL_SECONDS, TEMPORAL_SECONDS = 300, 10


def whose(state: State, call: Call) -> Reply:
    if call.credential("x-nuclia-nuakey"):
        client = nua_holder(state, call)
        return _user(user_id=client.id, account_id=client.account, account_type="v3enterprise")
    if not call.credential("x-nuclia-serviceaccount"):
        signed_in(state, call)
        return _user(user_id=state.person["email"], account_type="v3enterprise")
    key = key_holder(state, call)
    box = state.box(key.box)
    assert box is not None
    return _user(user_id=key.service_account, account_id=box.account, kb_id=box.id, role=key.role)


def _user(**found: str) -> Reply:
    return Reply(200, {"user": found})


def knowledge_box(state: State, call: Call, key: str) -> Reply:
    return Reply(200, _readable(state, call, key).shown())


def counters(state: State, call: Call, key: str) -> Reply:
    box = _readable(state, call, key)
    return Reply(200, {"resources": len(state.resources_of(box))})


def resources(state: State, call: Call, key: str) -> Reply:
    return content.resources(state, call, _readable(state, call, key))


def add_resource(state: State, call: Call, key: str) -> Reply:
    box, by_key = _readable(state, call, key), call.credential("x-nuclia-serviceaccount")
    return content.add_resource(state, call, box, key_holder(state, call).role if by_key else None)


def ask(state: State, call: Call, key: str) -> Reply:
    return content.ask(state, call, _readable(state, call, key))


def _readable(state: State, call: Call, name: str) -> Box:
    """Return the box if the request may read it, in the order of questions the service asks."""
    box = state.box(name)
    if call.credential("x-nuclia-nuakey"):
        raise Denied(403, "NuaKeyUser cannot access context of type KnowledgeBox")
    if call.credential("authorization"):
        signed_in(state, call)
        if box is None or call.zone not in (None, box.zone):
            raise Denied(404, "Knowledge Box does not exist")
        return box
    has_key = bool(call.credential("x-nuclia-serviceaccount"))
    key = key_holder(state, call) if has_key else None
    if box is None or call.zone not in (None, box.zone):
        raise Denied(404 if has_key else 401, "Knowledge Box does not exist")
    if not box.public and (key is None or key.box != box.id):
        raise Denied(403 if has_key else 401, "Not allowed")
    return box


def boxes(state: State, call: Call, account: str) -> Reply:
    """The boxes of an account in this zone; `mode` asks for agents. Slugs of accounts are rejected."""
    found, mode = _account(state, account), call.parameters().get("mode", "kb")
    mine = [b for b in state.boxes if b.account == found.id and b.zone == call.zone and b.mode == mode]
    return Reply(200, [_row(box) for box in mine])


def box_of_account(state: State, call: Call, *path: str) -> Reply:
    (key_holder if call.credential("x-nuclia-serviceaccount") else signed_in)(state, call)
    box = _box(state, call, *path)
    return Reply(200, {**_row(box), "zone": box.zone})


def service_accounts(state: State, call: Call, *path: str) -> Reply:
    box, keys = _box(state, call, *path), state.api_keys.values()
    mine = [a for a in state.service_accounts.values() if a.box == box.id]
    return Reply(
        200, [{**_shown(a), "keys": [_key(k) for k in keys if k.service_account == a.id]} for a in mine]
    )


def add_service_account(state: State, call: Call, *path: str) -> Reply:
    box, given = _box(state, call, *path), call.payload()
    title, role = given.get("title"), given.get("role")
    if not isinstance(title, str) or not isinstance(role, str):
        raise Denied(422, "Invalid payload")
    return Reply(201, _shown(state.add_service_account(box.id, title, role)))


def delete_service_account(state: State, call: Call, *path: str) -> Reply:
    found = _service_account(state, call, *path)
    state.api_keys = {t: k for t, k in state.api_keys.items() if k.service_account != found.id}
    del state.service_accounts[found.id]
    return Reply(204)


def add_key(state: State, call: Call, *path: str) -> Reply:
    found = _service_account(state, call, *path)
    until = call.payload().get("expires")
    seconds = MAX_DAYS * 86400 if until is None else int(moment(until, MAX_DAYS + 1) - time.time())
    token, key = state.add_api_key(found, seconds)
    return Reply(201, {**_key(key), "token": token})


def delete_key(state: State, call: Call, account: str, name: str, identity: str, key: str) -> Reply:
    found, keys = _service_account(state, call, account, name, identity), state.api_keys
    token = next((t for t, k in keys.items() if k.id == key and k.service_account == found.id), None)
    if token is None:
        raise Denied(404, "Key does not exist")
    del keys[token]
    return Reply(204)


def nua_clients(state: State, _: Call, account: str) -> Reply:
    found = _account(state, account)
    mine = [c for c in state.nua_clients.values() if c.account == found.id]
    return Reply(200, {"clients": [{"client_id": c.id, "title": c.title} for c in mine]})


def rotate_nua(state: State, _: Call, account: str, client: str) -> Reply:
    found = _account(state, account)
    if client not in state.nua_clients or state.nua_clients[client].account != found.id:
        raise Denied(404, "NUA client does not exist")
    return Reply(200, {"client_id": client, "token": state.rotate_nua(client)})


def ephemeral_token(_: State, call: Call) -> Reply:
    _lifetime(call, EPHEMERAL_SECONDS)
    return Reply(201, {"token": opaque()})


def ephemeral_token_of_user(state: State, call: Call, *path: str) -> Reply:
    (nua_holder if call.credential("x-nuclia-nuakey") else signed_in)(state, call)
    _box(state, call, *path)
    return ephemeral_token(state, call)


def temporal_key(state: State, call: Call) -> Reply:
    account = state.service_accounts[key_holder(state, call).service_account]
    token, _ = state.add_api_key(account, _lifetime(call, TEMPORAL_SECONDS))
    return Reply(201, {"token": token})


def _lifetime(call: Call, longest: int) -> int:
    ttl = call.payload().get("ttl", longest)
    if not isinstance(ttl, int) or not 0 < ttl <= longest:
        raise Denied(422, f"ttl must be at most {longest} seconds")
    return ttl


def _account(state: State, key: str) -> Account:
    found = state.account(key)
    if found is None or found.id != key:
        raise Denied(403, "Account does not exist or is not yours")
    return found


def _box(state: State, call: Call, account: str, name: str) -> Box:
    found = _account(state, account)
    box = state.box(name)
    if box is None or box.account != found.id or call.zone not in (None, box.zone):
        raise Denied(404, "Knowledge Box does not exist")
    return box


def _service_account(state: State, call: Call, account: str, name: str, identity: str) -> ServiceAccount:
    box = _box(state, call, account, name)
    found = state.service_accounts.get(identity)
    if found is None or found.box != box.id:
        raise Denied(404, "Service account does not exist")
    return found


def _row(box: Box) -> dict[str, Any]:
    return {"id": box.id, "slug": box.slug, "title": box.title, "account_id": box.account}


def _shown(account: ServiceAccount) -> dict[str, Any]:
    return {"id": account.id, "title": account.title, "role": account.role}


def _key(key: ApiKey) -> dict[str, Any]:
    return {"id": key.id, "expires": iso(key.expires_at)}
