"""What the sandbox answers: the hosted service's calls, and the NucliaDB's. No I/O."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from nucliactl.sandbox.state import Box, State


class Call(NamedTuple):
    """A request. `headers` have lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


Reply = tuple[int, Any]
_KB = re.compile(r"/api/v1/kb/(?:s/)?([A-Za-z0-9_-]+)(/counters)?")


def hosted(state: State, call: Call) -> Reply:
    """Answer as the hosted service does: global API, zones, KBs, keys."""
    path = re.sub(r"^/zones/[a-z0-9-]+", "", call.path)
    credentials = [
        header
        for header in ("authorization", "x-nuclia-serviceaccount", "x-nuclia-nuakey")
        if header in call.headers
    ]
    if len(credentials) > 1:
        return 401, {"detail": "More than one credential"}
    if call.method != "GET":
        return 405, {"detail": "Method Not Allowed"}
    if path in _GLOBAL:
        return _global(state, call, path)
    if path == "/api/authorizer/info":
        return _whose(state, call)
    if match := _KB.fullmatch(path):
        return _kb(state, call, match[1], bool(match[2]))
    return 404, {"detail": "Not Found"}


_GLOBAL = ("/api/v1/user/welcome", "/api/v1/user", "/api/v1/accounts", "/api/v1/zones")


def _global(state: State, call: Call, path: str) -> Reply:
    if "x-nuclia-nuakey" in call.headers:
        return 403, {"detail": "Nuakeys are not valid in the global API"}
    token = _bearer(call, "authorization")
    person = state.user_tokens.get(token) or state.personal_tokens.get(token)
    if person is None:
        return 401, {"detail": "Unauthorized"}
    answers: dict[str, Any] = {
        "/api/v1/user/welcome": {"user": person},
        "/api/v1/user": person,
        "/api/v1/accounts": state.accounts,
        "/api/v1/zones": state.zones,
    }
    return 200, answers[path]


def _whose(state: State, call: Call) -> Reply:
    if found := state.nua_keys.get(_bearer(call, "x-nuclia-nuakey")):
        user = {"user_id": found["client"], "account_id": found["account"], "account_type": "v3enterprise"}
        return 200, {"user": user}
    box = _box_of(state, _bearer(call, "x-nuclia-serviceaccount"))
    if box is None:
        return 401, {"detail": "Unauthorized"}
    role = box.keys[_bearer(call, "x-nuclia-serviceaccount")]
    user = {"user_id": box.slug, "account_id": box.account, "kb_id": box.id, "role": role}
    return 200, {"user": user}


def _kb(state: State, call: Call, key: str, counters: bool) -> Reply:
    box = state.box(key, local=False)
    secret = _bearer(call, "x-nuclia-serviceaccount")
    if secret and _box_of(state, secret) is None:
        return 401, {"detail": "Unauthorized"}
    if box is None:
        return (404 if secret else 401), {"detail": "Knowledge Box does not exist"}
    if not box.public and secret not in box.keys:
        return (403 if secret else 401), {"detail": "Not allowed"}
    return 200, {"resources": 3} if counters else box.shown()


def nucliadb(state: State, call: Call) -> Reply:
    """Answer as a NucliaDB does: roles in a header, upper case, joined by semicolons."""
    roles = set(call.headers.get("x-nucliadb-roles", "").split(";"))
    if call.path == "/":
        return 200, "<!doctype html><title>Nuclia</title>This is a stand-in of NucliaDB."
    if call.path == "/api/v1/kbs":
        return _boxes(state, call, roles)
    if (match := _KB.fullmatch(call.path)) and call.method == "GET":
        if not roles & {"READER", "MANAGER"}:
            return 403, {"detail": "Forbidden"}
        box = state.box(match[1], local=True)
        if box is None:
            return 404, {"detail": "Knowledge Box does not exist"}
        return 200, {"resources": 0} if match[2] else box.shown()
    return 404, {"detail": "Not Found"}


def _boxes(state: State, call: Call, roles: set[str]) -> Reply:
    if "MANAGER" not in roles:
        return 403, {"detail": "Forbidden"}
    if call.method == "GET":
        return 200, {"kbs": [{"slug": b.slug, "uuid": b.id} for b in state.boxes if b.local]}
    try:
        wanted = json.loads(call.body)
        slug, title = str(wanted["slug"]), str(wanted.get("title", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return 422, {"detail": "Invalid payload"}
    box = state.add_local(slug, title)
    return (201, box.shown()) if box else (419, {"detail": "Knowledge Box already exists"})


def _bearer(call: Call, header: str) -> str:
    scheme, _, value = call.headers.get(header, "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else ""


def _box_of(state: State, key: str) -> Box | None:
    return next((box for box in state.boxes if key in box.keys), None)
