"""Reading the credentials that an environment offers, complete or not: one reader a kind.

Every spelling comes from the declaration of fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from nucliactl.disk.witness import exists_unnoted
from nucliactl.errors import NucliactlError, Refused
from nucliactl.model import endpoint
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import AGENT, KB, KINDS, LOGIN_ADDRESSES, NUA, NUCLIADB, PERSONAL_TOKEN, USER, Kind
from nucliactl.model.profile import SecretRef
from nucliactl.model.recognise import no_secret
from nucliactl.sources.environment.candidate import Candidate, complete, incomplete
from nucliactl.sources.environment.kb import base_url_is_nucliadb, kb_secrets, kb_variables, read_kb
from nucliactl.sources.environment.values import Setting, checked_setting, find_secret, not_by_file, pick
from nucliactl.sources.environment.variables import FILE, Environment, located

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName


def read_all(env: Environment) -> Iterator[Candidate]:
    """Yield what an environment offers, in the order of the kinds."""
    for kind, read in READERS.items():
        try:
            candidate = read(env)
        except NucliactlError as error:
            variables = _set_variables(env, KINDS[kind])
            candidate = Candidate(kind, variables, env.place(variables), None, error)
        if candidate is not None:
            candidate = _allowed(env, candidate)
            problem = candidate.problem and located(env, candidate.problem, candidate.variables)
            yield candidate._replace(problem=problem)


def _allowed(env: Environment, candidate: Candidate) -> Candidate:
    """Refuse a candidate of a source that is not trusted, where it leads to an origin nobody allowed."""
    for origin in candidate.definition.origins if candidate.definition and env.allow else ():
        if env.allow and not env.allow(origin):
            problem = Refused(
                f"{candidate.source.location} leads to {origin}, which is not a known Nuclia host.",
                hint=f'If you trust it: allowed_origins = ["{origin}"] in config.toml of the store. '
                "Or leave the project out: --no-project",
            )
            return candidate._replace(definition=None, problem=problem)
    return candidate


def _set_variables(env: Environment, kind: Kind) -> tuple[str, ...]:
    """Return which variables of a kind are set, for an error's source."""
    if kind is KB:
        names, secrets = kb_variables(env), kb_secrets(env)
    else:
        names = [v for declared in kind.fields if declared.address for v in declared.variables]
        secrets = kind.secret.variables if kind.secret else ()
    names += [variable + twin for variable in secrets for twin in ("", FILE)]
    return tuple(v for v in names if env.variables.get(v))


def _signed_in(kind: Kind, env: Environment) -> Candidate | None:
    held = find_secret(env, kind.variables("token"))
    if held.ref is None:
        if held.variable and held.empty:
            return incomplete(env, kind.name, [held.variable], held.empty, "Write the token into it.")
        return None
    given = {
        name: found
        for name in (*LOGIN_ADDRESSES, "account", "zone")
        if (found := checked_setting(env, name, kind.name))
    }
    return complete(env, kind.name, given, held.ref, [held.variable or ""])


def _nua(env: Environment) -> Candidate | None:
    spellings = NUA.variables("nua_key")
    held = find_secret(env, spellings)
    origin = checked_setting(env, "origin", NUA.name)
    variable = held.variable or spellings[0]
    if held.ref is None:
        if held.empty and (origin or held.variable):
            text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
            used = [origin.variable] if origin else [variable]
            return incomplete(env, NUA.name, used, text, f"Set {variable} to the key.")
        return None
    given = {"origin": origin} if origin else {}
    if held.ref.value is not None and not no_secret(NUA.name, held.ref.value.reveal(), exists_unnoted):
        claims = read_nua(held.ref.value, variable)
        given["issuer"] = Setting(claims.issuer, variable)
        check_issuer(claims.issuer, origin.value if origin else None, variable)
    return complete(env, NUA.name, given, held.ref, [variable])


def _nucliadb(env: Environment) -> Candidate | None:
    also = NUCLIADB.variables("base_url") if base_url_is_nucliadb(env) else ()
    found = pick(env, (*NUCLIADB.variables("url"), *also), _bare)
    if found is None:
        return None
    given = {"url": found._replace(value=_bare(found))}
    if kb := pick(env, NUCLIADB.variables("kb")):
        given["kb"] = kb
    return complete(env, NUCLIADB.name, given, SecretRef("none"), [found.variable])


def _agent(env: Environment) -> Candidate | None:
    held = find_secret(env, AGENT.variables("api_key"))
    names = {name: pick(env, AGENT.variables(name)) for name in ("url", "agent")}
    given = {name: found for name, found in names.items() if found is not None}
    used = [found.variable for found in given.values()]
    if held.ref is None:
        variable = AGENT.variables("api_key")[0]
        if not given:
            return None
        missing = f"{held.empty} is set but empty" if held.empty else f"there is no {variable}"
        hint = f"{not_by_file(env, (variable,))}Set {variable} to the agent's API key."
        return incomplete(env, AGENT.name, used, missing, hint)
    for name in ("url", "agent"):
        if name not in given:
            missing = AGENT.variables(name)[0]
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


READERS: dict[KindName, Callable[[Environment], Candidate | None]] = {
    USER.name: partial(_signed_in, USER),
    PERSONAL_TOKEN.name: partial(_signed_in, PERSONAL_TOKEN),
    KB.name: read_kb,
    NUA.name: _nua,
    NUCLIADB.name: _nucliadb,
    AGENT.name: _agent,
}
