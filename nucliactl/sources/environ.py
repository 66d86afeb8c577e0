"""Credentials that an environment offers, complete or not, one reader a kind.

Every spelling comes from the declaration of fields.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from nucliactl.errors import Incomplete, NucliactlError, Refused
from nucliactl.model import endpoint
from nucliactl.model.defining import define
from nucliactl.model.fields import as_boolean, field, secret_field
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import KB, NUA, NUCLIADB, PERSONAL_TOKEN, USER
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.sources.variables import FILE, Environment, Found, checked, find_secret, pick

_PLUS = " + "
_SIGNED_IN_URLS = ("domain", "global_url", "oauth_url", "zone_url")


class Offer(NamedTuple):
    """One credential an environment offers: a definition, or the error that says why it is none."""

    kind: str
    variables: tuple[str, ...]
    source: Source
    definition: Definition | None
    problem: NucliactlError | None


def offers(env: Environment) -> tuple[Offer, ...]:
    """Return what an environment offers, complete or not, in the order of the kinds."""
    return tuple(_offers(env))


def _offers(env: Environment) -> Iterator[Offer]:
    for kind, read in _READERS.items():
        try:
            offer = read(env)
        except NucliactlError as error:
            variables = _set_variables(env, kind)
            yield Offer(kind, variables, env.place(variables), None, error)
        else:
            if offer is not None:
                yield _allowed(env, offer)


def _allowed(env: Environment, offer: Offer) -> Offer:
    """Refuse an offer of a source that is not trusted, where it leads to an origin nobody allowed."""
    for origin in offer.definition.origins if offer.definition and env.allow else ():
        if env.allow and not env.allow(origin):
            problem = Refused(
                f"{offer.source.location} leads to {origin}, which is no known Nuclia host.",
                hint=f'If you trust it: allowed_origins = ["{origin}"] in config.toml of the store. '
                "Or leave the project out: --no-project",
            )
            return offer._replace(definition=None, problem=problem)
    return offer


def _set_variables(env: Environment, kind: str) -> tuple[str, ...]:
    """Return which variables of a kind are set, for an error's source."""
    names = [v for f in ("url", "kb") if _has(f, kind) for v in field(f, kind).variables]
    secret = secret_field(kind)
    for variable in secret.variables if secret else ():
        names += [variable, variable + FILE]
    if kind == NUCLIADB.name:
        names += field("base_url", kind).variables
    return tuple(v for v in names if env.variables.get(v))


def _has(name: str, kind: str) -> bool:
    try:
        field(name, kind)
    except KeyError:
        return False
    return True


def _offer(
    env: Environment,
    kind: str,
    given: Mapping[str, Found],
    ref: SecretRef,
    used: list[str],
    **fixed: Any,
) -> Offer:
    """Make a complete offer of what was found; `fixed` are values no single variable stands for."""
    source = env.place(used)
    values = {key: found.value for key, found in given.items()}
    places = {key: env.place(found.variable.split(_PLUS)) for key, found in given.items()}
    if secret := secret_field(kind):
        places[secret.name] = env.place([used[-1]])
    definition = define(env.name, kind, {**values, **fixed}, source, ref, places)
    return Offer(kind, tuple(used), source, definition, None)


def _incomplete(env: Environment, kind: str, used: list[str], missing: str, hint: str) -> Offer:
    where = f"{' and '.join(used)} in {env.label}"
    problem = Incomplete(f"{where}: {missing}.", hint=hint)
    return Offer(kind, tuple(used), env.place(used), None, problem)


def _signed_in(kind: str, env: Environment) -> Offer | None:
    declared = secret_field(kind)
    assert declared is not None
    held = find_secret(env, declared.variables)
    if held.ref is None:
        if held.variable and held.empty:
            return _incomplete(env, kind, [held.variable], held.empty, "Write the token into it.")
        return None
    given = {
        name: found for name in (*_SIGNED_IN_URLS, "account", "zone") if (found := checked(env, name, kind))
    }
    return _offer(env, kind, given, held.ref, [held.variable or ""])


def _nua(env: Environment) -> Offer | None:
    declared = secret_field(NUA.name)
    assert declared is not None
    held = find_secret(env, declared.variables)
    origin = checked(env, "origin", NUA.name)
    variable = held.variable or declared.variables[0]
    if held.ref is None:
        if held.empty and (origin or held.variable):
            text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
            used = [origin.variable] if origin else [variable]
            return _incomplete(env, NUA.name, used, text, f"Set {variable} to the key.")
        return None
    given = {"origin": origin} if origin else {}
    if held.ref.value is not None:
        claims = read_nua(held.ref.value, variable)
        given["issuer"] = Found(claims.issuer, variable)
        check_issuer(claims.issuer, origin.value if origin else None, variable)
    return _offer(env, NUA.name, given, held.ref, [variable])


