"""The Knowledge Box that an environment names: endpoint and key in all their spellings."""

from collections.abc import Callable
from typing import NamedTuple

from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.fields import as_boolean
from nucliactl.model.kinds import KB, NUCLIADB, USER
from nucliactl.model.profile import SecretRef
from nucliactl.sources.environment.candidate import PLUS, Candidate, complete, incomplete
from nucliactl.sources.environment.variables import (
    FILE,
    Environment,
    Held,
    Setting,
    checked_setting,
    differing,
    find_secret,
    not_by_file,
    pick,
)

_ARAG = "ARAG_"
_ARAG_ENDPOINTS = ("ARAG_KB_URL", "ARAG_KB_ID", "ARAG_ZONE", "ARAG_REGION")
_NO_ID = (
    "a Knowledge Box id has 32 hexadecimal digits; if this one is a slug, write it with s/ before it, "
    "in NUCLIA_KB_URL: {}/s/SLUG"
)


def base_url_is_nucliadb(env: Environment) -> bool:
    """NUCLIA_BASE_URL means a NucliaDB, unless its host is Nuclia's or an API key stands beside it."""
    found = pick(env, NUCLIADB.variables("base_url"))
    if found is None:
        return False
    url = endpoint.parse_url(found.value, found.variable, plain_http=True)
    domain = checked_setting(env, "domain", KB.name)
    if endpoint.known_root(url.host) or (domain and url.host.endswith("." + domain.value)):
        return False
    held = find_secret(env, kb_secrets(env))
    return held.ref is None and not (held.empty and pick(env, KB.variables("kb")))


def kb_secrets(env: Environment) -> tuple[str, ...]:
    """Return the variables in which an API key counts here.

    The ARAG names count beside an ARAG endpoint only, since others use ARAG_API_KEY for other things;
    NUCLIA_API_TOKEN beside a NUCLIA_URL that is a whole KB URL.
    """
    beside = any(env.variables.get(v) for v in _ARAG_ENDPOINTS) or any(
        is_nuclias(env.variables.get(v, "")) for v in KB.variables("arag_url")
    )
    found = tuple(v for v in KB.variables("api_key") if beside or not v.startswith(_ARAG))
    return (*found, *KB.variables("url_token")) if _whole_url(env) else found


def kb_urls(env: Environment) -> tuple[str, ...]:
    """Return the variables in which a whole KB URL counts here."""
    found = KB.variables("url")
    return (*found, *KB.variables("whole_url")) if _whole_url(env) else found


def kb_variables(env: Environment) -> list[str]:
    """Return the variables that say which Knowledge Box is meant, as far as they count here."""
    return [*kb_urls(env), *KB.variables("kb"), *KB.variables("api_url"), *arag_bases(env)]


def arag_bases(env: Environment) -> tuple[str, ...]:
    """Return the variables of an ARAG API base that count here: beside ARAG_KB_ID, on a known host or
    this machine. Elsewhere the name is another program's."""
    if not env.variables.get("ARAG_KB_ID"):
        return ()
    variables = KB.variables("arag_url")
    return tuple(v for v in variables if is_nuclias(env.variables.get(v, ""), loopback=True))


def _whole_url(env: Environment) -> bool:
    """Say whether NUCLIA_URL is a whole KB URL with NUCLIA_API_TOKEN beside it."""
    tokens = KB.variables("url_token")
    if not any(token + twin in env.variables for token in tokens for twin in ("", FILE)):
        return False
    return any(_is_kb_url(env.variables.get(v, "")) for v in KB.variables("whole_url"))


def _is_kb_url(text: str) -> bool:
    try:
        endpoint.parse_kb_url(text)
    except Malformed:
        return False
    return True


def is_nuclias(text: str, *, loopback: bool = False) -> bool:
    """Say whether a text is an address on a host of Nuclia's (or, with `loopback`, of this machine)."""
    try:
        url = endpoint.parse_url(text, "it", plain_http=True)
    except Malformed:
        return False
    return endpoint.known_root(url.host) is not None or (loopback and url.loopback)


class _Endpoint(NamedTuple):
    """The KB's URL if it is whole, the variables it is made of, and what is missing if it is not."""

    url: str | None
    used: list[str]
    missing: str = ""


def _kb_endpoint(env: Environment) -> _Endpoint:
    if found := _same(env, kb_urls(env), lambda v: endpoint.parse_kb_url(v.value, v.variable).url):
        return _Endpoint(endpoint.parse_kb_url(found.value, found.variable).url, [found.variable])
    kb = pick(env, KB.variables("kb"))
    if kb and "://" in kb.value:
        raise Malformed(
            f"{kb.variable} is a URL, where a Knowledge Box id belongs.",
            hint="A whole URL goes into NUCLIA_KB_URL.",
        )
    return _on_base(env, kb) or _in_zone(env, kb)


