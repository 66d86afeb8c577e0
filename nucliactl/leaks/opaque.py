"""Tokens of users, which have no inner structure: known by what stands before them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nucliactl.model.endpoint import KNOWN_ROOTS
from nucliactl.model.kinds import KINDS
from nucliactl.model.recognise import no_secret
from nucliactl.patterns import pattern

_VALUE = r"(?P<value>[A-Za-z0-9_.~+/=-]{20,16384})"
_QUOTE = r"\\?[\"'`]"
_NAMES = sorted(
    {
        *(
            name
            for kind in KINDS.values()
            if kind.signed_in and kind.secret
            for name in kind.secret.variables
        ),
        "NUCLIA_TOKEN",
        "NUCLIA_PAT",
        "PERSONAL_TOKEN",
        "SET_USER_TOKEN",
    }
)
# A variable or a command, in any case, and what may stand between it and its value: `X=v`, `"x": "v"`,
# `x("v")`, `ENV X v`, `X --code=v`, and the name and value of a Kubernetes variable.
_NAMED = pattern(
    rf"(?i:{'|'.join(_NAMES).replace('_', '[_-]?')})(?:{_QUOTE})?\]?[ \t]{{0,8}}"
    r"(?:[:=(,]{1,2}>?|,?\s{1,40}(?:\\?[\"'])?value(?:\\?[\"'])?[ \t]{0,40}[:=]|(?=[ \t]))[ \t]{0,40}"
    rf"(?:--?)?(?:(?:code|token)[ \t]{{0,8}}[= ][ \t]{{0,8}})?(?:{_QUOTE})?(?:Bearer[ \t]+)?{_VALUE}"
)
_ISSUED = pattern(r"(?P<value>\bory_[a-z]{2}_[A-Za-z0-9_.-]{16,16384})")
_SENT = pattern(rf"(?i:bearer)[ \t]+{_VALUE}")
_HOST = pattern("|".join(rf"[/.]{re.escape(root)}(?![\w-]|\.\w)" for root in KNOWN_ROOTS))
_NEAR = 400
_OF_A_FILE = pattern(
    rf"\b(?:access_token|refresh_token|token|secret)(?:{_QUOTE})?[ \t]*[:=][ \t]*{_QUOTE}{_VALUE}"
)
_KIND = pattern(rf"\bkind(?:{_QUOTE})?[ \t]*[:=][ \t]*{_QUOTE}(?:user|personal-token){_QUOTE}")
_OTHERS = ("ghp_", "github_pat_", "glpat-", "hf_", "npm_", "pypi-", "sk-", "xox")
_WORDS = pattern(r"(?:[A-Za-z]+|\d{1,4})(?:[_.~+/=-]+(?:[A-Za-z]+|\d{1,4}))*[_.~+/=-]*")


def tokens(text: str) -> Iterator[tuple[int, str]]:
    """Yield what can only be a token of a user: where it begins, and the token. It stands after one of our
    variables or commands, in a file of ours or of the official client, in a header near a host of the
    service, or names its maker."""
    lowered = text.lower()  # what is not in it need not be looked for
    patterns = [_NAMED] if "token" in lowered or "nuclia" in lowered else []
    if "ory_" in text:
        patterns.append(_ISSUED)
    if "kbs_token" in text or ("kind" in text and _KIND.search(text)):
        patterns.append(_OF_A_FILE)
    for one in patterns:
        for match in one.finditer(text):
            if is_token(match["value"]):
                yield match.start("value"), match["value"]
    for match in _SENT.finditer(text) if "bearer" in lowered else ():
        around = text[max(0, match.start() - _NEAR) : match.end() + _NEAR]
        if is_token(match["value"]) and _HOST.search(around):
            yield match.start("value"), match["value"]


def is_token(value: str) -> bool:
    """Say whether a value may be a token, and is no placeholder, path, word or another service's."""
    mixed = any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    if not mixed or value.startswith(_OTHERS) or _WORDS.fullmatch(value):
        return False
    found = no_secret("personal-token", value, lambda _: False)
    return found is None or found.kind is not None
