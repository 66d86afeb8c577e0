"""Which kind a secret is for, as far as its form tells, and what a rejection means. Pure."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.model.jwt import claims, decoded
from nucliactl.model.kinds import KB, KINDS, NUA
from nucliactl.patterns import pattern
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from nucliactl.model.words import Form, KindName


_BOX_KEY: Final = "API key"
_NUA_KEY: Final = "NUA key"
_OPAQUE: Final = "token of a user"
_INSTEAD: dict[Form, str] = {
    _BOX_KEY: f"it opens one Knowledge Box or agent: {hints.BOX} - (or auth agent)",
    _NUA_KEY: f"it opens the processing API: {hints.NUA}",
    _OPAQUE: f"it opens everything the user has access to: {hints.PERSONAL_TOKEN} (or auth set_user_token -)",
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
    ("Hydra token is either unexistent or revoked", "The token is revoked, or belongs to another domain"),
)

_REFERENCE = pattern(r"(?s)\$\{+\s*(?:(\w+)|.*)\s*\}+|\$([A-Za-z_]\w*)|\$\(.*\)")
_NEVER_SECRETS = frozenset({"HOME", "PATH", "PWD", "SHELL", "TMPDIR", "USER"})  # nobody means a key by them
_FORMS = (
    (pattern(r"(?s)encrypted:.*"), "an encrypted value (encrypted:…) that nothing has decrypted"),
    (
        pattern(r"(?s)ENC\[AES256_GCM,.*\]"),
        "an encrypted value (ENC[…]) that nothing has decrypted",
    ),
    (
        pattern(r"@Microsoft\.KeyVault\(.*\)|arn:aws[a-z-]*:(?:secretsmanager|ssm):.*|%[A-Z][A-Z0-9_]*%"),
        "a reference that nothing filled in",
    ),
    (
        pattern(r"[A-Za-z][A-Za-z0-9+.-]*://.*"),
        "an address or a reference (op://…), not the secret itself",
    ),
    (pattern(r"<[^<>]*>"), "a placeholder (<…>)"),
    (pattern(r"(?i)(?:your|insert|replace)[-_ ].*|change[-_ ]?me|x{4,64}"), "a placeholder"),
    (pattern(r"\*{4,}.{0,4}"), "a masked secret, of which only the end is shown"),
    (pattern(r"(?s)([\"'`]).{2,}\1"), "a value in quotes, which no key has"),
    (pattern(r"(?is)bearer\s.*"), "a header's value (Bearer …), not the secret alone"),
)
_OF_A_KEY = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
_PLACEHOLDERS = ("your", "insert", "replace", "change", "xxxx")
_ABSOLUTE = pattern(r"/|[A-Za-z]:[\\/]")


def looks_like(secret: str) -> Form | None:
    """Return what a secret is by its form: `API key`, `NUA key`, `token of a user`; None if unclear.

    API and NUA keys are JWTs, the former with `kid: sa`; users' tokens are opaque.
    """
    if secret.count(".") != 2:
        return _OPAQUE if len(secret) >= 20 else None
    try:
        stated = claims(secret)
        header = decoded(secret.split(".", maxsplit=1)[0])
    except (Malformed, ValueError, RecursionError):
        return None
    if isinstance(header, dict) and header.get("kid") == "sa":
        return _BOX_KEY
    return _NUA_KEY if stated.get("iss") and stated.get("sub") and "key" in stated else None


def misfit(kind: KindName, secret: str) -> int:
    """Say how a secret's form fits a kind: 0 it does, 1 it does not say, 2 it is for another kind."""
    form, wanted = looks_like(secret), KINDS[kind].form
    return 1 if None in (form, wanted) else 0 if form == wanted else 2


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
    found = None if _may_be_key(secret) else _mistaken(secret, exists)
    if found is not None:
        return found
    own = looks_like(secret) if KINDS[kind].signed_in else None
    if own is not None and own != _OPAQUE:
        what = f"{_article(own)} {own}, where a user's token belongs"
        return NoSecret(what, kind=KB.name if own == _BOX_KEY else NUA.name, instead=_INSTEAD[own])
    return None


def _may_be_key(secret: str) -> bool:
    """Say whether a text has a key's letters only, and begins like no placeholder: no mistaken value is like
    that, and most keys are, so that they need no closer look."""
    return _OF_A_KEY.issuperset(secret) and not secret.lower().startswith(_PLACEHOLDERS)


def _mistaken(secret: str, exists: Callable[[str], bool]) -> NoSecret | None:
    """Recognise what somebody put where a secret belongs."""
    reference = _REFERENCE.fullmatch(secret)
    if reference and (reference[1] or reference[2] or "").upper() not in _NEVER_SECRETS:
        return NoSecret("a reference that nothing filled in (${…})")
    for form, what in _FORMS:
        if form.fullmatch(secret):
            return NoSecret(what)
    if _ABSOLUTE.match(secret) and exists(secret):
        return NoSecret("the path of a file, not what stands in it", path=True)
    return None


def _article(form: Form) -> str:
    return "an" if form[0] == "A" else "a"


def wrong_door(kind: KindName, secret: str | None, said: str) -> str | None:
    """Return what to do instead where a rejected secret belongs elsewhere, or the service said why.

    `said` is the rejection in the service's own words.
    """
    form = looks_like(secret) if secret else None
    if form is not None and KINDS[kind].form not in (None, form):
        return f"This looks like {_article(form)} {form}, and {_INSTEAD[form]}."
    for words, meaning in _SAID:
        if words in said:
            return f"{meaning}."
    return None
