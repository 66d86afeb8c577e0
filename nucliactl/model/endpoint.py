"""Origins, domains, zones and Knowledge Box URLs: what may be written, and what it means.

URLs are read with one strict pattern instead of `urllib.parse`: that accepts blanks, backslashes
and empty hosts, which other programs then read as another host.
"""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.lean import lru_cache
from nucliactl.patterns import pattern
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re

KNOWN_ROOTS = ("progress.cloud", "nuclia.cloud", "stashify.cloud", "syntha.progress.com")
DEFAULT_DOMAIN = "progress.cloud"
KB_PATH = "/api/v1/kb/"
_HTTPS, _PLANES = "https://", ("dp", "rag")
_LONGEST_ID = 250
_THIS = ("localhost", "127.0.0.1")

_URL = pattern(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://"
    r"(?P<user>[^/?#@]*@)?"
    r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)"
    r"(?::(?P<port>[0-9]*))?"
    r"(?P<path>/[^?#]*)?(?P<rest>[?#].*)?"
)
_KB_PATH = pattern(r"(?P<prefix>(?:/[^/]+)*?)/api/v1/kb/(?P<slug>s/)?(?P<kb>[^/]+)(?P<more>/.*)?")
_BOX_PATH = pattern(r"(?P<prefix>.*?)(?:/api(?:/v1)?)?/kb/(?P<kb>[^/]+)(?:/.*)?")
_ACCOUNT_KB = pattern(r"(?P<prefix>.*)/api/v1/account/[^/]+/kb/(?P<kb>[^/]+)(?:/.*)?")
_AGENT_PATH = pattern(r"(?P<prefix>.*)/api/v1/agent/(?P<agent>[^/]+)(?:/.*)?")
# Hosts of a root that serve no zone, beside the root itself; and what stands where a zone belongs.
_NO_ZONES = frozenset(
    ("accounts", "api", "app", "auth", "cdn", "cloud", "dashboard", "docs", "dp", "oauth", "rag", "www")
)
_PLACEHOLDER = pattern(r"(?:(?:your|my|the|nuclia|kb)[-_]?)*(?:region|zone)(?:[-_]?(?:id|name|here))?")
_LOOPBACK = pattern(r"localhost|127(?:\.(?:0|[1-9][0-9]{0,2})){3}|\[::1\]|\[(?:0{1,4}:){7}0{0,3}1\]")
_OF_LABELS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
_OF_IDS = _OF_LABELS | frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_HEX = frozenset("0123456789abcdefABCDEF")
_BEGINS_THIS = ("l", "1", "[")
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_FORM = "An address looks like https://HOST/PATH, or http://localhost:8080 on this machine."
_KB_FORM = "It looks like https://ZONE.dp.progress.cloud/api/v1/kb/ID."


class Url(NamedTuple):
    """A URL that passed the checks. `origin` is `scheme://host[:port]` in its one spelling."""

    origin: str
    host: str
    path: str
    dropped: str

    @property
    def loopback(self) -> bool:
        return is_loopback(self.host)


class KbEndpoint(NamedTuple):
    """Where a Knowledge Box is. `url` is its full URL without a trailing slash."""

    url: str
    origin: str
    kb: str
    is_slug: bool
    zone: str | None
    loopback: bool
    dropped: str

    @property
    def base(self) -> str:
        """The regional API: the URL as far as `/api/v1`."""
        return self.url.rsplit("/kb/", 1)[0]


def is_loopback(host: str) -> bool:
    """Say whether a host, as it stands in a URL, is this machine: never by a suffix or look-up."""
    if host in _THIS or host[:1] not in _BEGINS_THIS:
        return host in _THIS
    return _LOOPBACK.fullmatch(host) is not None and all(
        int(part) < 256 for part in host.split(".") if part.isdigit()
    )


def is_this_machine(host: str) -> bool:
    """Say whether a host leads to this machine in any spelling a system takes, not only in ours."""
    from ipaddress import ip_address

    text = host.strip("[]")
    try:
        address = ip_address(text)
    except ValueError:
        return text == "localhost" or text.endswith(".localhost")
    inner = getattr(address, "ipv4_mapped", None) or address
    return bool(inner.is_loopback or inner.is_unspecified)


def known_root(host: str) -> str | None:
    """Return the Nuclia root domain a host lies in, by whole labels, or None."""
    return next((root for root in KNOWN_ROOTS if host == root or host.endswith("." + root)), None)


def parse_url(text: str, what: str, *, plain_http: bool = False) -> Url:
    """Read an http(s) URL. `what` names it in errors, e.g. "NUCLIA_KB_URL".

    http is allowed to loopback, and anywhere with `plain_http` (a NucliaDB, which has no secret).
    Raises Malformed with what is wrong; the user part of a URL is never repeated.
    """
    return _plain_url(text) or _checked_url(text, what, plain_http)


