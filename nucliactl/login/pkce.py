"""The secrets of one sign-in attempt, its address, and reading what comes back. No I/O."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from nucliactl import hints
from nucliactl.errors import Denied, Malformed
from nucliactl.model.profile import Definition
from nucliactl.secret import Secret, printable
from nucliactl.service.oauth import CLIENT_ID, SCOPE

PORTS = range(18765, 18775)
_LONGEST = 4096
_AGAIN = f"Begin again: {hints.LOG_IN}"


class Attempt(NamedTuple):
    """One attempt: the code verifier, the state that its answer must bear, and the address it comes to."""

    verifier: Secret
    state: str
    redirect_uri: str


def attempt(port: int) -> Attempt:
    """Return a new attempt whose answer comes to a port of this machine (one of PORTS)."""
    redirect_uri = f"http://127.0.0.1:{port}/callback"
    return Attempt(Secret(secrets.token_urlsafe(64)), secrets.token_urlsafe(32), redirect_uri)


def address(owner: Definition, tried: Attempt) -> str:
    """Return the address a browser has to open: authorization code, PKCE S256, the public client."""
    digest = hashlib.sha256(tried.verifier.reveal().encode()).digest()
    query = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": tried.redirect_uri,
        "scope": SCOPE,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        "state": tried.state,
    }
    return f"{owner.oauth_url}/oauth2/auth?{urlencode(query)}"


def is_ours(found: Mapping[str, str], tried: Attempt) -> bool:
    """Say, in constant time, whether an answer bears this attempt's state."""
    return hmac.compare_digest(found.get("state", "").encode("utf-8", "replace"), tried.state.encode())


def code_of(found: Mapping[str, str], owner: Definition) -> Secret:
    """Return the code of an answer that is ours. Raises Denied where it says no instead.

    An `iss` (RFC 9207), where there is one, must be the server's.
    """
    if "iss" in found and found["iss"].rstrip("/") != owner.oauth_url.rstrip("/"):
        raise Denied("The answer came from another server than the one that was asked.", hint=_AGAIN)
    if error := found.get("error"):
        said = found.get("error_description") or error
        what = "was denied" if error == "access_denied" else "failed"
        raise Denied(f"The sign-in {what}: {printable(said)}.", hint=_AGAIN)
    code = found.get("code", "")
    if not code or len(code) > _LONGEST or not code.isprintable():
        raise Denied("The answer has no code.", hint=_AGAIN)
    return Secret(code)


def parameters(query: str) -> dict[str, str]:
    """Return the parameters of a query; one that stands twice counts for nothing."""
    found = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def pasted(text: str, tried: Attempt, owner: Definition) -> Secret:
    """Return the code of what a person pasted: the address the browser ended at, or the code alone.

    Raises Malformed for anything else, and for an address of another attempt.
    """
    text = text.strip()
    if "://" in text or "?" in text or "code=" in text:
        try:
            found = parameters(urlsplit(text).query or text)
        except ValueError:
            found = {}
        if not is_ours(found, tried):
            raise Malformed(
                "That address is not of this sign-in.", hint="Paste the one the browser ended at."
            )
        return code_of(found, owner)
    if not text or " " in text or not text.isprintable() or len(text) > _LONGEST:
        raise Malformed("That is neither an address nor a code.", hint="Paste the one the browser ended at.")
    return Secret(text)
