"""The Knowledge Box that an environment names: endpoint and key in all their spellings."""

from nucliactl.model import endpoint
from nucliactl.model.fields import as_boolean, field
from nucliactl.model.kinds import KB, NUCLIADB, USER
from nucliactl.model.profile import SecretRef
from nucliactl.sources.offer import PLUS, Offer, complete, incomplete
from nucliactl.sources.variables import FILE, Environment, Found, checked, find_secret, pick


def base_url_is_nucliadb(env: Environment) -> bool:
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
    if not base_url_is_nucliadb(env):
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


def read_kb(env: Environment) -> Offer | None:
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
        return incomplete(env, kind, [held.variable], f"{missing}", hint)
    given = {"url": Found(url, PLUS.join(used))}
    if account := checked(env, "account", kind):
        given["account"] = account
    if held.ref is not None:
        return complete(env, kind, given, held.ref, [*used, held.variable or ""])
    variable = declared.variables[0]
    if held.empty:
        text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
        hint = "Give it the API key (a CI run of a fork has no secrets), or unset the URL."
        return incomplete(env, kind, used, text, hint)
    flag = pick(env, field("public", kind).variables)
    if flag and as_boolean(flag.value, flag.variable):
        return complete(env, kind, given, SecretRef("none"), [*used, flag.variable], public=True)
    if endpoint.parse_kb_url(url).loopback:
        return complete(env, kind, given, SecretRef("none"), used)
    or_file = f" (or {variable}{FILE})" if env.files else ""
    hint = f"Set {variable}{or_file}, or NUCLIA_KB_PUBLIC=1 for a public one."
    unread = next((v + FILE for v in declared.variables if env.variables.get(v + FILE)), None)
    if unread and not env.files:
        hint = f"{unread} is not honoured in a project's .env: it could show any file. " + hint
    return incomplete(env, kind, used, f"there is no {variable}", hint)