def _plain_url(text: str) -> Url | None:
    """Return what `_checked_url` finds in an address of the simplest form: https, a name of several labels,
    a path of letters, digits, dashes and slashes; or http to this machine and a port. None for any other."""
    scheme, _, rest = text.partition("://")
    host, slash, path = rest.partition("/")
    if scheme == "http":
        name, colon, port = host.partition(":")
        if name not in _THIS or (colon and not _is_plain_port(port)):
            return None
    else:
        name, labels = host, host.split(".")
        if scheme != "https" or len(labels) == 1 or not all(map(_is_label, labels)):
            return None
        if labels[-1][0].isdigit():  # an IP address in some spelling
            return None
    if not _OF_IDS.issuperset(path.replace("/", "")):
        return None
    return Url(f"{scheme}://{host}", name, (slash + path).rstrip("/"), "")


def _is_plain_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4 and text[0] != "0" and text != "80"


def _checked_url(text: str, what: str, plain_http: bool) -> Url:
    """Read a URL as `parse_url` says."""
    import re

    match = _URL.fullmatch(text)
    if match is None or re.search(r"[\s\\]", text):
        raise Malformed(f"{what} is not a URL: {_reason(text)}.", hint=_FORM)
    scheme, host, port = match["scheme"].lower(), match["host"].lower(), match["port"]
    if match["user"] is not None:
        raise Malformed(f"{what} contains a user name or password before the host.", hint="Remove it.")
    if scheme not in _DEFAULT_PORTS:
        raise Malformed(
            f"{what} begins with {scheme}://, but only https:// (or http://) is known.", hint=_FORM
        )
    host = host.removesuffix(".")
    if not host.startswith("["):
        labels = host.split(".")
        if not all(map(_is_label, labels)):
            raise Malformed(f"{what} has an impossible host name, {host!r}.", hint=_FORM)
        numeric = labels[-1].isdigit() or labels[-1].startswith("0x")
        if numeric and not re.fullmatch(r"(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})", host):
            raise Malformed(f"{what} has an unusual spelling of an IP address, {host!r}.", hint=_FORM)
    if port is not None and not (port.isdigit() and len(port) <= 5 and 1 <= int(port) <= 65535):
        raise Malformed(f"{what} has an impossible port, {port[:9]!r}.", hint=_FORM)
    path = match["path"] or ""
    if re.search(r"[\s\\\x00-\x1f\x7f\ud800-\udfff]|%2f|%0[0-9a-f]|/\.{1,2}(?:/|$)", path, re.IGNORECASE):
        raise Malformed(
            f"{what} has a blank, backslash, escaped separator or broken character in its path.", hint=_FORM
        )
    if scheme == "http" and not plain_http and not is_loopback(host):
        raise Malformed(
            f"{what} uses http://, over which a secret would travel in the clear.",
            hint=f"Use https://{host}…; http is for this machine (localhost) only.",
        )
    port = None if not port or int(port) == int(_DEFAULT_PORTS[scheme]) else str(int(port))
    origin = f"{scheme}://{host}" + (f":{port}" if port else "")
    return Url(origin, host, path.rstrip("/"), match["rest"] or "")


def _is_label(text: str) -> bool:
    """Say whether a text may be one label of a host's name."""
    return 0 < len(text) <= 63 and _OF_LABELS.issuperset(text) and text[0] != "-" != text[-1]


def is_id(text: str, longest: int) -> bool:
    """Say whether a text may be an id or a slug of the service: letters, digits, dashes, underscores."""
    return 0 < len(text) <= longest and _OF_IDS.issuperset(text)


def _reason(text: str) -> str:
    import re

    if text != text.strip():
        return "it begins or ends with a blank or line break"
    if not text.isascii():
        return "it has a character outside ASCII (write an international name as xn--…)"
    if re.search(r"[\s\\]", text):
        return "it has a blank or a backslash in it"
    if "://" not in text:
        return "it does not begin with https:// or http://"
    if text[:1] in "\"'":
        return "it is in quotes"
    return "its host is missing or has an impossible character"


def origin_of(text: str, what: str, *, plain_http: bool = False) -> str:
    """Return the origin of a URL that may stand for its whole service (no path needed)."""
    return parse_url(text, what, plain_http=plain_http).origin


def parse_kb_url(text: str, what: str = "The Knowledge Box URL", *, plain_http: bool = False) -> KbEndpoint:
    """Read a KB URL in any form people have: old and new domains, private origins, NucliaDB.

    A query or fragment is dropped and returned in `dropped`, so that a caller can say so.
    Raises Malformed that explains the usual mistakes (dashboard address, no ID, a path behind it).
    """
    return plain_kb(text) or checked_kb(text, what, plain_http)


