"""From what a file, an environment or a login states to a checked definition in one form."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from nucliactl.errors import Malformed
from nucliactl.model import endpoint
from nucliactl.model.fields import Field, file_keys, secret_keys
from nucliactl.model.kinds import KINDS, ROLES, KindName
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.secret import Secret


def signed_in_origins(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Where a user's token may go: accounts., oauth., *.dp. and *.rag. of the login's domain, or the URLs
    written at creation instead of them."""
    domain = values.get("domain") or endpoint.DEFAULT_DOMAIN
    stated = values.get("zone_url")
    zones = [stated] if stated else [f"https://{{zone}}.{name}.{domain}" for name in ("dp", "rag")]
    found = (
        endpoint.origin_of(values.get("global_url") or f"https://accounts.{domain}", "global_url"),
        endpoint.origin_of(values.get("oauth_url") or f"https://oauth.{domain}", "oauth_url"),
        *(endpoint.template_origin(zone, "zone_url") for zone in zones),
    )
    return tuple(dict.fromkeys(found))


def with_other_name(origins: tuple[str, ...], definition: Definition) -> tuple[str, ...]:
    """Return the origins of a user's stored credential with the data plane's other name, where it was made
    for the first one of that very domain: older versions did not write it."""
    domain = definition.get("domain") or endpoint.DEFAULT_DOMAIN
    first, other = f"https://*.dp.{domain}", f"https://*.rag.{domain}"
    knows = definition.get("zone_url") is None and first in origins and other not in origins
    return (*origins, other) if knows else origins


def define(
    name: str,
    kind: KindName,
    given: Mapping[str, Any],
    source: Source,
    secret: SecretRef,
    places: Mapping[str, Source] | None = None,
) -> Definition:
    """Check what a source states and bring it into one form.

    `given` holds definition keys without secrets. Raises Malformed naming the key and the rule.
    """
    values: dict[str, Any] = {}
    warnings: list[str] = []
    keys = file_keys(kind)
    for key, value in given.items():
        values[key] = _checked(keys[key], value)
    origins = _ENDPOINTS[kind](values, warnings)
    _check_ways(kind, values, secret)
    found = dict(places or {})
    return Definition(name, kind, values, source, secret, origins, tuple(warnings), found)


def parse_definition(name: str, table: Mapping[str, Any], source: Source, stored: SecretRef) -> Definition:
    """Read the table of a definition file. `stored` is where the tool would keep its secret.

    Unknown keys become warnings. Raises Malformed naming the key.
    """
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise Malformed(
            "kind is missing." if kind is None else f"kind = {str(kind)[:40]!r} does not exist.",
            hint=f"The kinds are {', '.join(KINDS)}.",
        )
    keys = file_keys(kind)
    unknown = [key for key in table if key not in keys]
    plain = {key: value for key, value in table.items() if key in keys and key != "kind"}
    secret, rest = _take_secret(kind, plain, source, stored)
    definition = define(name, kind, rest, source, secret)
    warnings = tuple(_unknown(key, kind, keys) for key in unknown)
    return definition._replace(warnings=definition.warnings + warnings)


def _unknown(key: str, kind: KindName, keys: Mapping[str, Field]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, keys, 1)
    return f"unknown key {key!r} for kind {kind}" + (f"; did you mean {near[0]!r}?" if near else "")


def _take_secret(
    kind: KindName, table: dict[str, Any], source: Source, stored: SecretRef
) -> tuple[SecretRef, dict[str, Any]]:
    """Split a table into the reference to its secret and the rest."""
    name = KINDS[kind].secret_field
    if name is None:
        return SecretRef("none"), table
    ways = [key for key in secret_keys(kind) if key in table]
    rest = {key: value for key, value in table.items() if key not in ways}
    if len(ways) > 1:
        raise Malformed(f"{' and '.join(ways)} exclude each other.", hint="Keep one of them.")
    if not ways:
        keyless = rest.get("public") is True or bool(rest.get("roles")) or "session" in rest
        if "session" in rest:
            return SecretRef("session", str(rest["session"])), rest
        return (SecretRef("none") if keyless else stored), rest
    key = ways[0]
    value = table[key]
    if key == name + "_command":
        argv = tuple(value) if isinstance(value, list) else ()
        if not argv or not all(isinstance(part, str) and part for part in argv):
            raise Malformed(f"{key} must be a list of strings: the program and its arguments.")
        return SecretRef("command", argv[0], argv=argv), rest
    if not isinstance(value, str):
        raise Malformed(f"{key} must be a string, not {_form(value)}.", hint="Put it in quotes.")
    if not value:
        raise Malformed(f"{key} is empty.", hint="Remove the line or give it a value.")
    if key == name + "_env" and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,127}", value):
        raise Malformed(f"{key} is not the name of a variable.", hint=f"A secret itself goes into {name}.")
    if key == name + "_file" and (not value.isprintable() or (len(value) > 60 and "/" not in value)):
        raise Malformed(f"{key} is not a path.", hint=f"A secret itself goes into {name}.")
    if key == name:
        return SecretRef("inline", f"{source.location}, key {key}", Secret(value)), rest
    return SecretRef("file" if key == name + "_file" else "variable", value), rest


