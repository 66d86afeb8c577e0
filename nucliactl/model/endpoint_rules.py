"""How the address of each kind is checked, what follows from it, and where its credential may go.

A rule is given the values that a definition states and brings them into one form, adds those that follow,
appends warnings for people, and returns the origins: `https://*.x` stands for one label. It raises
Malformed, naming the key.
"""

from __future__ import annotations

from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.shared_fields import ROLES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


GLOBAL_URL = ("{global_url}", "https://accounts.{domain}")
OAUTH_URL = ("{oauth_url}", "https://oauth.{domain}")


def filled(templates: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """Return the first template all of whose `{key}`s have a value, with the values in it; else None."""
    known = None
    for template in templates:
        if template.startswith("{") and (alone := values.get(template[1:-1])) and isinstance(alone, str):
            return alone
        if known is None:
            known = {key: value for key, value in values.items() if isinstance(value, str) and value}
        try:
            return template.format_map(known)
        except KeyError:
            continue
    return None


def located(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values that an address is made of. A NUA key's origin that is its issuer's own says that the
    issuer is trusted, and changes no address."""
    issuer, origin = values.get("issuer"), values.get("origin")
    own = issuer and origin and endpoint.origin_of(issuer, "issuer") == origin
    return {**values, "origin": None} if own else values


def of_domain(templates: Iterable[str], values: Mapping[str, Any]) -> str:
    """Return an address of a login: the one stated, else that of its domain."""
    address = filled(templates, {**values, "domain": values.get("domain") or endpoint.DEFAULT_DOMAIN})
    assert address is not None
    return address


def kb(values: dict[str, Any], warnings: list[str]) -> tuple[str, ...]:
    if "url" in values:
        place = endpoint.parse_kb_url(values["url"], "url", plain_http=bool(values.get("roles")))
        if place.dropped:
            warnings.append(f"the part of url from {place.dropped[0]!r} on is not used")
    elif "zone" in values and "kb" in values:
        domain = values.get("domain", endpoint.DEFAULT_DOMAIN)
        place = endpoint.parse_kb_url(endpoint.kb_url(values["zone"], values["kb"], domain), "zone + kb")
    else:
        raise Malformed("url is missing.", hint="Give url, or zone and kb.")
    values["url"] = place.url
    values.setdefault("kb", place.kb)
    if place.zone:
        values.setdefault("zone", place.zone)
    return (place.origin,)


def nua(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    # Without an issuer (a key in a file, not opened yet) the origins are found at first use.
    parts = [values[key] for key in ("issuer", "origin") if key in values]
    return tuple(dict.fromkeys(endpoint.origin_of(part, "issuer") for part in parts))


def nucliadb(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    if "url" not in values:
        raise Malformed("url is missing.", hint='For example url = "http://localhost:8080".')
    url = endpoint.api_base(values["url"], "url", plain_http=True)
    endpoint.check_not_cloud(url, "url")
    values["url"] = url.origin + url.path
    values.setdefault("roles", ROLES)
    return (url.origin,)


def agent(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    if "agent" not in values:
        raise Malformed("agent is missing.", hint="Give the agent's id.")
    if not endpoint.is_id(values["agent"], 128):
        raise Malformed("agent is not an id.", hint="It has letters, digits, dashes and underscores.")
    if "url" not in values and "zone" not in values:
        raise Malformed("url is missing.", hint="Give url, or zone.")
    domain = values.get("domain", endpoint.DEFAULT_DOMAIN)
    url = endpoint.api_base(values.get("url") or endpoint.zone_url(values["zone"], domain), "url")
    values["url"] = url.origin + url.path
    return (url.origin,)


def signed_in(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    """accounts., oauth., *.dp. and *.rag. of the login's domain, or the URLs stated instead of them."""
    domain = values.setdefault("domain", endpoint.DEFAULT_DOMAIN)
    stated = values.get("zone_url")
    zones = [stated] if stated else [f"https://{{zone}}.{name}.{domain}" for name in ("dp", "rag")]
    origins = (
        endpoint.origin_of(of_domain(GLOBAL_URL, values), "global_url"),
        endpoint.origin_of(of_domain(OAUTH_URL, values), "oauth_url"),
        *(endpoint.template_origin(zone, "zone_url") for zone in zones),
    )
    return tuple(dict.fromkeys(origins))


def with_other_name(origins: tuple[str, ...], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the origins of a user's stored credential with the data plane's other name, where it was made
    for the first one of that very domain: older versions did not write it."""
    domain = values.get("domain") or endpoint.DEFAULT_DOMAIN
    first, other = f"https://*.dp.{domain}", f"https://*.rag.{domain}"
    knows = values.get("zone_url") is None and first in origins and other not in origins
    return (*origins, other) if knows else origins