def plain_kb(text: str) -> KbEndpoint | None:
    """Return what `checked_kb` finds in an address as the service itself gives it, at a tenth of its price;
    None for any other."""
    origin, _, kb = text.partition(KB_PATH)
    zone = plain_zone(origin)
    if zone is None or not is_kb(kb):
        return None
    return KbEndpoint._make((text, origin, kb, False, zone, False, ""))


def is_kb(text: str) -> bool:
    """Say whether a text may be the id or slug of a Knowledge Box that stands at the end of its address."""
    return text != "s" and is_id(text, _LONGEST_ID)


@lru_cache
def plain_zone(origin: str) -> str | None:
    """Return the zone of an origin as the service gives it; None of any other. One that ends in a digit is no
    placeholder."""
    zone, _, rest = origin.removeprefix(_HTTPS).partition(".")
    plane, _, root = rest.partition(".")
    plain = origin.startswith(_HTTPS) and plane in _PLANES and root in KNOWN_ROOTS
    return zone if plain and zone[-1:].isdigit() and is_zone(zone) else None


def checked_kb(text: str, what: str, plain_http: bool) -> KbEndpoint:
    """Read a KB URL as `parse_kb_url` says."""
    url = _parse_base(text, what, plain_http)
    import re

    match = _KB_PATH.fullmatch(url.path)
    root = known_root(url.host)
    if match is None:
        if root and url.path.startswith("/at/"):
            problem = "is the dashboard's address; the API's is shown there as “API endpoint”"
        elif found := _ACCOUNT_KB.fullmatch(url.path):
            raise Malformed(
                f"{what} is the account's address of a Knowledge Box, where no API key works.",
                hint=f"Use {url.origin}{found['prefix']}{KB_PATH}{found['kb']}",
            )
        elif found := _AGENT_PATH.fullmatch(url.path):
            raise Malformed(f"{what} is the address of a retrieval agent.", hint=_agent_hint(url, found))
        elif re.search(r"/api/v1(/kb(/s)?)?$", url.path) or url.path in ("", "/api"):
            problem = "has no Knowledge Box ID"
        elif re.search(r"/kb/", url.path):
            problem = "lacks /api/v1 before /kb/"
        else:
            problem = "is not the address of a Knowledge Box"
        raise Malformed(f"{what} {problem}.", hint=_KB_FORM)
    kb = match["kb"]
    full = f"{url.origin}{match['prefix']}{KB_PATH}{match['slug'] or ''}{kb}"
    if match["more"]:
        raise Malformed(
            f"{what} goes on after the Knowledge Box ID ({match['more'][:40]}).",
            hint=f"Use {full}.",
        )
    if not is_id(kb, _LONGEST_ID) or (kb == "s" and not match["slug"]):
        raise Malformed(f"{what} has {kb[:60]!r} where a Knowledge Box ID belongs.", hint=_KB_FORM)
    if root and is_global_host(url.host):
        word = "the global host " if is_zone(url.host.split(".")[0]) else ""
        raise Malformed(
            f"{what} is on {word}{url.host}, which is not a zone; Knowledge Boxes are on a zone's host.",
            hint=_KB_FORM,
        )
    zone = url.host.split(".", 1)[0] if root else None
    return KbEndpoint(full, url.origin, kb, bool(match["slug"]), zone, url.loopback, url.dropped)


def is_global_host(host: str) -> bool:
    """Say whether a host of a known root is one that serves no zone, `YOUR_REGION.…` included."""
    root = known_root(host)
    if root is None:
        return False
    label = host.removesuffix(root).split(".")[0]
    return host == root or (host == f"{label}.{root}" and label in _NO_ZONES) or not is_zone(label)


def is_zone(text: str) -> bool:
    """Say whether a text may be a zone's slug and is not a placeholder for one."""
    if ("region" in text or "zone" in text) and _PLACEHOLDER.fullmatch(text):
        return False
    return _is_label(text) and "_" not in text


def is_uuid(text: str) -> bool:
    """Say whether a text has the form of a Knowledge Box id: 32 hexadecimal digits, dashes or not."""
    digits = text.replace("-", "")
    if len(digits) != 32 or not _HEX.issuperset(digits):
        return False
    return len(text) == 32 or (len(text) == 36 and text[8] == text[13] == text[18] == text[23] == "-")


def check_domain(text: str, what: str) -> str:
    """Return a root domain in its one spelling; a leading `rag.` is stripped, as the service does."""
    domain = text.lower().removeprefix("rag.").rstrip(".")
    if not all(map(_is_label, domain.split("."))):
        raise Malformed(f"{what} is not a domain.", hint=f"It looks like {DEFAULT_DOMAIN}.")
    return domain


