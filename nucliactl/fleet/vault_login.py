"""How nucliactl logs in to a Vault: with a token, as an AppRole, or as a Kubernetes service account.

A login is a flow that returns a token. What opens it is read at each login, and no token is kept on disk.
"""

import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from nucliactl.disk.reading import read_file
from nucliactl.errors import Incomplete, LoginNeeded, NucliactlError, Rejected, Unreachable
from nucliactl.fleet.access import NAMESPACE, OF_VAULT, Access
from nucliactl.http.client import Connection
from nucliactl.http.flow import Ask, Flow
from nucliactl.secret import Secret, header_value
from nucliactl.service.answers import at, json_of

TOKEN, ROLE, SECRET_ID = OF_VAULT
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount/token"
_WRAPPED = ("hvs.", "s.", "hvb.", "b.")
_EARLY = 0.9  # of a lease: then a new token is asked for
_WAYS = (
    f"Set {TOKEN}, or {ROLE} and {SECRET_ID}_FILE; in Kubernetes name the role in the address: …?role=NAME"
)


class Lease(NamedTuple):
    """A token, and when it should be replaced (on the monotonic clock; None: when it is refused)."""

    token: Secret
    until: float | None

    def serves(self) -> bool:
        return self.until is None or time.monotonic() < self.until


class VaultLogin:
    """Logs in as the address and the environment say. `renews`: a new login may give another token."""

    def __init__(self, access: Access, connection: Connection) -> None:
        self._access, self._connection = access, connection
        self._unwrapped: tuple[Secret, Secret] | None = None
        self._lease: Lease | None = None

    @property
    def renews(self) -> bool:
        return self._by_kubernetes or self._given() is None

    def token(self, *, anew: bool = False) -> Flow[Secret]:
        """Return the token of the lease; log in where there is none, it is about to end, or `anew`. Raises
        LoginNeeded where nothing opens it, Rejected where the login is refused."""
        if anew or self._lease is None or not self._lease.serves():
            self._lease = None
            self._lease = yield from self._login()
        return self._lease.token

    def request(self, method: str, path: str, token: Secret | None = None, body: Any = None) -> Ask:
        """Return the question for a path of the API."""
        headers = {"X-Vault-Request": "true"}
        if namespace := self._access.setting(NAMESPACE):
            headers["X-Vault-Namespace"] = namespace
        if token is not None:
            headers["X-Vault-Token"] = header_value(token, "the login")
        url = f"{self._access.address.origin}/v1/{path}"
        return Ask(self._connection, httpx.Request(method, url, headers=headers, json=body))

    @property
    def _by_kubernetes(self) -> bool:
        return "role" in self._access.address.options

    def _given(self) -> Secret | None:
        return self._access.password() or self._access.secret(TOKEN)

    def _login(self) -> Flow[Lease]:
        if self._by_kubernetes:
            return (yield from self._as_service_account())
        if token := self._given():
            return Lease(token, None)
        role, secret_id = self._access.secret(ROLE), self._access.secret(SECRET_ID)
        if role is None and secret_id is None:
            raise LoginNeeded(f"There is no credential for {self._access.address.place}.", hint=_WAYS)
        if role is None:
            raise Incomplete(f"{SECRET_ID} is set, and {ROLE} is not.", hint=f"export {ROLE}=…")
        opened = {"role_id": role.reveal()}
        if secret_id is not None:
            opened["secret_id"] = (yield from self._plain(secret_id)).reveal()
        return (yield from self._logged_in("approle", opened, f"{ROLE} and {SECRET_ID}"))

    def _as_service_account(self) -> Flow[Lease]:
        options: Mapping[str, str] = self._access.address.options
        path = options.get("jwt", SERVICE_ACCOUNT)
        contents = read_file(path)
        if contents is None:
            raise Incomplete(
                f"{path} does not exist: the service account's token that the role {options['role']} is for.",
                hint="It is mounted in a pod; another place is named in the address: …&jwt=FILE",
            )
        body = {"role": options["role"], "jwt": contents.data.decode("ascii", "replace").strip()}
        return (
            yield from self._logged_in("kubernetes", body, f"the service account and role {options['role']}")
        )

    def _logged_in(self, method: str, body: dict[str, str], what: str) -> Flow[Lease]:
        mount = self._access.address.options.get("auth", method)
        response = yield self.request("POST", f"auth/{mount}/login", body=body)
        found = _good(response, self._access.address.place, f"{what} at auth/{mount}")
        token, seconds = at(found, "auth", "client_token"), at(found, "auth", "lease_duration")
        if not isinstance(token, str) or not token:
            raise Unreachable(f"{self._access.address.place} answered a login with no token.")
        lasts = isinstance(seconds, int | float) and seconds > 0
        return Lease(Secret(token), time.monotonic() + _EARLY * seconds if lasts else None)

    def _plain(self, secret_id: Secret) -> Flow[Secret]:
        """Return a secret-id as it is, or out of its wrapping. That is possible once: what was in it is kept
        until another wrapping comes."""
        if not secret_id.reveal().startswith(_WRAPPED):
            return secret_id
        if self._unwrapped is None or self._unwrapped[0] != secret_id:
            response = yield self.request("POST", "sys/wrapping/unwrap", secret_id)
            if response.status_code in (400, 403):
                raise Rejected(
                    f"{self._access.address.place} does not unwrap the secret-id: it was unwrapped before, "
                    "or is too old.",
                    hint="If no program of yours unwrapped it, somebody else has it: have another made.",
                )
            inner = at(_good(response, self._access.address.place, SECRET_ID), "data", "secret_id")
            if not isinstance(inner, str):
                raise Incomplete(f"What {SECRET_ID} wraps is no secret-id.", hint="Have another made.")
            self._unwrapped = (secret_id, Secret(inner))
        return self._unwrapped[1]


def _good(response: httpx.Response, place: str, what: str) -> Any:
    """Return the JSON of a login's answer. Raises Rejected where it is refused, Unreachable for the rest."""
    if response.status_code in (400, 401, 403, 404):
        raise Rejected(f"{place} refused {what}.", hint=_WAYS)
    return good_of(response, place)


def good_of(response: httpx.Response, place: str) -> Any:
    """Return the JSON of a successful answer. Raises Unreachable for any other: what a Vault says in it is
    not repeated, but for a sealed one."""
    if response.status_code >= 400:
        raise failed(response, place)
    found = json_of(response)
    if not isinstance(found, dict):
        raise Unreachable(f"{place} answers with something that is no Vault's.", hint="Check the address.")
    return found


def failed(response: httpx.Response, place: str) -> NucliactlError:
    """Return the error of an answer that says that the server is of no use now."""
    said = at(json_of(response), "errors")
    words = " ".join(one for one in said if isinstance(one, str)) if isinstance(said, list) else ""
    if "sealed" in words:
        return Unreachable(f"{place} is sealed.", hint="Its operators unseal it: bao operator unseal")
    if response.status_code == 429:
        return Unreachable(f"{place} is rate-limiting requests (429).", hint="Wait a little and try again.")
    return Unreachable(f"{place} failed with {response.status_code}.", hint="Try again later.")
