"""What a document of profiles means. Each is checked as a definition of the store is; nothing is saved."""

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.disk.paths import beside
from nucliactl.errors import Damaged, Malformed, NotThere, Refused
from nucliactl.login.draft import check_given
from nucliactl.login.save import DERIVED
from nucliactl.model.definition import kept_nowhere, parse_definition
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import KINDS, NUA
from nucliactl.model.names import check_name
from nucliactl.model.profile import Definition, Source
from nucliactl.model.ways import WAYS
from nucliactl.profiles.document import Described, Parsed, parsed, revealed
from nucliactl.secret import Secret, header_value
from nucliactl.sources.environment.candidates import candidates
from nucliactl.sources.environment.variables import Environment

STDIN = "standard input"


class Incoming(NamedTuple):
    """A profile to be saved: its definition, the keys for its file (no secret among them), and the secret
    that comes with it. `name` is None where it has to get one."""

    name: str | None
    definition: Definition
    keys: dict[str, Any]
    secret: Secret | None


class Trusted(NamedTuple):
    """What a document may do: `origin` says whether a secret kept elsewhere may be sent there, `commands`
    whether programs may hand out secrets."""

    origin: Callable[[str], bool]
    commands: bool


def read_in(data: bytes, place: str, name: str | None, trusted: Trusted) -> tuple[Incoming, ...]:
    """Return the profiles of a document. `place` is where it is, for errors; `name` replaces that of the one
    profile it holds.

    Raises Damaged for what is no document, Malformed or Refused for a profile in it, NotThere for a `.env`
    without a credential.
    """
    stem = os.path.splitext(os.path.basename(place))[0]
    document = parsed(data, place, stem if place != STDIN else None)
    if document.variables is not None:
        found = _of_variables(document, document.variables, place)
    else:
        found = tuple(incoming_of(one, place) for one in document.profiles)
    if name is not None:
        if len(found) != 1:
            raise Malformed(
                f"{place} holds {len(found)} profiles, and --name names one.", hint="Leave out --name."
            )
        found = tuple(one._replace(name=check_name(name)) for one in found)
    for one in found:
        _check(one, place, trusted)
    return found


def incoming_of(one: Described, place: str) -> Incoming:
    """Return a described profile to be saved; raises as `read_in` does for one in a document."""
    name, table = one.name, revealed(one)
    try:
        if name is not None:
            check_name(name)
        definition = parse_definition(name or "new", table, Source("flag", place), kept_nowhere)
    except Damaged:
        raise
    except Malformed as error:
        said = f"{place}, profile {name}" if name and name == _safe(name) else place
        raise Malformed(f"{said}: {error.message}", hint=error.hint) from None
    kind = KINDS[definition.kind]
    keys = {key: value for key, value in table.items() if key != "kind"}
    if definition.secret.way == "file" and kind.secret:
        keys[f"{kind.secret.name}_file"] = _absolute(definition.secret.where, place)
    if kind.secret:
        keys.pop(kind.secret.name, None)
    return _completed(Incoming(name, definition, keys, definition.secret.value), place)


def _absolute(path: str, place: str) -> str:
    """Return a path that a document names: a relative one begins where the document is."""
    path = beside(place, path)
    if place == STDIN and not os.path.isabs(path):
        raise Malformed(f"{place}: {path} is not an absolute path.", hint="Write the whole path.")
    return path


def _safe(name: str) -> str:
    try:
        return check_name(name)
    except Malformed:
        return ""


def _of_variables(document: Parsed, env: Environment, place: str) -> tuple[Incoming, ...]:
    found = []
    for candidate in candidates(env):
        if candidate.definition is None:
            assert candidate.problem is not None
            raise candidate.problem
        definition = candidate.definition
        derived = DERIVED.get(definition.kind, ())
        keys = {key: value for key, value in definition.values.items() if key not in derived}
        if definition.kind == "nucliadb" and "kb" in definition.values:
            keys["kb"] = definition.values["kb"]
        way, declared = WAYS[definition.secret.way], KINDS[definition.kind].secret
        if declared and way.opens == "late":
            keys[f"{declared.name}{way.suffix}"] = definition.secret.where
        name = document.name_above([env.lines[v] for v in candidate.variables if v in env.lines])
        one = Incoming(check_name(name) if name else None, definition, keys, definition.secret.value)
        found.append(_completed(one, place))
    if not found:
        raise NotThere(f"There is no credential in {place}.", hint=f"Log in instead: {hints.LOGINS}")
    return tuple(found)


def _completed(one: Incoming, place: str) -> Incoming:
    """Add what a NUA key itself says: its issuer and its client id."""
    if one.secret is None:
        return one
    header_value(one.secret, place)
    check_given(one.definition.kind, one.secret)
    if one.definition.kind != NUA.name:
        return one
    claims = read_nua(one.secret, f"The key in {place}")
    check_issuer(claims.issuer, one.definition.get("origin"), place)
    said = {"issuer": claims.issuer} | ({"identity": claims.client_id} if claims.client_id else {})
    keys = {**said, **one.keys}
    stated, check = one.definition.get("issuer"), NUA.field("issuer").check
    if check and stated == check(claims.issuer, place):
        return one._replace(keys=keys)
    if stated is not None:
        raise Refused(
            f"{place}: the NUA key was issued by {claims.issuer}, and its profile says {stated}.",
            hint="Nothing was saved. Correct issuer, or leave it out.",
        )
    table = {"kind": NUA.name, **keys}
    again = parse_definition(one.definition.name, table, one.definition.source, kept_nowhere)
    return one._replace(keys=keys, definition=again)


def _check(one: Incoming, place: str, trusted: Trusted) -> None:
    """Hold a profile of a document to what a document is trusted with."""
    way, declared = WAYS[one.definition.secret.way], KINDS[one.definition.kind].secret
    key = f"{declared.name}{way.suffix}" if declared else ""
    if way.runs and not trusted.commands:
        raise Refused(
            f"{place}: {one.definition.name} would run a command to get its secret ({key}).",
            hint="Nothing was saved. If you trust whoever made it: --allow-commands",
        )
    domain = one.definition.get("domain")
    if domain and not one.definition.is_below(domain) and not trusted.origin(f"https://accounts.{domain}"):
        raise Refused(
            f"{place}: {one.definition.name} names the domain {domain}, and its credential goes elsewhere.",
            hint="Nothing was saved. Programs would send a sign-in of their own there. If you trust it: "
            f'allowed_origins = ["https://accounts.{domain}"] in config.toml of the store.',
        )
    if way.opens == "late" or one.definition.secret.way == "session":
        for origin in one.definition.origins:
            if not trusted.origin(origin):
                raise Refused(
                    f"{place}: {one.definition.name} would send a secret that is kept here to {origin}, "
                    "which is not a known Nuclia host.",
                    hint=f'If you trust it: allowed_origins = ["{origin}"] in config.toml of the store.',
                )
