"""Which door a secret is for, as far as it says itself, and what a rejection means. Pure."""

import binascii
import json

from nucliactl.errors import Malformed
from nucliactl.model.jwt import claims
from nucliactl.model.kinds import AGENT, KB, NUA, PERSONAL_TOKEN, USER

_BOX_KEY, _NUA_KEY, _OPAQUE = "API key", "NUA key", "token of a user"
_FITS = {
    KB.name: _BOX_KEY,
    AGENT.name: _BOX_KEY,
    NUA.name: _NUA_KEY,
    USER.name: _OPAQUE,
    PERSONAL_TOKEN.name: _OPAQUE,
}
_INSTEAD = {
    _BOX_KEY: "it opens one Knowledge Box or agent: nucliactl auth kb URL - (or auth agent)",
    _NUA_KEY: "it opens the processing API: nucliactl auth nua -",
    _OPAQUE: "it opens what the user reaches: nucliactl auth personal_token - (or auth set_user_token -)",
}
_SAID = (
    ("Nuakeys are not valid in the global API", "A NUA key is not valid there; " + _INSTEAD[_NUA_KEY]),
    ("NuaKeyUser cannot access context", "A NUA key opens no Knowledge Box; " + _INSTEAD[_NUA_KEY]),
    (
        "Service accounts are not valid in the global API",
        "An API key is not valid there; " + _INSTEAD[_BOX_KEY],
    ),
    ("JWT has expired", "The key has expired: make another, in the dashboard or with auth create_api_key"),
    ("Token has expired", "The token has expired: nucliactl auth login, or make another"),
    ("Hydra token is either unexistent or revoked", "The token is revoked, or is none of this domain"),
)


def looks_like(secret: str) -> str | None:
    """Return what a secret is by its form: `API key`, `NUA key`, `token of a user`; None if unclear.

    API and NUA keys are JWTs, the former with `kid: sa`; users' tokens are opaque.
    """
    if secret.count(".") != 2:
        return _OPAQUE if len(secret) >= 20 else None
    try:
        found = claims(secret)
        head = secret.split(".", maxsplit=1)[0].replace("-", "+").replace("_", "/")
        header = json.loads(binascii.a2b_base64(head + "=" * (-len(head) % 4)))
    except (Malformed, ValueError, RecursionError):
        return None
    if isinstance(header, dict) and header.get("kid") == "sa":
        return _BOX_KEY
    return _NUA_KEY if found.get("iss") and found.get("sub") and "key" in found else None


def wrong_door(kind: str, secret: str | None, said: str) -> str | None:
    """Return what to do instead where a rejected secret belongs elsewhere, or the service said why.

    `said` is the rejection in the service's own words.
    """
    found = looks_like(secret) if secret else None
    if found is not None and found != _FITS.get(kind, found):
        return f"This looks like {'an' if found[0] == 'A' else 'a'} {found}, and {_INSTEAD[found]}."
    for words, meaning in _SAID:
        if words in said:
            return f"{meaning}."
    return None
