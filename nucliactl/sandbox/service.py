"""The hosted service: which call leads where."""

import re
from collections.abc import Callable

from nucliactl.sandbox import global_api, oauth, regional
from nucliactl.sandbox.call import Call, Denied, Reply, key_holder, signed_in
from nucliactl.sandbox.page import status_page
from nucliactl.sandbox.state import State

Handler = Callable[..., Reply]
_ID = r"([A-Za-z0-9_-]+)"
_BOX = rf"/api/v1/account/{_ID}/kb/{_ID}"
_SA = rf"{_BOX}/service_account/{_ID}"


def _status(state: State, _: Call) -> Reply:
    return Reply(200, page=status_page(state))


def _anybody(*_: object) -> None:
    """Whoever asks, or whoever the handler itself finds right."""


Way = tuple[str, str, Callable[[State, Call], object], Handler]
"""A method, the pattern of a path, who may call (raises Denied), and what answers."""
GLOBAL: tuple[Way, ...] = (
    ("GET", r"/", _anybody, _status),
    ("GET", r"/api/v1/user/welcome", signed_in, global_api.welcome),
    ("GET", r"/api/v1/user", signed_in, global_api.user),
    ("GET", r"/api/v1/accounts", signed_in, global_api.accounts),
    ("GET", r"/api/v1/zones", signed_in, global_api.zones),
    ("GET", r"/api/v1/user/pa_tokens", signed_in, global_api.personal_tokens),
    ("POST", r"/api/v1/user/pa_tokens", signed_in, global_api.add_personal_token),
    ("DELETE", rf"/api/v1/user/pa_token/{_ID}", signed_in, global_api.delete_personal_token),
    ("GET", r"/oauth2/auth", _anybody, oauth.authorize),
    ("POST", r"/oauth2/login", _anybody, oauth.login),
    ("POST", r"/oauth2/consent", _anybody, oauth.consent),
    ("POST", r"/oauth2/token", _anybody, oauth.token),
    ("POST", r"/oauth2/revoke", _anybody, oauth.revoke),
)
REGIONAL: tuple[Way, ...] = (
    ("GET", r"/api/authorizer/info", _anybody, regional.whose),
    ("GET", rf"/api/v1/kb/(?:s/)?{_ID}", _anybody, regional.knowledge_box),
    ("GET", rf"/api/v1/kb/(?:s/)?{_ID}/counters", _anybody, regional.counters),
    ("GET", rf"/api/v1/kb/(?:s/)?{_ID}/resources", _anybody, regional.resources),
    ("POST", rf"/api/v1/kb/(?:s/)?{_ID}/resources", _anybody, regional.add_resource),
    ("POST", rf"/api/v1/kb/(?:s/)?{_ID}/ask", _anybody, regional.ask),
    ("GET", rf"/api/v1/account/{_ID}/kbs", signed_in, regional.boxes),
    ("GET", _BOX, _anybody, regional.box_of_account),
    ("GET", rf"{_BOX}/service_accounts", signed_in, regional.service_accounts),
    ("POST", rf"{_BOX}/service_accounts", signed_in, regional.add_service_account),
    ("DELETE", _SA, signed_in, regional.delete_service_account),
    ("POST", rf"{_SA}/keys", signed_in, regional.add_key),
    ("DELETE", rf"{_SA}/key/{_ID}", signed_in, regional.delete_key),
    ("POST", rf"{_BOX}/ephemeral_tokens", _anybody, regional.ephemeral_token_of_user),
    ("POST", r"/api/v1/ephemeral_token", key_holder, regional.ephemeral_token),
    ("POST", r"/api/v1/service_account_temporal_key", key_holder, regional.temporal_key),
    ("GET", rf"/api/v1/account/{_ID}/nua_clients", signed_in, regional.nua_clients),
    ("PUT", rf"/api/v1/account/{_ID}/nua_client/{_ID}/key", signed_in, regional.rotate_nua),
)
_ZONE = re.compile(r"/zones/([a-z0-9-]+)(/.*)")


def zone_of(path: str) -> tuple[str | None, str]:
    """Split a path into the zone it is addressed to, if any, and the rest."""
    match = _ZONE.fullmatch(path)
    return (match[1], match[2]) if match else (None, path)


def hosted(state: State, call: Call) -> Reply:
    """Answer as the hosted service does. Raises Denied for what it refuses."""
    if len(call.credentials()) > 1:
        raise Denied(401, "More than one credential")
    if call.zone is not None and state.zone(call.zone) is None:
        raise Denied(404, "There is no such zone")
    table = REGIONAL if call.zone is not None else (*GLOBAL, *REGIONAL)
    allowed = False
    for method, pattern, who, handler in table:
        if match := re.fullmatch(pattern, call.path):
            if method == call.method or (method == "GET" and call.method == "HEAD"):
                who(state, call)
                return handler(state, call, *match.groups())
            allowed = True
    raise Denied(405, "Method Not Allowed") if allowed else Denied(404, "Not Found")
