"""Making keys: API keys of a Knowledge Box, a new key of a NUA client, temporal keys.

The routes are those of the documentation of the service's account API.
"""

import datetime
from typing import NamedTuple

import httpx

from nucliactl.errors import NotThere, NucliactlError, unclear
from nucliactl.http.drive import Operation
from nucliactl.model.segment import segment
from nucliactl.secret import Secret, printable
from nucliactl.service.answers import good, id_at, rows, text_at
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
    owner = id_at(made, "id")
    if owner is None:
        raise unclear("The service made a service account and did not tell its id.")
    try:
        url = f"{_account(box, owner)}/keys"
        answer = good((yield httpx.Request("POST", url, json={"expires": until.isoformat()})), "the new key")
        token = told(answer, "a key")
    except NucliactlError as error:
        yield from _withdrawn(box, owner, error)
        raise
    return ApiKey(id_at(answer, "id") or "-", owner, title, role, end_of(answer), token)


def _withdrawn(box: str, owner: str, error: NucliactlError) -> Operation[None]:
    """Delete a service account whose key did not come, and let the error say what is true then."""
    error.lost = False
    try:
        yield from withdraw(box, owner)
    except NucliactlError:
        error.hint = f"The service account {printable(owner)} stays; delete it in the dashboard."
    else:
        error.hint = f"Nothing is left at the service. {error.hint or 'Try again later.'}"


def withdraw(box: str, owner: str) -> Operation[None]:
    """Delete a service account of a box, with its keys. One that is gone already is no error."""
    try:
        good((yield httpx.Request("DELETE", _account(box, owner))), "the service account's end")
    except NotThere:
        return


def _account(box: str, owner: str) -> str:
    return f"{box}/service_account/{segment(owner, 'a service account')}"


def list_keys(box: str) -> Operation[tuple[ApiKey, ...]]:
    """Return the API keys of a box, without their secrets."""
    found = []
    for owner in rows((yield httpx.Request("GET", f"{box}/service_accounts")), "the list of keys"):
        identity, keys = id_at(owner, "id"), owner.get("keys")
        for key in keys if identity and isinstance(keys, list) else []:
            if one := id_at(key, "id"):
                names = text_at(owner, "title"), text_at(owner, "role")
                found.append(ApiKey(one, str(identity), *names, end_of(key)))
    return tuple(found)


def delete(box: str, key: ApiKey) -> Operation[None]:
    """Delete a key of a box. Raises NotThere."""
    url = f"{_account(box, key.service_account)}/key/{segment(key.id, 'a key')}"
    good((yield httpx.Request("DELETE", url)), "the key's end", missing=f"There is no key {key.id!r}.")


def rotate(account: str, client: str) -> Operation[Secret]:
    """Give a NUA client a new key; the old one is dead. `account` is `{regional}/api/v1/account/{id}`."""
    url = f"{account}/nua_client/{segment(client, 'the NUA client')}/key"
    answer = good(
        (yield httpx.Request("PUT", url)),
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
