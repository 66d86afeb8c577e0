"""Credentials that an environment offers, complete or not, one reader a kind.

Every spelling comes from the declaration of fields.
"""

import os
from collections.abc import Callable, Iterator

from nucliactl.errors import NucliactlError, Refused
from nucliactl.model import endpoint
from nucliactl.model.fields import FIELDS, field, secret_field
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import AGENT, KB, NUA, NUCLIADB, PERSONAL_TOKEN, USER, KindName
from nucliactl.model.profile import SecretRef
from nucliactl.model.recognise import no_secret
from nucliactl.sources.environment.candidate import Candidate, complete, incomplete
from nucliactl.sources.environment.kb import arag_bases, base_url_is_nucliadb, kb_secrets, kb_urls, read_kb
from nucliactl.sources.environment.variables import (
    FILE,
    Environment,
    Setting,
    checked_setting,
    find_secret,
    located,
    not_by_file,
    pick,
)

_ENDPOINTS = ("url", "agent", "whole_url", "url_token")
_SIGNED_IN_URLS = ("domain", "global_url", "oauth_url", "zone_url")


def candidates(env: Environment) -> tuple[Candidate, ...]:
    """Return what an environment offers, complete or not, in the order of the kinds."""
    return tuple(_candidates(env))


def candidate_of(env: Environment, kind: KindName) -> Candidate | None:
    """Return what an environment offers of one kind; raises what its reader raises."""
    return _READERS[kind](env)


def _candidates(env: Environment) -> Iterator[Candidate]:
    for kind, read in _READERS.items():
        try:
            candidate = read(env)
        except NucliactlError as error:
            variables = _set_variables(env, kind)
            candidate = Candidate(kind, variables, env.place(variables), None, error)
        if candidate is not None:
            yield _located(env, _allowed(env, candidate))


def _located(env: Environment, candidate: Candidate) -> Candidate:
    if candidate.problem is None:
        return candidate
    return candidate._replace(problem=located(env, candidate.problem, candidate.variables))


def empty_variables(env: Environment) -> tuple[str, ...]:
    """Return the variables of credentials that are set but empty: they count as not set."""
    names = [v for f in FIELDS if f.secret or f.name in _ENDPOINTS for v in f.variables]
    return tuple(v for name in names for v in (name, name + FILE) if env.variables.get(v) == "")


def _allowed(env: Environment, candidate: Candidate) -> Candidate:
    """Refuse a candidate of a source that is not trusted, where it leads to an origin nobody allowed."""
    for origin in candidate.definition.origins if candidate.definition and env.allow else ():
        if env.allow and not env.allow(origin):
            problem = Refused(
                f"{candidate.source.location} leads to {origin}, which is no known Nuclia host.",
                hint=f'If you trust it: allowed_origins = ["{origin}"] in config.toml of the store. '
                "Or leave the project out: --no-project",
            )
            return candidate._replace(definition=None, problem=problem)
    return candidate


def _set_variables(env: Environment, kind: KindName) -> tuple[str, ...]:
    """Return which variables of a kind are set, for an error's source."""
    if kind == KB.name:
        names = [
            *kb_urls(env),
            *field("kb", kind).variables,
            *field("api_url", kind).variables,
            *arag_bases(env),
        ]
        secrets = kb_secrets(env)
    else:
        named = ("url", "agent", "base_url")
        names = [v for f in named if _has(f, kind) for v in field(f, kind).variables]
        secret = secret_field(kind)
        secrets = secret.variables if secret else ()
    names += [variable + twin for variable in secrets for twin in ("", FILE)]
    return tuple(v for v in names if env.variables.get(v))


def _has(name: str, kind: KindName) -> bool:
    try:
        field(name, kind)
    except KeyError:
        return False
    return True


def _signed_in(kind: KindName, env: Environment) -> Candidate | None:
    declared = secret_field(kind)
    assert declared is not None
    held = find_secret(env, declared.variables)
    if held.ref is None:
        if held.variable and held.empty:
            return incomplete(env, kind, [held.variable], held.empty, "Write the token into it.")
        return None
    given = {
        name: found
        for name in (*_SIGNED_IN_URLS, "account", "zone")
        if (found := checked_setting(env, name, kind))
    }
    return complete(env, kind, given, held.ref, [held.variable or ""])


def _nua(env: Environment) -> Candidate | None:
    declared = secret_field(NUA.name)
    assert declared is not None
    held = find_secret(env, declared.variables)
    origin = checked_setting(env, "origin", NUA.name)
    variable = held.variable or declared.variables[0]
    if held.ref is None:
        if held.empty and (origin or held.variable):
            text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
            used = [origin.variable] if origin else [variable]
            return incomplete(env, NUA.name, used, text, f"Set {variable} to the key.")
        return None
    given = {"origin": origin} if origin else {}
    if held.ref.value is not None and not no_secret(NUA.name, held.ref.value.reveal(), os.path.exists):
        claims = read_nua(held.ref.value, variable)
        given["issuer"] = Setting(claims.issuer, variable)
        check_issuer(claims.issuer, origin.value if origin else None, variable)
    return complete(env, NUA.name, given, held.ref, [variable])


def _nucliadb(env: Environment) -> Candidate | None:
    variables = field("url", NUCLIADB.name).variables
    if base_url_is_nucliadb(env):
        base = pick(env, field("base_url", NUCLIADB.name).variables)
        ours = pick(env, variables)
        if base and ours and _bare(base) != _bare(ours):
            pick(env, (*variables, base.variable))
        found = ours or base
    else:
        found = pick(env, variables)
    if found is None:
        return None
    given = {"url": found._replace(value=_bare(found))}
    if kb := pick(env, field("kb", NUCLIADB.name).variables):
        given["kb"] = kb
    return complete(env, NUCLIADB.name, given, SecretRef("none"), [found.variable])


def _agent(env: Environment) -> Candidate | None:
    held = find_secret(env, field("api_key", AGENT.name).variables)
    names = {name: pick(env, field(name, AGENT.name).variables) for name in ("url", "agent")}
    given = {name: found for name, found in names.items() if found is not None}
    used = [found.variable for found in given.values()]
    if held.ref is None and held.empty is None and not given:
        return None
    if held.ref is None:
        variable = field("api_key", AGENT.name).variables[0]
        if not given:
            return None
        missing = f"{held.empty} is set but empty" if held.empty else f"there is no {variable}"
        hint = f"{not_by_file(env, (variable,))}Set {variable} to the agent's API key."
        return incomplete(env, AGENT.name, used, missing, hint)
    for name in ("url", "agent"):
        if name not in given:
            missing = field(name, AGENT.name).variables[0]
            return incomplete(
                env, AGENT.name, [held.variable or ""], f"there is no {missing}", f"Set {missing}."
            )
    if account := checked_setting(env, "account", AGENT.name):
        given["account"] = account
    return complete(env, AGENT.name, given, held.ref, [*used, held.variable or ""])


def _bare(found: Setting) -> str:
    url = endpoint.api_base(found.value, found.variable, plain_http=True)
    endpoint.check_not_cloud(url, found.variable)
    return url.origin + url.path


_READERS: dict[KindName, Callable[[Environment], Candidate | None]] = {
    USER.name: lambda env: _signed_in(USER.name, env),
    PERSONAL_TOKEN.name: lambda env: _signed_in(PERSONAL_TOKEN.name, env),
    KB.name: read_kb,
    NUA.name: _nua,
    NUCLIADB.name: _nucliadb,
    AGENT.name: _agent,
}
