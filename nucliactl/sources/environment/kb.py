"""The Knowledge Box that an environment names: endpoint and key in all their spellings."""

from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.fields import as_boolean
from nucliactl.model.kinds import KB, NUCLIADB, USER
from nucliactl.model.profile import SecretRef
from nucliactl.sources.environment.candidate import PLUS, Candidate, complete, incomplete
from nucliactl.sources.environment.values import (
    Held,
    Setting,
    checked_setting,
    find_secret,
    not_by_file,
    pick,
)
from nucliactl.sources.environment.variables import FILE, Environment

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


def _whole(*parts: Setting, text: str | None = None) -> Setting:
    """The KB's URL, with the variables it is made of."""
    made_of = PLUS.join(part.variable for part in parts)
    return Setting(endpoint.parse_kb_url(text or parts[0].value, made_of).url, made_of)


def _kb_endpoint(env: Environment) -> Setting | str:
    """The KB's URL, or what is missing of it."""
    if found := pick(env, kb_urls(env), lambda url: _whole(url).value):
        return _whole(found)
    kb = pick(env, KB.variables("kb"))
    if kb and "://" in kb.value:
        raise Malformed(
            f"{kb.variable} is a URL, where a Knowledge Box id belongs.",
            hint="A whole URL goes into NUCLIA_KB_URL.",
        )
    return _on_base(env, kb) or _in_zone(env, kb)


def _on_base(env: Environment, kb: Setting | None) -> Setting | str | None:
    """The KB on the API base that is set; None where there is none, or only a global host's."""
    variables = KB.variables("api_url")
    if not base_url_is_nucliadb(env):
        variables += KB.variables("base_url")
    zones = tuple(v for v in (*variables, *arag_bases(env)) if not _is_global(env, v))
    base = pick(env, zones, _bare)
    if base is None:
        return None
    if kb is None:
        return f"there is no NUCLIA_KBID to go with {base.variable}"
    return _whole(base, kb, text=f"{_bare(base)}/api/v1/kb/{kb.value}")


def _in_zone(env: Environment, kb: Setting | None) -> Setting | str:
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
        return _whole(zone, kb, text=text)
    if kb:
        return f"there is no NUCLIA_KB_URL (or NUCLIA_ZONE beside {kb.variable})"
    return f"there is no NUCLIA_KBID to go with {zone.variable}" if zone else "there is no NUCLIA_KB_URL"


def _is_global(env: Environment, variable: str) -> bool:
    text = env.variables.get(variable)
    return bool(text) and endpoint.is_global_host(endpoint.api_base(text or "", variable).host)


def _bare(base: Setting) -> str:
    url = endpoint.api_base(base.value, base.variable)
    return url.origin + url.path


def read_kb(env: Environment) -> Candidate | None:
    held = find_secret(env, kb_secrets(env))
    names = (*kb_urls(env), *KB.variables("kb"))
    if held.ref is None and held.variable is None and not any(env.variables.get(name) for name in names):
        return None  # a zone alone is no credential, whatever it says
    url = _kb_endpoint(env)
    if isinstance(url, Setting):
        return _judged(_with_secret(env, url, held))
    if held.ref is None or held.variable is None:
        return None
    hint = "Set NUCLIA_KB_URL to the Knowledge Box's URL."
    return incomplete(env, KB.name, [held.variable], url, hint)


def _with_secret(env: Environment, url: Setting, held: Held) -> Candidate:
    """The candidate of a KB whose endpoint is whole."""
    kind, given, used = KB.name, {"url": url}, url.variable.split(PLUS)
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
    if endpoint.parse_kb_url(url.value).loopback:
        return complete(env, kind, given, SecretRef("none"), used)
    variable = KB.variables("api_key")[0]
    or_file = f" (or {variable}{FILE})" if env.files else ""
    hint = f"Set {variable}{or_file}, or NUCLIA_KB_PUBLIC=1 for a public one."
    return incomplete(env, kind, used, f"there is no {variable}", not_by_file(env, kb_secrets(env)) + hint)


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