def _checked(declared: Field, value: Any) -> Any:
    name = declared.name
    wanted = {
        "string": isinstance(value, str),
        "boolean": isinstance(value, bool),
        "number": isinstance(value, int | float) and not isinstance(value, bool),
        "strings": isinstance(value, list | tuple) and all(isinstance(x, str) for x in value),
    }
    if not wanted[declared.form]:
        names = {"strings": "a list of strings"}
        form = names.get(declared.form, f"a {declared.form}")
        raise Malformed(f"{name} must be {form}, not {_form(value)}.")
    if declared.form == "number" and not 0 < value < 1e6:
        raise Malformed(f"{name} must be more than 0.")
    if declared.form == "string" and value == "":
        raise Malformed(f"{name} is empty.", hint="Remove the line or give it a value.")
    if declared.choices:
        for one in (value,) if isinstance(value, str) else value:
            if one not in declared.choices:
                raise Malformed(
                    f"{name} = {one[:40]!r} is not known.",
                    hint=f"Use {', '.join(declared.choices)}.",
                )
    if declared.check is not None:
        return declared.check(value, name)
    return tuple(value) if declared.form == "strings" else value


def _form(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "a table",
    }
    return names.get(type(value), "a string" if isinstance(value, str) else "a date or time")


def _check_ways(kind: KindName, values: Mapping[str, Any], secret: SecretRef) -> None:
    if kind == "kb":
        stated = [key for key in ("public", "roles", "session") if values.get(key)]
        if secret.way not in ("none", "session"):
            stated.append("an API key")
        if len(stated) > 1:
            raise Malformed(f"{' and '.join(stated)} exclude each other.", hint="Keep one of them.")


def _kb_endpoint(values: dict[str, Any], warnings: list[str]) -> tuple[str, ...]:
    if "url" in values:
        found = endpoint.parse_kb_url(values["url"], "url", plain_http=bool(values.get("roles")))
        if found.dropped:
            warnings.append(f"the part of url from {found.dropped[0]!r} on is not used")
    elif "zone" in values and "kb" in values:
        domain = values.get("domain", endpoint.DEFAULT_DOMAIN)
        found = endpoint.parse_kb_url(endpoint.kb_url(values["zone"], values["kb"], domain), "zone + kb")
    else:
        raise Malformed("url is missing.", hint="Give url, or zone and kb.")
    values["url"] = found.url
    values.setdefault("kb", found.kb)
    if found.zone:
        values.setdefault("zone", found.zone)
    return (found.origin,)


def _nua_endpoint(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    # Without an issuer (a key in a file, not opened yet) the origins are found at first use.
    parts = [values[key] for key in ("issuer", "origin") if key in values]
    return tuple(dict.fromkeys(endpoint.origin_of(part, "issuer") for part in parts))


def _nucliadb_endpoint(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    if "url" not in values:
        raise Malformed("url is missing.", hint='For example url = "http://localhost:8080".')
    url = endpoint.api_base(values["url"], "url", plain_http=True)
    endpoint.check_not_cloud(url, "url")
    values["url"] = url.origin + url.path
    values.setdefault("roles", ROLES)
    return (url.origin,)


def _agent_endpoint(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    if "agent" not in values:
        raise Malformed("agent is missing.", hint="Give the agent's id.")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", values["agent"]):
        raise Malformed("agent is not an id.", hint="It has letters, digits, dashes and underscores.")
    if "url" not in values and "zone" not in values:
        raise Malformed("url is missing.", hint="Give url, or zone.")
    domain = values.get("domain", endpoint.DEFAULT_DOMAIN)
    url = endpoint.api_base(values.get("url") or endpoint.zone_url(values["zone"], domain), "url")
    values["url"] = url.origin + url.path
    return (url.origin,)


def _signed_in_endpoint(values: dict[str, Any], _: list[str]) -> tuple[str, ...]:
    values.setdefault("domain", endpoint.DEFAULT_DOMAIN)
    return signed_in_origins(values)


_ENDPOINTS: dict[KindName, Callable[[dict[str, Any], list[str]], tuple[str, ...]]] = {
    "kb": _kb_endpoint,
    "nua": _nua_endpoint,
    "nucliadb": _nucliadb_endpoint,
    "agent": _agent_endpoint,
    "user": _signed_in_endpoint,
    "personal-token": _signed_in_endpoint,
}
