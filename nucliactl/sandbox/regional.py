"""A zone's API: Knowledge Boxes and agents, whose a key is, and making keys."""

import datetime
import time
from typing import Any

from nucliactl.sandbox.call import Call, Denied, Reply, key_holder, nua_holder, signed_in
from nucliactl.sandbox.global_api import MAX_DAYS
from nucliactl.sandbox.keys import opaque
from nucliactl.sandbox.state import Account, ApiKey, Box, ServiceAccount, State

DAY = 86400
EPHEMERAL_SECONDS, TEMPORAL_SECONDS = 300, 10


def whose(state: State, call: Call) -> Reply:
    if call.credential("x-nuclia-nuakey"):
        client = nua_holder(state, call)
        return _user(user_id=client.id, account_id=client.account, account_type="v3enterprise")
    if not call.credential("x-nuclia-serviceaccount"):
        person = signed_in(state, call)
        return _user(user_id=person["email"], account_type="v3enterprise")
    key = key_holder(state, call)
    box = state.box(key.box)
    assert box is not None
    return _user(user_id=key.service_account, account_id=box.account, kb_id=box.id, role=key.role)


def _user(**found: str) -> Reply:
    return Reply(200, {"user": found})


def knowledge_box(state: State, call: Call, key: str) -> Reply:
    return Reply(200, _readable(state, call, key).shown())


def counters(state: State, call: Call, key: str) -> Reply:
    _readable(state, call, key)
    return Reply(200, {"resources": 3})


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
    signed_in(state, call)
    found, mode = _account(state, account), call.parameters().get("mode", "kb")
    with state.lock:
        mine = [b for b in state.boxes if b.account == found.id and b.zone == call.zone and b.mode == mode]
    return Reply(200, [{"id": b.id, "slug": b.slug, "title": b.title, "account_id": b.account} for b in mine])


def box_of_account(state: State, call: Call, account: str, name: str) -> Reply:
    if call.credential("x-nuclia-serviceaccount"):
        key_holder(state, call)
    else:
        signed_in(state, call)
    box = _box(state, account, name, call)
    shown = {"id": box.id, "slug": box.slug, "title": box.title, "account_id": box.account, "zone": box.zone}
    return Reply(200, shown)


def service_accounts(state: State, call: Call, account: str, name: str) -> Reply:
    signed_in(state, call)
    box = _box(state, account, name, call)
    with state.lock:
        mine = [a for a in state.service_accounts.values() if a.box == box.id]
        found = [{**_shown(a), "keys": [_key(k) for k in _keys(state, a)]} for a in mine]
    return Reply(200, found)


def add_service_account(state: State, call: Call, account: str, name: str) -> Reply:
    signed_in(state, call)
    box, given = _box(state, account, name, call), call.payload()
    title, role = given.get("title"), given.get("role")
    if not isinstance(title, str) or not isinstance(role, str):
        raise Denied(422, "Invalid payload")
    return Reply(201, _shown(state.add_service_account(box.id, title, role)))


def delete_service_account(state: State, call: Call, account: str, name: str, identity: str) -> Reply:
    found = _service_account(state, call, account, name, identity)
    with state.lock:
        state.api_keys = {t: k for t, k in state.api_keys.items() if k.service_account != found.id}
        del state.service_accounts[found.id]
    return Reply(204)


def add_key(state: State, call: Call, account: str, name: str, identity: str) -> Reply:
    found = _service_account(state, call, account, name, identity)
    until = call.payload().get("expires")
    seconds = _seconds(until) if until is not None else MAX_DAYS * DAY
    token, key = state.add_api_key(found, seconds)
    return Reply(201, {**_key(key), "token": token})


def delete_key(state: State, call: Call, account: str, name: str, identity: str, key: str) -> Reply:
    found = _service_account(state, call, account, name, identity)
    with state.lock:
        token = next(
            (t for t, k in state.api_keys.items() if k.id == key and k.service_account == found.id), None
        )
        if token is None:
            raise Denied(404, "Key does not exist")
        del state.api_keys[token]
    return Reply(204)


def nua_clients(state: State, call: Call, account: str) -> Reply:
    signed_in(state, call)
    found = _account(state, account)
    mine = [c for c in state.nua_clients.values() if c.account == found.id]
    return Reply(200, {"clients": [{"client_id": c.id, "title": c.title} for c in mine]})


def rotate_nua(state: State, call: Call, account: str, client: str) -> Reply:
    signed_in(state, call)
    found = _account(state, account)
    if client not in state.nua_clients or state.nua_clients[client].account != found.id:
        raise Denied(404, "NUA client does not exist")
    return Reply(200, {"client_id": client, "token": state.rotate_nua(client)})


def ephemeral_token(state: State, call: Call) -> Reply:
    key_holder(state, call)
    return _made(state, call, EPHEMERAL_SECONDS)


def ephemeral_token_of_user(state: State, call: Call, account: str, name: str) -> Reply:
    if call.credential("x-nuclia-nuakey"):
        nua_holder(state, call)
    else:
        signed_in(state, call)
    _box(state, account, name, call)
    return _made(state, call, EPHEMERAL_SECONDS)


def temporal_key(state: State, call: Call) -> Reply:
    key, given = key_holder(state, call), call.payload()
    ttl = given.get("ttl", TEMPORAL_SECONDS)
    if not isinstance(ttl, int) or not 0 < ttl <= TEMPORAL_SECONDS:
        raise Denied(422, f"ttl must be at most {TEMPORAL_SECONDS} seconds")
    token, _ = state.add_api_key(state.service_accounts[key.service_account], ttl)
    return Reply(201, {"token": token})


def _made(state: State, call: Call, longest: int) -> Reply:
    ttl = call.payload().get("ttl", longest)
    if not isinstance(ttl, int) or not 0 < ttl <= longest:
        raise Denied(422, f"ttl must be at most {longest} seconds")
    token = opaque()
    with state.lock:
        state.ephemeral[token] = time.time() + ttl
    return Reply(201, {"token": token})


def _account(state: State, key: str) -> Account:
    found = state.account(key)
    if found is None or found.id != key:
        raise Denied(403, "Account does not exist or is not yours")
    return found


def _box(state: State, account: str, name: str, call: Call) -> Box:
    found = _account(state, account)
    box = state.box(name)
    if box is None or box.account != found.id or call.zone not in (None, box.zone):
        raise Denied(404, "Knowledge Box does not exist")
    return box


def _service_account(state: State, call: Call, account: str, name: str, identity: str) -> ServiceAccount:
    signed_in(state, call)
    box = _box(state, account, name, call)
    found = state.service_accounts.get(identity)
    if found is None or found.box != box.id:
        raise Denied(404, "Service account does not exist")
    return found


def _seconds(until: Any) -> int:
    try:
        when = datetime.datetime.fromisoformat(until)
    except (ValueError, TypeError):
        raise Denied(422, "Invalid payload") from None
    when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
    seconds = int(when.timestamp() - time.time())
    if seconds > MAX_DAYS * DAY + DAY:
        raise Denied(422, f"Choosen key expiration exceeds the current maxium of {MAX_DAYS} days")
    return seconds


def _keys(state: State, account: ServiceAccount) -> list[ApiKey]:
    return [key for key in state.api_keys.values() if key.service_account == account.id]


def _shown(account: ServiceAccount) -> dict[str, Any]:
    return {"id": account.id, "title": account.title, "role": account.role}


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "expires": datetime.datetime.fromtimestamp(key.expires_at, datetime.UTC).isoformat(),
    }
