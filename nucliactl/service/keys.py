"""Making keys: API keys of a Knowledge Box, a new key of a NUA client, temporal keys.

The routes are those of the documentation of the service's account API.
"""

import datetime
from typing import NamedTuple

import httpx

from nucliactl.errors import Unreachable
from nucliactl.http.drive import Operation
from nucliactl.secret import Secret
from nucliactl.service.answers import good, text_at
from nucliactl.service.tokens import end_of, told


class ApiKey(NamedTuple):
    """An API key as the service lists it; only one just made has its `secret`. `expires_at` epoch
    seconds, None for never."""

    id: str
    service_account: str
    title: str | None
    role: str | None
    expires_at: int | None
    secret: Secret | None = None


def create(box: str, title: str, role: str, until: datetime.datetime) -> Operation[ApiKey]:
    """Make a service account of a box with a role, and a key of it that ends at `until` (UTC). `box` is
    `{regional}/api/v1/account/{account}/kb/{kb}`."""
    url = f"{box}/service_accounts"
    made = good(
        (yield httpx.Request("POST", url, json={"title": title, "role": role})), "the new service account"
    )
    owner = text_at(made, "id")
    if owner is None:
        raise Unreachable("The service made a service account and did not tell its id.")
    url = f"{box}/service_account/{owner}/keys"
    answer = good((yield httpx.Request("POST", url, json={"expires": until.isoformat()})), "the new key")
    token = told(answer, "a key", "Look at the list of keys.")
    return ApiKey(text_at(answer, "id") or "-", owner, title, role, end_of(answer), token)


def listed(box: str) -> Operation[tuple[ApiKey, ...]]:
    """Return the API keys of a box, without their secrets."""
    answer = good((yield httpx.Request("GET", f"{box}/service_accounts")), "the list of keys")
    found = []
    for owner in answer if isinstance(answer, list) else []:
        identity, keys = text_at(owner, "id"), owner.get("keys") if isinstance(owner, dict) else None
        for key in keys if identity and isinstance(keys, list) else []:
            if one := text_at(key, "id"):
                names = text_at(owner, "title"), text_at(owner, "role")
                found.append(ApiKey(one, str(identity), *names, end_of(key)))
    return tuple(found)


def delete(box: str, key: ApiKey) -> Operation[None]:
    """Delete a key of a box. Raises NotThere."""
    url = f"{box}/service_account/{key.service_account}/key/{key.id}"
    good((yield httpx.Request("DELETE", url)), "the key's end", missing=f"There is no key {key.id!r}.")


def rotate(account: str, client: str) -> Operation[Secret]:
    """Give a NUA client a new key; the old one is dead. `account` is `{regional}/api/v1/account/{id}`."""
    answer = good(
        (yield httpx.Request("PUT", f"{account}/nua_client/{client}/key")),
        "the new NUA key",
        missing=f"There is no NUA client {client!r} in that account and zone.",
    )
    return told(answer, "a key")


def temporal(base: str, ttl: int | None, groups: tuple[str, ...]) -> Operation[Secret]:
    """Make a key of seconds from the API key a request carries, for some security groups."""
    given: dict[str, object] = {} if ttl is None else {"ttl": ttl}
    if groups:
        given["security_groups"] = list(groups)
    url = f"{base}/api/v1/service_account_temporal_key"
    return told(good((yield httpx.Request("POST", url, json=given)), "the new key"), "a key")
