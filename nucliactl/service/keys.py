"""Making keys: API keys of a Knowledge Box, a new key of a NUA client.

The routes are those of the documentation of the service's account API.
"""

import contextlib
import datetime
import re
from typing import NamedTuple

import httpx

from nucliactl import hints
from nucliactl.errors import Malformed, NotThere, NucliactlError, unclear
from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask, Flow, get
from nucliactl.model.free_text import check_free_text
from nucliactl.model.names import shown
from nucliactl.model.segment import segment
from nucliactl.secret import Secret, printable
from nucliactl.service.answers import good, id_at, rows, text_at
from nucliactl.service.inventory import Box
from nucliactl.service.tokens import end_of, told


class ApiKey(NamedTuple):
    """An API key as the service lists it. `expires_at` epoch seconds, None for never."""

    id: str
    service_account: str
    title: str | None
    role: str | None
    expires_at: int | None


def create(
    zone: Connection, box: Box, title: str, role: str, until: datetime.datetime
) -> Flow[tuple[ApiKey, Secret]]:
    """Make a service account of a box with a role, and a key of it that ends at `until` (UTC); return the key
    with its secret. A role may be given without its leading S. `zone` is a connection to the box's zone, here
    and below."""
    check_free_text(title, "The title of an API key", "For example --title container")
    if not re.fullmatch(r"[A-Za-z]{1,40}", role):
        raise Malformed("--role is not a role.", hint="For example --role READER.")
    role = role.upper() if role.upper().startswith("S") else f"S{role.upper()}"
    body = {"title": title, "role": role}
    request = httpx.Request("POST", f"{_path(zone, box)}/service_accounts", json=body)
    account = id_at(good((yield Ask(zone, request)), "the new service account"), "id")
    if account is None:
        raise unclear("The service created a service account but did not return its id.")
    try:
        url = f"{_account(zone, box, account)}/keys"
        request = httpx.Request("POST", url, json={"expires": until.isoformat()})
        answer = good((yield Ask(zone, request)), "the new key")
        token = told(answer, "a key")
    except NucliactlError as error:
        error.lost = False
        try:
            yield from withdraw(zone, box, account)
        except NucliactlError:
            error.hint = f"The service account {printable(account)} stays; delete it in the dashboard."
        else:
            error.hint = f"Nothing is left at the service. {error.hint or 'Try again later.'}"
        raise
    return ApiKey(id_at(answer, "id") or "-", account, title, role, end_of(answer)), token


def withdraw(zone: Connection, box: Box, account: str) -> Flow[None]:
    """Delete a service account of a box, with its keys. One that is gone already is no error."""
    request = httpx.Request("DELETE", _account(zone, box, account))
    with contextlib.suppress(NotThere):
        good((yield Ask(zone, request)), "the deletion of the service account")


def list_keys(zone: Connection, box: Box) -> Flow[tuple[ApiKey, ...]]:
    """Return the API keys of a box, without their secrets."""
    listed = []
    response = yield get(zone, f"{_path(zone, box)}/service_accounts")
    for account in rows(response, "the list of keys"):
        owner, keys = id_at(account, "id"), account.get("keys")
        for key in keys if owner and isinstance(keys, list) else []:
            if identity := id_at(key, "id"):
                names = text_at(account, "title"), text_at(account, "role")
                listed.append(ApiKey(identity, str(owner), *names, end_of(key)))
    return tuple(listed)


def delete(zone: Connection, box: Box, identity: str) -> Flow[None]:
    """Delete a key of a box by its id. Raises NotThere."""
    missing = f"There is no key {shown(identity)}."
    keys = yield from list_keys(zone, box)
    account = next((key.service_account for key in keys if key.id == identity), None)
    if account is None:
        raise NotThere(missing, hint=f"List them: {hints.API_KEYS.format(box.id)}")
    url = f"{_account(zone, box, account)}/key/{segment(identity, 'a key')}"
    good((yield Ask(zone, httpx.Request("DELETE", url))), "the deletion of the key", missing=missing)


def rotate(connection: Connection, account: str, client: str) -> Flow[tuple[str, Secret]]:
    """Give a NUA client a new key, and return both; the old one is dead. `account` is
    `{regional}/api/v1/account/{id}`."""
    url = f"{account}/nua_client/{segment(client, 'the NUA client')}/key"
    missing = f"There is no NUA client {client!r} in that account and zone."
    answer = good((yield Ask(connection, httpx.Request("PUT", url))), "the new NUA key", missing=missing)
    return client, told(answer, "a key")


def _path(zone: Connection, box: Box) -> str:
    place = f"{zone.base_url}/api/v1/account/{box.account.segment}"
    return f"{place}/kb/{segment(box.id, 'the Knowledge Box')}"


def _account(zone: Connection, box: Box, account: str) -> str:
    return f"{_path(zone, box)}/service_account/{segment(account, 'a service account')}"