def _on_base(env: Environment, kb: Setting | None) -> _Endpoint | None:
    """The KB on the API base that is set; None where there is none, or only a global host's."""
    variables = KB.variables("api_url")
    if not base_url_is_nucliadb(env):
        variables += KB.variables("base_url")
    zones = tuple(v for v in (*variables, *arag_bases(env)) if not _is_global(env, v))
    base = _same(env, zones, lambda v: _bare(endpoint.api_base(v.value, v.variable)))
    if base is None:
        return None
    if kb is None:
        return _Endpoint(None, [], f"there is no NUCLIA_KBID to go with {base.variable}")
    text = f"{_bare(endpoint.api_base(base.value, base.variable))}/api/v1/kb/{kb.value}"
    url = endpoint.parse_kb_url(text, f"{base.variable} + {kb.variable}").url
    return _Endpoint(url, [base.variable, kb.variable])


def _in_zone(env: Environment, kb: Setting | None) -> _Endpoint:
    zone = checked_setting(env, "zone", KB.name)
    if zone and kb:
        domain = checked_setting(env, "domain", KB.name)
        template = checked_setting(env, "zone_url", USER.name)
        text = endpoint.kb_url(
            zone.value,
            kb.value,
            domain.value if domain else endpoint.DEFAULT_DOMAIN,
            template.value if template else None,
        )
        url = endpoint.parse_kb_url(text, f"{zone.variable} + {kb.variable}").url
        return _Endpoint(url, [zone.variable, kb.variable])
    if kb:
        return _Endpoint(None, [], f"there is no NUCLIA_KB_URL (or NUCLIA_ZONE beside {kb.variable})")
    if zone:
        return _Endpoint(None, [], f"there is no NUCLIA_KBID to go with {zone.variable}")
    return _Endpoint(None, [], "there is no NUCLIA_KB_URL")


def _same(env: Environment, variables: tuple[str, ...], form: Callable[[Setting], str]) -> Setting | None:
    """Return the first variable that is set; Ambiguous where another one means something else."""
    found = [Setting(env.variables[v], v) for v in variables if env.variables.get(v)]
    for other in found[1:]:
        if form(other) != form(found[0]):
            raise differing(env, found[0].variable, other.variable)
    return found[0] if found else None


def _is_global(env: Environment, variable: str) -> bool:
    text = env.variables.get(variable)
    return bool(text) and endpoint.is_global_host(endpoint.api_base(text or "", variable).host)


def _bare(url: endpoint.Url) -> str:
    return url.origin + url.path


def _names_a_kb(env: Environment) -> bool:
    variables = (*kb_urls(env), *KB.variables("kb"))
    return any(env.variables.get(variable) for variable in variables)


def read_kb(env: Environment) -> Candidate | None:
    held = find_secret(env, kb_secrets(env))
    if held.ref is None and held.variable is None and not _names_a_kb(env):
        return None  # a zone alone is no credential, whatever it says
    url, used, missing = _kb_endpoint(env)
    if url is None:
        if held.ref is None or held.variable is None:
            return None
        hint = "Set NUCLIA_KB_URL to the Knowledge Box's URL."
        return incomplete(env, KB.name, [held.variable], missing, hint)
    return _judged(_with_secret(env, url, used, held))


def _with_secret(env: Environment, url: str, used: list[str], held: Held) -> Candidate:
    """The candidate of a KB whose endpoint is whole."""
    kind = KB.name
    given = {"url": Setting(url, PLUS.join(used))}
    if account := checked_setting(env, "account", kind):
        given["account"] = account
    if held.ref is not None:
        return complete(env, kind, given, held.ref, [*used, held.variable or ""])
    if held.empty:
        text = held.empty if " " in held.empty else f"{held.empty} is set but empty"
        hint = "Give it the API key (a CI run of a fork has no secrets), or unset the URL."
        return incomplete(env, kind, used, text, hint)
    flag = pick(env, KB.variables("public"))
    if flag and as_boolean(flag.value, flag.variable):
        return complete(env, kind, given, SecretRef("none"), [*used, flag.variable], public=True)
    if endpoint.parse_kb_url(url).loopback:
        return complete(env, kind, given, SecretRef("none"), used)
    return _without_key(env, used)


def _without_key(env: Environment, used: list[str]) -> Candidate:
    variable = KB.variables("api_key")[0]
    or_file = f" (or {variable}{FILE})" if env.files else ""
    hint = f"Set {variable}{or_file}, or NUCLIA_KB_PUBLIC=1 for a public one."
    return incomplete(env, KB.name, used, f"there is no {variable}", not_by_file(env, kb_secrets(env)) + hint)


def _judged(candidate: Candidate) -> Candidate:
    """Say that a KB's id is none, which the service would answer with “not found”."""
    definition = candidate.definition
    url = definition.get("url") if definition else None
    if definition is None or url is None:
        return candidate
    found = endpoint.parse_kb_url(url)
    if found.is_slug or endpoint.is_uuid(found.kb):
        return candidate
    warning = _NO_ID.format(f"{found.base}/kb")
    return candidate._replace(definition=definition._replace(warnings=(*definition.warnings, warning)))
