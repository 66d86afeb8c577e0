"""The OAuth server: exchanging a code, renewing a session, ending one. The server is an Ory Hydra."""

import contextlib
from collections.abc import Mapping
from typing import Any

import httpx

from nucliactl import hints
from nucliactl.credentials.renewal import Tokens
from nucliactl.errors import GrantBusy, GrantEnded, NucliactlError, Rejected, Unreachable, unclear
from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask, Flow
from nucliactl.http.origin import origin_of_request
from nucliactl.model.endpoint import origin_of
from nucliactl.model.profile import Definition
from nucliactl.secret import HIDDEN, Secret, printable, unfit
from nucliactl.service.answers import at, json_of

CLIENT_ID = "43f54e81-932a-4b45-9bba-acbf4e2b5ee6"
SCOPE = "openid offline_access api:full_access"

Form = Mapping[str, str | Secret]


def server_of(owner: Definition, timeout: float) -> Connection:
    """Return a connection to the OAuth server of a user's profile. It carries no credential: what is
    secret there stands in the form."""
    origin = origin_of(owner.oauth_url, "oauth_url")
    return Connection(owner, None, (origin,), origin, timeout)


def exchange(server: Connection, code: Secret, verifier: Secret, redirect_uri: str) -> Flow[Tokens]:
    """Exchange an authorization code. Raises Rejected where the server refuses it."""
    form: Form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": CLIENT_ID,
        "code_verifier": verifier,
    }
    try:
        response = yield from _granted(server, form)
        try:
            return _tokens(*response)
        except Unreachable:
            yield from _given_back(server, response[0])
            raise
    except GrantEnded as error:
        raise Rejected(
            f"The sign-in was not accepted: {error.message}", hint=f"Begin again: {hints.LOG_IN}"
        ) from None


def _given_back(server: Connection, found: Any) -> Flow[None]:
    """End the session of an answer that is of no use, where it names one; best effort."""
    token = at(found, "refresh_token")
    if isinstance(token, str) and token and unfit(Secret(token)) is None:
        with contextlib.suppress(NucliactlError):
            yield from revoke(server, Secret(token))


def renew(server: Connection, token: Secret) -> Flow[Tokens]:
    """Spend a refresh token. Raises GrantEnded, GrantBusy, Unreachable (`lost` where it may have
    arrived without an answer coming back)."""
    form: Form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": CLIENT_ID}
    return _tokens(*(yield from _granted(server, form)))


def revoke(server: Connection, token: Secret) -> Flow[None]:
    """End a session at the server. Raises NucliactlError where it does not say it did."""
    response = yield _posted(server, "revoke", {"token": token, "client_id": CLIENT_ID})
    if response.status_code != 200:
        raise NucliactlError(f"The server did not end the session ({response.status_code}).")


def _posted(server: Connection, path: str, form: Form) -> Ask:
    """The question of a form: only its body holds the secrets in the open."""
    opened = {name: value.reveal() if isinstance(value, Secret) else value for name, value in form.items()}
    url = f"{server.definition.oauth_url}/oauth2/{path}"
    return Ask(server, httpx.Request("POST", url, data=opened))


def _granted(server: Connection, form: Form) -> Flow[tuple[Any, str]]:
    """Ask for tokens; return what the server says to that, and its address."""
    response = yield _posted(server, "token", form)
    host, status = origin_of_request(response.request), response.status_code
    found = json_of(response)
    if status == 200:
        return found, host
    error, said = at(found, "error"), _said(found, form)
    if status == 429 or status >= 500:
        raise Unreachable(f"{host} failed with {status}{said}.", hint="Try again later.")
    if error == "invalid_request" and "concurrent" in said:
        raise GrantBusy(f"{host} is refreshing this session already{said}.", hint="Try again.")
    if error == "invalid_grant":
        raise GrantEnded(f"{host} answered {printable(str(error), 60)}{said}.")
    hint = f"What is stored was not changed. If it happens again, log in anew: {hints.LOG_IN}"
    raise NucliactlError(f"{host} refused the request with {status}{said}.", hint=hint)


def _tokens(found: Any, host: str) -> Tokens:
    access = at(found, "access_token")
    if not isinstance(access, str) or not access:
        raise unclear(f"{host} answered without an access token.")
    refresh, seconds = found.get("refresh_token"), found.get("expires_in")
    for given, what in ((access, "an access"), (refresh, "a refresh")):
        problem = unfit(Secret(given)) if isinstance(given, str) and given else None
        if problem:
            raise unclear(f"{host} answered with {what} token that {problem}.", hint="Try again later.")
    sane = isinstance(seconds, int | float) and not isinstance(seconds, bool) and 0 < seconds < 1e10
    return Tokens(
        Secret(access),
        Secret(refresh) if isinstance(refresh, str) and refresh else None,
        max(1, int(seconds)) if sane else None,
    )


def _said(found: Any, form: Form) -> str:
    """The server's own words, without what we sent."""
    text = at(found, "error_description")
    if not isinstance(text, str) or not text:
        return ""
    for value in form.values():
        if isinstance(value, Secret) and value.reveal():
            text = text.replace(value.reveal(), HIDDEN)
    return f": {printable(text)}"
