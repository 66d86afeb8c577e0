"""The sandbox's OAuth server: sign-in, consent, tokens that end, rotation with reuse detection.

Behaves as a strict Hydra does: a refresh kills the access tokens before it, and a refresh token used
twice ends the whole sign-in.
"""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from nucliactl.sandbox.call import Call, Reply
from nucliactl.sandbox.keys import opaque
from nucliactl.sandbox.page import consent_page, error_page, login_page
from nucliactl.sandbox.state import Access, State

CLIENT = "43f54e81-932a-4b45-9bba-acbf4e2b5ee6"
PORTS = range(18765, 18775)
CODE_SECONDS = 60


class Ticket(NamedTuple):
    """A sign-in under way: what was asked for, and whether the person has signed in."""

    asked: Mapping[str, str]
    signed_in: bool = False


class Code(NamedTuple):
    """An authorization code: the challenge and address it belongs to, when it ends, its sign-in."""

    challenge: str
    redirect_uri: str
    until: float
    family: str


def authorize(state: State, call: Call) -> Reply:
    asked = call.parameters()
    if asked.get("client_id") != CLIENT or not _registered(asked.get("redirect_uri", "")):
        return Reply(400, page=error_page("This client or callback address is not registered."))
    if asked.get("response_type") != "code" or asked.get("code_challenge_method") != "S256":
        return _back(asked, error="invalid_request", error_description="PKCE with S256 is required")
    ticket = secrets.token_urlsafe(16)
    state.oauth.tickets[ticket] = Ticket(asked)
    return Reply(200, page=login_page(ticket, state.person["email"]))


def login(state: State, call: Call) -> Reply:
    form = call.form()
    ticket = state.oauth.tickets.get(form.get("ticket", ""))
    if ticket is None:
        return Reply(400, page=error_page("This sign-in has ended. Begin again in your terminal."))
    mail, password = form.get("login", ""), form.get("password", "")
    right = hmac.compare_digest(password.encode(), state.person["password"].encode())
    if mail != state.person["email"] or not right:
        return Reply(401, page=login_page(form["ticket"], mail, "Wrong user or password."))
    state.oauth.tickets[form["ticket"]] = ticket._replace(signed_in=True)
    return Reply(200, page=consent_page(form["ticket"], state.person["email"], ticket.asked.get("scope", "")))


def consent(state: State, call: Call) -> Reply:
    form = call.form()
    ticket = state.oauth.tickets.pop(form.get("ticket", ""), None)
    if ticket is None or not ticket.signed_in:
        return Reply(400, page=error_page("This sign-in has ended. Begin again in your terminal."))
    if form.get("choice") != "allow":
        return _back(
            ticket.asked, error="access_denied", error_description="The resource owner denied the request"
        )
    code, family, asked = opaque(), opaque(), ticket.asked
    until = time.time() + CODE_SECONDS
    state.oauth.codes[code] = Code(asked.get("code_challenge", ""), asked["redirect_uri"], until, family)
    return _back(asked, code=code)


def token(state: State, call: Call) -> Reply:
    form = call.form()
    if form.get("client_id") != CLIENT:
        return _refused("invalid_client", "The client is not known", status=401)
    if form.get("grant_type") == "authorization_code":
        return _exchange(state, form)
    if form.get("grant_type") == "refresh_token":
        return _refresh(state, form)
    return _refused("unsupported_grant_type", "Only authorization_code and refresh_token are known")


def _exchange(state: State, form: Mapping[str, str]) -> Reply:
    code = state.oauth.codes.get(form.get("code", ""))
    if code is None or code.until < time.time():
        return _refused("invalid_grant", "The authorization code is not known or has ended")
    if form["code"] in state.oauth.used_codes:
        state.end_sign_in(code.family)
        return _refused("invalid_grant", "The authorization code was already used")
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    if not hmac.compare_digest(challenge, code.challenge) or form.get("redirect_uri") != code.redirect_uri:
        return _refused("invalid_grant", "The code verifier or the callback address does not match")
    state.oauth.used_codes.add(form["code"])
    return _pair(state, code.family)


def _refresh(state: State, form: Mapping[str, str]) -> Reply:
    given = form.get("refresh_token", "")
    family = state.oauth.refresh.get(given)
    if family is None or family in state.oauth.ended:
        return _refused("invalid_grant", "The refresh token is not known or has been revoked")
    if given in state.oauth.spent:
        state.end_sign_in(family)
        state.oauth.reused += 1
        return _refused("invalid_grant", "The refresh token was already used")
    state.oauth.spent.add(given)
    state.oauth.refreshed += 1
    return _pair(state, family)


def revoke(state: State, call: Call) -> Reply:
    given = call.form().get("token", "")
    access = state.access.get(given)
    family = state.oauth.refresh.get(given) or (access.family if access else None)
    if family:
        state.end_sign_in(family)
    return Reply(200, {})


def _pair(state: State, family: str) -> Reply:
    """Give out a new pair of tokens; the access tokens before it are dead."""
    state.access = {t: a for t, a in state.access.items() if a.family != family}
    access, refresh = opaque(), opaque()
    state.access[access] = Access(time.time() + state.token_seconds, family)
    state.oauth.refresh[refresh] = family
    return Reply(
        200,
        {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": int(state.token_seconds),
            "token_type": "bearer",
            "scope": "openid offline_access api:full_access",
        },
        headers=(("Cache-Control", "no-store"),),
    )


def _registered(address: str) -> bool:
    return address in {f"http://127.0.0.1:{port}/callback" for port in PORTS}


def _back(asked: Mapping[str, str], **found: str) -> Reply:
    if "state" in asked:
        found["state"] = asked["state"]
    return Reply(303, page="", headers=(("Location", f"{asked['redirect_uri']}?{urlencode(found)}"),))


def _refused(error: str, description: str, status: int = 400) -> Reply:
    return Reply(status, {"error": error, "error_description": description})