def check_zone(text: str, what: str) -> str:
    """Return a zone slug (`europe-1`); Malformed for anything that could leave its host label."""
    if not is_zone(text):
        raise Malformed(f"{what} is not a zone.", hint="A zone looks like europe-1.")
    return text


def kb_url(zone: str, kb: str, domain: str = DEFAULT_DOMAIN, template: str | None = None) -> str:
    """Compose the URL of a KB from its zone and id. `template` is a base with `{zone}` in it."""
    base = zone_url(zone, domain, template)
    return f"{base}{KB_PATH}{kb}"


def zone_url(zone: str, domain: str, template: str | None = None) -> str:
    return (template or f"https://{{zone}}.dp.{domain}").replace("{zone}", zone).rstrip("/")


def check_zone_template(text: str, what: str) -> str:
    """Return a zone URL template whose `{zone}`, if any, is a whole host label or in the path."""
    parse_url(text.replace("{zone}", "zone"), what)
    authority = text.split("://", 1)[1].split("/", 1)[0]
    if "{zone}" in authority and not authority.startswith("{zone}."):
        raise Malformed(
            f"{what} must have {{zone}} as its first host label, or in its path.",
            hint="For example https://{zone}.dp.example.com.",
        )
    return text.partition("?")[0].partition("#")[0].rstrip("/")


def template_origin(template: str, what: str) -> str:
    """Return the origin of a zone URL template; one wildcard label where `{zone}` stands."""
    origin = parse_url(template.replace("{zone}", "zone"), what).origin
    authority = template.split("://", 1)[1].split("/", 1)[0]
    return origin.replace("://zone.", "://*.", 1) if authority.startswith("{zone}.") else origin


def api_base(text: str, what: str, *, plain_http: bool = False) -> Url:
    """Read an API base that people write with or without `/api` or `/api/v1` at its end."""
    url = _parse_base(text, what, plain_http)
    if "/kb/" in url.path and (found := _BOX_PATH.fullmatch(url.path)):
        raise Malformed(
            f"{what} is the address of a Knowledge Box; the address of the whole API belongs here.",
            hint=f"Use {url.origin}{found['prefix']}; for the Knowledge Box: NUCLIA_KB_URL, or {hints.BOX}",
        )
    ending = next((one for one in ("/api", "/api/v1") if url.path.endswith(one)), "")
    return url._replace(path=url.path.removesuffix(ending))


def check_not_cloud(url: Url, what: str) -> None:
    """Raise Malformed where the address of a NucliaDB is one of Nuclia's own service."""
    if known_root(url.host):
        raise Malformed(
            f"{what} is on {url.host}, which is Nuclia's cloud, not a NucliaDB: it needs a key.",
            hint=f"For a Knowledge Box: {hints.BOX} -, or NUCLIA_KB_URL and NUCLIA_API_KEY\n"
            f"For everything a user has access to: {hints.LOG_IN}",
        )


def _parse_base(text: str, what: str, plain_http: bool) -> Url:
    """Read the address of an API; where http is not allowed, tell what a NucliaDB takes instead."""
    url = parse_url(text, what, plain_http=True)
    if not plain_http and url.origin.startswith("http:") and not (url.loopback or known_root(url.host)):
        import re

        prefix = re.split(r"/(?:api|kb)(?:/|$)", url.path, maxsplit=1)[0]
        raise Malformed(
            f"{what} uses http://, over which a secret would travel in the clear.",
            hint="A NucliaDB takes no key: "
            f"{hints.NUCLIADB.format(url.origin + prefix)}, or NUCLIADB_URL={url.origin}{prefix}\n"
            f"With a key: https://{url.host}…",
        )
    return parse_url(text, what, plain_http=plain_http)


def _agent_hint(url: Url, found: re.Match[str]) -> str:
    region = url.origin + found["prefix"]
    if known_root(url.host):
        region = url.host.split(".", 1)[0]
    return f"Use {hints.AGENT_OF.format(region, found['agent'])}"


def host_of(origin: str) -> str:
    """Return the host of an origin, as it stands in a URL (brackets of IPv6 included)."""
    authority = origin.split("://", 1)[1]
    host, _, port = authority.rpartition(":")
    return host if port.isdigit() else authority


def origin_allows(allowed: tuple[str, ...], origin: str) -> bool:
    """Say whether an origin is among those allowed. `https://*.x` stands for exactly one label."""
    for one in allowed:
        if one == origin:
            return True
        scheme, _, rest = one.partition("://*.")
        if rest and origin.startswith(scheme + "://"):
            label, _, tail = origin[len(scheme) + 3 :].partition(".")
            if label and tail == rest:
                return True
    return False
