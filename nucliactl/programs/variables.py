"""Which variables another program is given for a credential, and which are taken away from it before.

What a kind hands over is declared with it; what is taken away follows from that and from its fields.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.fields import FIELDS
from nucliactl.model.kinds import KB, KINDS, NUA, NUCLIADB
from nucliactl.model.names import ENV
from nucliactl.model.profile import Definition
from nucliactl.model.shared_fields import ROLES
from nucliactl.model.tool_variables import RUN_VARIABLE, SERVER_VARIABLES
from nucliactl.model.words import KindName
from nucliactl.secret import Secret
from nucliactl.sources.environment.variables import FILE

_OURS = "NUCLIACTL_"
_SECRET = "{secret}"  # noqa: S105 (a placeholder)
_CHOICES = ("NUCLIA_PROFILE", "NUCLIA_KIND")
_STRANGE = ("dotenv", "flag")


class Variable(NamedTuple):
    """A variable to set. `held` is its value, `secret` says whether that is one."""

    name: str
    held: Secret
    secret: bool = False


@lru_cache
def cleared() -> tuple[str, ...]:
    """Return every variable that is taken away first: all that could be a credential, an endpoint or a
    default under any spelling, with their `_FILE` twins, and all that any kind sets."""
    declared = [name for field in FIELDS for name in field.variables if not name.startswith(_OURS)]
    set_here = [name for kind in KINDS.values() for name, _ in kind.hands_over]
    names = dict.fromkeys((*_CHOICES, *declared, *set_here, *SERVER_VARIABLES))
    return (*names, *(name + FILE for name in names), RUN_VARIABLE)


def handed_over(
    definition: Definition, values: Mapping[str, Any], secret: Secret | None
) -> tuple[Variable, ...]:
    """Return the variables that hand a credential over: those of its kind, and those of every kind.

    `values` are its effective ones, the issuer of a NUA key among them.
    """
    facts = _facts(definition, values)
    kind: KindName = NUCLIADB.name if _keyless(definition) else definition.kind
    found = [Variable(name, Secret(text)) for name, text in _of_all(definition, facts).items()]
    for name, text in KINDS[kind].hands_over:
        if text == _SECRET:
            found += [Variable(name, secret, secret=True)] if secret else []
        elif value := facts.get(text[1:-1]):
            found.append(Variable(name, Secret(value)))
    return tuple(found)


def check_carried(definition: Definition) -> None:
    """Raise Malformed for a Knowledge Box on a user's session, which no variable carries."""
    if definition.secret.way == "session":
        owner = definition.secret.where
        raise Malformed(
            f"{definition.name!r} uses the session of {owner!r}, which other programs cannot do.",
            hint=key_instead(definition),
        )


def key_instead(definition: Definition) -> str:
    """Return the hint for a Knowledge Box on a user's session: what other programs can use in its place."""
    box = definition.get("identity") or definition.get("kb") or "KB"
    names = box, f"{definition.name[:60]}-key", definition.secret.where
    return f"Make an API key of it: {hints.API_KEY.format(*names)}"


def not_carried(definition: Definition, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Say, for people, what of a credential no variable carries."""
    said = []
    if definition.roles and set(definition.roles) != set(ROLES):
        said.append(
            f"no variable carries the roles of {definition.name} ({', '.join(definition.roles)}): what is "
            "started claims all of them"
        )
    if definition.kind == KB.name and "box" not in _facts(definition, values):
        said.append(
            f"the id of {definition.name} is not known, only its slug: NUCLIA_KBID is not set. To learn it: "
            f"{hints.box(definition.get('url') or 'URL')}"
        )
    return tuple(said)


def child_environment(
    environ: Mapping[str, str], given: tuple[Variable, ...], used: tuple[str, ...] = ()
) -> dict[str, str]:
    """Return the environment of a program that gets a credential: nothing of another one is left in it, nor
    what was `used` to fetch it."""
    gone = frozenset((*cleared(), *used))
    kept = {name: value for name, value in environ.items() if name not in gone}
    return kept | {one.name: one.held.reveal() for one in given}


def _keyless(definition: Definition) -> bool:
    """Say whether a Knowledge Box is one of a NucliaDB, which is told roles and takes no key."""
    return definition.kind == KB.name and bool(definition.roles)


def _of_all(definition: Definition, facts: Mapping[str, str]) -> dict[str, str]:
    # Another machine's Knowledge Box without a key is known to a program as the NucliaDB it is on.
    whole = not _keyless(definition) or "loopback_box" in facts
    found = {"NUCLIA_PROFILE": ENV, "NUCLIA_KIND": definition.kind if whole else NUCLIADB.name}
    domain = facts.get("domain", endpoint.DEFAULT_DOMAIN)
    # A program may have a sign-in of its own, and sends it to this domain: a stranger's file names none.
    strange = definition.source.kind in _STRANGE and not definition.is_below(domain)
    hidden = domain == endpoint.DEFAULT_DOMAIN or strange
    return found if hidden else {**found, "BASE_NUCLIA_DOMAIN": domain}


def _facts(definition: Definition, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what may stand for a `{key}`: the effective values, and what follows from them."""
    facts = {key: value for key, value in values.items() if isinstance(value, str)}
    if values.get("public") is True:
        facts["public"] = "1"
    more = {KB.name: _of_box, NUCLIADB.name: _of_nucliadb, NUA.name: _of_key}.get(definition.kind)
    return facts | more(definition, facts) if more else facts


def _of_box(definition: Definition, facts: Mapping[str, str]) -> dict[str, str]:
    found = endpoint.parse_kb_url(facts["url"], plain_http=True)
    identity = definition.get("identity") or ""
    box = identity if found.is_slug else found.kb
    more = {"api": found.base, "server": found.base.removesuffix("/api/v1")}
    more |= {"box": box} if endpoint.is_uuid(box) or not found.is_slug else {}
    more |= {"host_zone": found.zone} if found.zone else {}
    return more | ({"loopback_box": found.url} if found.loopback else {})


def _of_nucliadb(_: Definition, facts: Mapping[str, str]) -> dict[str, str]:
    server = endpoint.parse_url(facts["url"], "url", plain_http=True)
    base = server.origin + server.path
    more = {"server": base, "api": f"{base}/api/v1"}
    if kb := facts.get("kb"):
        more["box"] = kb
        if server.loopback:
            more["loopback_box"] = f"{base}/api/v1/kb/{kb}"
    return more


def _of_key(_: Definition, facts: Mapping[str, str]) -> dict[str, str]:
    if "issuer" not in facts:  # the key is not opened
        return {"key_origin": facts["origin"]} if "origin" in facts else {}
    issuer = endpoint.parse_url(facts["issuer"], "issuer")
    root = endpoint.known_root(issuer.host)
    label = issuer.host.split(".", 1)[0]
    on_zone = root is not None and not endpoint.is_global_host(issuer.host)
    zone = label if on_zone else facts.get("zone")
    origin = facts.get("origin") or (None if root or issuer.loopback else issuer.origin)
    return {key: text for key, text in (("key_zone", zone), ("key_origin", origin)) if text}
