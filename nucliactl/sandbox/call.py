"""A request to the sandbox, its answer, and who may do what."""

import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from nucliactl.sandbox.state import ApiKey, NuaClient, State

CREDENTIALS = ("authorization", "x-nuclia-serviceaccount", "x-nuclia-nuakey")
_TWINS = {"x-stf-serviceaccount": "x-nuclia-serviceaccount", "x-stf-nuakey": "x-nuclia-nuakey"}
REVOKED = "Hydra token is either unexistent or revoked"


class Reply(NamedTuple):
    """An answer: status, a JSON value or (as `page`) HTML, and headers beside the usual ones."""

    status: int
    found: Any = None
    page: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Denied(Exception):
    """The service refuses: status and detail."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.reply = Reply(status, {"detail": detail})


class Call(NamedTuple):
    """A request. `headers` have lower-case names; `zone` is the zone it was addressed to, if any."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    query: str = ""
    zone: str | None = None

    def credential(self, header: str) -> str:
        """Return the Bearer value of a header under either of its spellings, '' without one."""
        for name, value in self.headers.items():
            if _TWINS.get(name, name) == header:
                scheme, _, token = value.partition(" ")
                return token.strip() if scheme.lower() == "bearer" else ""
        return ""

    def credentials(self) -> list[str]:
        return [name for name in self.headers if _TWINS.get(name, name) in CREDENTIALS]

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def parameters(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    def payload(self) -> dict[str, Any]:
        """Return the JSON object of the body; Denied 422 where it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Denied(422, "Invalid payload")
        return found


def signed_in(state: State, call: Call) -> dict[str, Any]:
    """Return the person behind a request's user or personal token; Denied otherwise."""
    if call.credential("x-nuclia-nuakey"):
        raise Denied(403, "Nuakeys are not valid in the global API")
    if call.credential("x-nuclia-serviceaccount"):
        raise Denied(403, "Service accounts are not valid in the global API")
    token = call.credential("authorization")
    if not token:
        raise Denied(401, "Unauthorized")
    now = time.time()
    with state.lock:
        access, personal = state.access.get(token), state.personal.get(token)
    if access is None and personal is None:
        raise Denied(
            401 if token.count(".") == 2 else 403, "Unauthorized" if token.count(".") == 2 else REVOKED
        )
    ends = access.expires_at if access else personal.expires_at if personal else None
    if ends is not None and ends <= now:
        raise Denied(401, "Token has expired")
    return state.person


def key_holder(state: State, call: Call) -> ApiKey:
    """Return the API key of a request; Denied otherwise."""
    token = call.credential("x-nuclia-serviceaccount")
    with state.lock:
        key = state.api_keys.get(token)
    if key is None:
        raise Denied(401, "Unauthorized")
    if key.expires_at <= time.time():
        raise Denied(401, "JWT has expired")
    return key


def nua_holder(state: State, call: Call) -> NuaClient:
    """Return the NUA client of a request; Denied otherwise."""
    with state.lock:
        client = state.nua_keys.get(call.credential("x-nuclia-nuakey"))
    if client is None:
        raise Denied(401, "Unauthorized")
    return state.nua_clients[client]
