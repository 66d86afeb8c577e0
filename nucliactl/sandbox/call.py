"""A request to the sandbox, its answer, and who may do what."""

import datetime
import json
import time
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from nucliactl.sandbox.state import ApiKey, NuaClient, State

CREDENTIALS = ("authorization", "x-nuclia-serviceaccount", "x-nuclia-nuakey")
_TWINS = {"x-stf-serviceaccount": "x-nuclia-serviceaccount", "x-stf-nuakey": "x-nuclia-nuakey"}
MAX_DAYS = 1095
REVOKED = "Hydra token is either unexistent or revoked"


class Reply(NamedTuple):
    """An answer: status, a JSON value or (as `page`) HTML or (as `lines`) a JSON value a line, and headers
    beside the usual ones."""

    status: int
    found: Any = None
    page: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    lines: tuple[Any, ...] | None = None


class Denied(Exception):
    """The service refuses: status and detail."""

    def __init__(self, status: int, detail: str | list[dict[str, Any]]) -> None:
        super().__init__(str(detail))
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


def signed_in(state: State, call: Call) -> None:
    """Raise Denied where a request has no user token or personal token that is valid."""
    if call.credential("x-nuclia-nuakey"):
        raise Denied(403, "Nuakeys are not valid in the global API")
    if call.credential("x-nuclia-serviceaccount"):
        raise Denied(403, "Service accounts are not valid in the global API")
    token = call.credential("authorization")
    if not token:
        raise Denied(401, "Unauthorized")
    found = state.access.get(token) or state.personal.get(token)
    if found is None:
        raise Denied(401, "Unauthorized") if token.count(".") == 2 else Denied(403, REVOKED)
    if found.expires_at is not None and found.expires_at <= time.time():
        raise Denied(401, "Token has expired")


def key_holder(state: State, call: Call) -> ApiKey:
    """Return the API key of a request; Denied otherwise."""
    key = state.api_keys.get(call.credential("x-nuclia-serviceaccount"))
    if key is None:
        raise Denied(401, "Unauthorized")
    if key.expires_at <= time.time():
        raise Denied(401, "JWT has expired")
    return key


def nua_holder(state: State, call: Call) -> NuaClient:
    """Return the NUA client of a request; Denied otherwise."""
    client = state.nua_keys.get(call.credential("x-nuclia-nuakey"))
    if client is None:
        raise Denied(401, "Unauthorized")
    return state.nua_clients[client]


def moment(text: Any, longest: int = MAX_DAYS) -> float:
    """Return the epoch seconds of a date in a body; Denied where it is none, or more than `longest` days
    away."""
    try:
        when = datetime.datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise Denied(422, "Invalid payload") from None
    seconds = (when if when.tzinfo else when.replace(tzinfo=datetime.UTC)).timestamp()
    if seconds > time.time() + longest * 86400:
        raise Denied(422, f"Choosen key expiration exceeds the current maxium of {MAX_DAYS} days")
    return seconds


def iso(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat()