def _base_url_is_nucliadb(env: Environment) -> bool:
    """NUCLIA_BASE_URL means a NucliaDB, unless its host is Nuclia's or an API key stands beside it."""
    found = pick(env, field("base_url", NUCLIADB.name).variables)
    if found is None:
        return False
    url = endpoint.parse_url(found.value, found.variable, plain_http=True)
    domain = checked(env, "domain", KB.name)
    if endpoint.known_root(url.host) or (domain and url.host.endswith("." + domain.value)):
        return False
    held = find_secret(env, _kb_secret_variables(env))
    return held.ref is None and not (held.empty and pick(env, field("kb", KB.name).variables))


def _nucliadb(env: Environment) -> Offer | None:
    variables = field("url", NUCLIADB.name).variables
    if _base_url_is_nucliadb(env):
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
    return _offer(env, NUCLIADB.name, given, SecretRef("none"), [found.variable])


def _bare(found: Found) -> str:
    url = endpoint.api_base(found.value, found.variable, plain_http=True)
    return url.origin + url.path


def _kb_secret_variables(env: Environment) -> tuple[str, ...]:
    """The ARAG names count only beside an ARAG endpoint: others use ARAG_API_KEY for other things."""
    beside = any(env.variables.get(v) for v in ("ARAG_KB_URL", "ARAG_KB_ID", "ARAG_ZONE", "ARAG_REGION"))
    declared = field("api_key", KB.name).variables
    return tuple(v for v in declared if beside or not v.startswith("ARAG_"))


def _kb_endpoint(env: Environment) -> tuple[str | None, list[str], str]:
    """Return the KB's URL if it is whole, the variables it is made of, and what is missing if not."""
    if url := pick(env, field("url", KB.name).variables):
        return endpoint.parse_kb_url(url.value, url.variable).url, [url.variable], ""
    kb = pick(env, field("kb", KB.name).variables)
    bases = [pick(env, field("api_url", KB.name).variables)]
    if not _base_url_is_nucliadb(env):
        bases.append(pick(env, field("base_url", KB.name).variables))
    for base in bases:
        if base is None:
            continue
        url_parts = endpoint.api_base(base.value, base.variable)
        if endpoint.is_global_host(url_parts.host):
            continue
        if kb is None:
            return None, [], f"there is no NUCLIA_KBID to go with {base.variable}"
        text = f"{url_parts.origin}{url_parts.path}/api/v1/kb/{kb.value}"
        what = f"{base.variable} + {kb.variable}"
        return endpoint.parse_kb_url(text, what).url, [base.variable, kb.variable], ""
    zone = checked(env, "zone", KB.name)
    if zone and kb:
        domain = checked(env, "domain", KB.name)
        template = checked(env, "zone_url", USER.name)
        text = endpoint.kb_url(
            zone.value,
            kb.value,
            domain.value if domain else endpoint.DEFAULT_DOMAIN,
            template.value if template else None,
        )
        what = f"{zone.variable} + {kb.variable}"
        return endpoint.parse_kb_url(text, what).url, [zone.variable, kb.variable], ""
    if kb:
        return None, [], f"there is no NUCLIA_KB_URL (or NUCLIA_ZONE beside {kb.variable})"
    if zone:
        return None, [], f"there is no NUCLIA_KBID to go with {zone.variable}"
    return None, [], "there is no NUCLIA_KB_URL"


def _names_a_kb(env: Environment) -> bool:
    variables = (*field("url", KB.name).variables, *field("kb", KB.name).variables)
    return any(env.variables.get(variable) for variable in variables)


def _kb(env: Environment) -> Offer | None:
    kind = KB.name
    declared = field("api_key", kind)
    held = find_secret(env, _kb_secret_variables(env))
    if held.ref is None and held.variable is None and not _names_a_kb(env):
        return None  # a zone alone is no credential, whatever it says
    url, used, missing = _kb_endpoint(env)
    if url is None:
        if held.ref is None or held.variable is None:
            return None
        hint = "Set NUCLIA_KB_URL to the Knowledge Box's URL."
        return _incomplete(env, kind, [held.variable], f"{missing}", hint)
    given = {"url": Found(url, _PLUS.join(used))}
    if account := checked(env, "account", kind):
        given["account"] = account
    if held.ref is not None:
        return _offer(env, kind, given, held.ref, [*used, held.variable or ""])
    variable = declared.variables[0]
    if held.empty:
        text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
        hint = "Give it the API key (a CI run of a fork has no secrets), or unset the URL."
        return _incomplete(env, kind, used, text, hint)
    flag = pick(env, field("public", kind).variables)
    if flag and as_boolean(flag.value, flag.variable):
        return _offer(env, kind, given, SecretRef("none"), [*used, flag.variable], public=True)
    if endpoint.parse_kb_url(url).loopback:
        return _offer(env, kind, given, SecretRef("none"), used)
    hint = f"Set {variable} (or {variable}{FILE}), or NUCLIA_KB_PUBLIC=1 for a public one."
    return _incomplete(env, kind, used, f"there is no {variable}", hint)


_READERS: dict[str, Callable[[Environment], Offer | None]] = {
    USER.name: lambda env: _signed_in(USER.name, env),
    PERSONAL_TOKEN.name: lambda env: _signed_in(PERSONAL_TOKEN.name, env),
    KB.name: _kb,
    NUA.name: _nua,
    NUCLIADB.name: _nucliadb,
}
