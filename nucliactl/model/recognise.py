"""Which door a secret is for, as far as it says itself, and what a rejection means. Pure."""

import binascii
import json
import re
from collections.abc import Callable
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.model.jwt import claims
from nucliactl.model.kinds import AGENT, KB, NUA, PERSONAL_TOKEN, USER, KindName

_BOX_KEY, _NUA_KEY, _OPAQUE = "API key", "NUA key", "token of a user"
_FITS: dict[KindName, str] = {
    KB.name: _BOX_KEY,
    AGENT.name: _BOX_KEY,
    NUA.name: _NUA_KEY,
    USER.name: _OPAQUE,
    PERSONAL_TOKEN.name: _OPAQUE,
}
_INSTEAD = {
    _BOX_KEY: f"it opens one Knowledge Box or agent: {hints.BOX} - (or auth agent)",
    _NUA_KEY: f"it opens the processing API: {hints.NUA}",
    _OPAQUE: f"it opens what the user reaches: {hints.PERSONAL_TOKEN} (or auth set_user_token -)",
}
_SAID = (
    ("Nuakeys are not valid in the global API", "A NUA key is not valid there; " + _INSTEAD[_NUA_KEY]),
    ("NuaKeyUser cannot access context", "A NUA key opens no Knowledge Box; " + _INSTEAD[_NUA_KEY]),
    (
        "Service accounts are not valid in the global API",
        "An API key is not valid there; " + _INSTEAD[_BOX_KEY],
    ),
    ("JWT has expired", "The key has expired: make another, in the dashboard or with auth create_api_key"),
    ("Token has expired", f"The token has expired: {hints.LOG_IN}, or make another"),
    ("Hydra token is either unexistent or revoked", "The token is revoked, or is none of this domain"),
)

_REFERENCE = re.compile(r"\$\{+\s*(?:(\w+)|.*)\s*\}+|\$([A-Za-z_]\w*)|\$\(.*\)", re.DOTALL)
_NEVER_SECRETS = frozenset({"HOME", "PATH", "PWD", "SHELL", "TMPDIR", "USER"})  # nobody means a key by them
_FORMS = (
    (re.compile(r"encrypted:.*", re.DOTALL), "an encrypted value (encrypted:…) that nothing has decrypted"),
    (
        re.compile(r"ENC\[AES256_GCM,.*\]", re.DOTALL),
        "an encrypted value (ENC[…]) that nothing has decrypted",
    ),
    (
        re.compile(r"@Microsoft\.KeyVault\(.*\)|arn:aws[a-z-]*:(?:secretsmanager|ssm):.*|%[A-Z][A-Z0-9_]*%"),
        "a reference that nothing filled in",
    ),
    (
        re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.*"),
        "an address or a reference (op://…), not the secret itself",
    ),
    (re.compile(r"<[^<>]*>"), "a placeholder (<…>)"),
    (re.compile(r"(?i)(?:your|insert|replace)[-_ ].*|change[-_ ]?me|x{4,64}"), "a placeholder"),
    (re.compile(r"\*{4,}.{0,4}"), "a masked secret, of which only the end is shown"),
    (re.compile(r"([\"'`]).{2,}\1", re.DOTALL), "a value in quotes, which no key has"),
    (re.compile(r"(?i)bearer\s.*", re.DOTALL), "a header's value (Bearer …), not the secret alone"),
)
_ABSOLUTE = re.compile(r"/|[A-Za-z]:[\\/]")


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


def misfit(kind: KindName, secret: str) -> int:
    """Say how a secret's form fits a kind: 0 it does, 1 it does not say, 2 it is for another door."""
    found = looks_like(secret)
    return 1 if found is None or kind not in _FITS else 0 if found == _FITS[kind] else 2


class NoSecret(NamedTuple):
    """What a value is that is recognisably no secret: `what`, in words that never repeat it. `path`: it
    names a file. `kind`: the kind of key it is, and `instead`: what to do with that."""

    what: str
    path: bool = False
    kind: KindName | None = None
    instead: str | None = None


def no_secret(kind: KindName, secret: str, exists: Callable[[str], bool]) -> NoSecret | None:
    """Recognise a value that is no secret of a kind; None for anything that may be one.

    `exists` says whether there is a file of an absolute path.
    """
    reference = _REFERENCE.fullmatch(secret)
    if reference and (reference[1] or reference[2] or "").upper() not in _NEVER_SECRETS:
        return NoSecret("a reference that nothing filled in (${…})")
    for form, what in _FORMS:
        if form.fullmatch(secret):
            return NoSecret(what)
    if _ABSOLUTE.match(secret) and exists(secret):
        return NoSecret("the path of a file, not what stands in it", path=True)
    found = looks_like(secret) if kind in (USER.name, PERSONAL_TOKEN.name) else None
    if found is not None and found != _OPAQUE:
        what = f"{_article(found)} {found}, where the token of a user belongs"
        return NoSecret(what, kind=KB.name if found == _BOX_KEY else NUA.name, instead=_INSTEAD[found])
    return None


def _article(found: str) -> str:
    return "an" if found[0] == "A" else "a"


def wrong_door(kind: KindName, secret: str | None, said: str) -> str | None:
    """Return what to do instead where a rejected secret belongs elsewhere, or the service said why.

    `said` is the rejection in the service's own words.
    """
    found = looks_like(secret) if secret else None
    if found is not None and found != _FITS.get(kind, found):
        return f"This looks like {_article(found)} {found}, and {_INSTEAD[found]}."
    for words, meaning in _SAID:
        if words in said:
            return f"{meaning}."
    return None
