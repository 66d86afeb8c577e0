"""What a profile is in the official client's file: the entry that each kind makes there. Pure.

The format is that of nuclia.py 4.15, in the smallest form it accepts. A null list stops the client, and so
does a NUA key or an agent without its account; `region: null` means a NucliaDB that asks for no key.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.errors import Incomplete, Refused
from nucliactl.model import endpoint
from nucliactl.model.endpoint import DEFAULT_DOMAIN, host_of, is_loopback
from nucliactl.model.endpoint_rules import GLOBAL_URL, filled
from nucliactl.model.jwt import read_nua
from nucliactl.model.kinds import AGENT, KB, KINDS, NUA, NUCLIADB, PERSONAL_TOKEN, USER
from nucliactl.model.profile import Definition
from nucliactl.model.words import KindName
from nucliactl.secret import Secret
from nucliactl.store.credentials import login_command

IDS = {"kbs_token": "id", "nuas_token": "client_id", "agents_token": "id"}
"""The lists that hold credentials, and the key by which the client knows an entry."""
_ANY_REGION = "any"


class OfficialEntry(NamedTuple):
    """A profile as the official client has it: `row` stands in the list `rows`, `default` is what makes the
    client use it, `token` is a signed-in user's (`token_ends` in epoch seconds). Secrets stay closed."""

    profile: str
    kind: KindName
    rows: str | None
    row: Mapping[str, Any]
    default: Mapping[str, Any]
    token: Secret | None = None

    @property
    def id(self) -> str | None:
        """The id by which the client knows it; None where it has none."""
        return self.row[IDS[self.rows]] if self.rows else None

    def clashes(self, other: "OfficialEntry") -> bool:
        """Say whether the client has room for one of the two only."""
        if self.token is not None and other.token is not None and self.token != other.token:
            return True
        return self.rows is not None and (self.rows, self.id) == (other.rows, other.id)


def entry_of(definition: Definition, values: Mapping[str, Any], secret: Secret | None) -> OfficialEntry:
    """Return what a profile is in the official client's file. `values` are its effective ones.

    Raises Incomplete where the client cannot be without something that the profile does not know, Refused
    where it would send a user's token to another service.
    """
    return _ENTRIES[definition.kind](definition, values, secret)


def client_domain(definition: Definition) -> str | None:
    """Return the BASE_NUCLIA_DOMAIN with which alone the client sends a user's token to its own service;
    None where it does so by itself."""
    domain = definition.get("domain") or DEFAULT_DOMAIN
    return domain if _signed_in(definition) and domain != DEFAULT_DOMAIN else None


def _signed_in(definition: Definition) -> bool:
    return KINDS[definition.kind].signed_in or definition.secret.way == "session"


def _box(definition: Definition, values: Mapping[str, Any], secret: Secret | None) -> OfficialEntry:
    session = definition.secret.way == "session"
    url = definition.get("url") or ""
    region = None if definition.roles else _region(definition)
    known = {key: values[key] for key in ("account", "title") if values.get(key)}
    row = {**_kb_row(definition.get("kb"), url, region, None if session else secret), **known}
    default = {"kbid": row["id"], **({"nucliadb": definition.regional_url} if definition.roles else {})}
    return OfficialEntry(definition.name, KB.name, "kbs_token", row, default, secret if session else None)


def _kb_row(kb: str | None, url: str, region: str | None, token: Secret | None) -> dict[str, Any]:
    return {"id": kb, "url": url, "token": token, "region": region, "origin": endpoint.origin_of(url, "url")}


def _nucliadb(definition: Definition, values: Mapping[str, Any], _: Secret | None) -> OfficialEntry:
    url, kb = definition.get("url") or "", values.get("kb")
    if kb is None:
        return OfficialEntry(definition.name, NUCLIADB.name, None, {}, {"nucliadb": url})
    row = _kb_row(kb, f"{url}/api/v1/kb/{kb}", None, None)
    return OfficialEntry(definition.name, NUCLIADB.name, "kbs_token", row, {"kbid": kb, "nucliadb": url})


def _nua(definition: Definition, values: Mapping[str, Any], secret: Secret | None) -> OfficialEntry:
    assert secret is not None
    claims = read_nua(secret, definition.secret.where or definition.source.location)
    row = {
        "client_id": definition.get("identity") or claims.client_id or _unknown(definition, "client id"),
        "account": values.get("account") or _unknown(definition, "account"),
        "account_type": "",
        "region": claims.issuer,
        "origin": definition.get("origin"),
        "token": secret,
    }
    return OfficialEntry(definition.name, NUA.name, "nuas_token", row, {"nua": row["client_id"]})


def _agent(definition: Definition, values: Mapping[str, Any], secret: Secret | None) -> OfficialEntry:
    url, zone = definition.get("url") or "", definition.get("zone")
    public = zone is not None and url == endpoint.zone_url(zone, DEFAULT_DOMAIN)
    row = {
        "id": definition.get("agent"),
        "account": values.get("account") or _unknown(definition, "account"),
        "region": zone if public else url,
        "origin": endpoint.origin_of(url, "url"),
        "token": secret,
    }
    return OfficialEntry(definition.name, AGENT.name, "agents_token", row, {"agent_id": row["id"]})


def _user(definition: Definition, values: Mapping[str, Any], secret: Secret | None) -> OfficialEntry:
    check_service(definition)
    account = values.get("account_slug") or values.get("account")
    default = {"account": account, "zone": values.get("zone")}
    return OfficialEntry(definition.name, definition.kind, None, {}, default, secret)


def check_service(definition: Definition) -> None:
    """Raise Refused where a user's token belongs to a service that no setting of the client leads to."""
    stated = filled(GLOBAL_URL[:1], definition.values)
    if stated and not is_loopback(host_of(stated)) and stated != filled(GLOBAL_URL[1:], definition.values):
        raise Refused(
            f"The token of {definition.name!r} is for {stated}, and the official client would send it "
            "elsewhere: it has no setting for that address.",
            hint=f"Hand the token itself to a program: {hints.TOKEN.format(definition.name)}",
        )


def _region(definition: Definition) -> str:
    """A region makes the client send the key; which one says nothing where the URL is known."""
    zone = definition.get("zone")
    return zone if zone and "://" not in zone else _ANY_REGION


def _unknown(definition: Definition, what: str) -> str:
    raise Incomplete(
        f"The {what} of {definition.name!r} is not known, and the official client cannot be without it.",
        hint=f"Ask the service for it by logging in again: {login_command(definition)}\n"
        f"Or write it down: {hints.SET_ACCOUNT.format(definition.name)}",
    )


_ENTRIES: dict[KindName, Callable[[Definition, Mapping[str, Any], Secret | None], OfficialEntry]] = {
    USER.name: _user,
    PERSONAL_TOKEN.name: _user,
    KB.name: _box,
    NUA.name: _nua,
    NUCLIADB.name: _nucliadb,
    AGENT.name: _agent,
}
