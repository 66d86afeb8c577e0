"""Asking the service whether a credential works, and what it says of it. One flow a kind."""

import contextlib
from collections.abc import Callable
from typing import NamedTuple

from nucliactl.errors import NotThere, NucliactlError, Rejected
from nucliactl.http.client import Connection
from nucliactl.http.flow import Flow, get, together
from nucliactl.model.endpoint import is_uuid
from nucliactl.model.kinds import KB
from nucliactl.model.segment import segment
from nucliactl.model.words import KindName
from nucliactl.secret import printable
from nucliactl.service.answers import good, id_at, text_at


class Identity(NamedTuple):
    """What the service says of a credential: words for people, a slug or name to build a profile's name
    from, the id behind it, the account's id and type, the role, the KB that an API key opens, the
    account's slug. Each None where it is unknown."""

    title: str | None = None
    slug: str | None = None
    identity: str | None = None
    account: str | None = None
    role: str | None = None
    account_type: str | None = None
    kb: str | None = None
    account_slug: str | None = None


def check(connection: Connection, *, whose: bool = True) -> Flow[Identity]:
    """Validate a profile's credential; ask too, at the same time, `whose` the API key of a KB is. Raises
    Rejected, NotThere, Unreachable or Refused."""
    definition = connection.definition
    asking = CHECKS[definition.kind](connection)
    if not whose or definition.kind != KB.name or definition.secret.way == "none":
        return (yield from asking)
    about = key_owner(connection, definition.regional_url, "the request for the key's owner")
    if connection.provider is not None and connection.provider.renewable:  # both would renew it
        found = yield from asking
        (owner,) = yield from together(about)
    else:
        found, owner = yield from together(asking, about)
    if isinstance(found, NucliactlError):
        raise found
    identity: Identity = found
    if isinstance(owner, NucliactlError):  # a KB behind a proxy may not tell
        return identity
    return identity._replace(account=owner.account, role=owner.role)


def _kb(connection: Connection) -> Flow[Identity]:
    definition = connection.definition
    url = definition.get("url") or ""
    what = "the API key" if definition.secret.way != "none" else "the request without a key"
    missing = f"There is no Knowledge Box at {url}."
    try:
        answer = good((yield get(connection, url)), what, missing=missing)
    except NotThere as error:
        if "/kb/s/" not in url and not is_uuid(url.rsplit("/", 1)[-1]):
            error.hint = (
                f"An id has 32 hexadecimal digits; a slug has s/ before it: {url.rsplit('/', 1)[0]}/s/SLUG"
            )
        raise
    if text_at(answer, "uuid") is None:
        raise NotThere(f"What answers at {url} is not a Knowledge Box.", hint="Check the URL.")
    return Identity(text_at(answer, "config", "title"), text_at(answer, "slug"), text_at(answer, "uuid"))


def key_owner(connection: Connection, base: str, what: str) -> Flow[Identity]:
    """Ask `{base}/api/authorizer/info` whose key the request carries."""
    url = f"{base}/api/authorizer/info"
    answer = good((yield get(connection, url)), what, missing=f"Nothing answers at {url}.")
    names = ("user_id", "account_id", "role", "account_type", "kb_id")
    return Identity(None, None, *(id_at(answer, "user", name) for name in names))


def _nua(connection: Connection) -> Flow[Identity]:
    definition = connection.definition
    owner = yield from key_owner(connection, definition.get("issuer") or "", "the NUA key")
    identity = definition.get("identity") or owner.identity
    return Identity(identity=identity, account=owner.account, account_type=owner.account_type)


def _agent(connection: Connection) -> Flow[Identity]:
    definition = connection.definition
    base, agent, account = definition.get("url") or "", definition.get("agent"), definition.account
    if account is None:
        owner = yield from key_owner(connection, base, "the API key")
        if owner.kb is not None and owner.kb != agent:
            raise Rejected(
                f"The API key belongs to another agent, not to {agent}.", hint="Check the agent's id."
            )
        return Identity(identity=agent, account=owner.account, role=owner.role)
    url = f"{base}/api/v1/account/{segment(account, 'the account')}/kb/{segment(agent or '', 'the agent')}"
    missing = f"There is no agent {agent} in that account and zone."
    answer = good((yield get(connection, url)), "the API key", missing=missing)
    return Identity(
        text_at(answer, "title"), text_at(answer, "slug"), text_at(answer, "id") or agent, account
    )


def _nucliadb(connection: Connection) -> Flow[Identity]:
    url = connection.definition.get("url") or ""
    response = yield get(connection, f"{url}/")
    if response.status_code != 200 or b"Nuclia" not in response.content:
        raise NotThere(
            f"What answers at {url} is not a NucliaDB ({response.status_code}).",
            hint="Check the address and port.",
        )
    return Identity("NucliaDB")


def who_am_i(connection: Connection) -> Flow[tuple[str, str, str]]:
    """Return the name, mail and type of the user whose token a request carries."""
    url = f"{connection.definition.global_url}/api/v1/user"
    answer = good((yield get(connection, url)), "the request for the user")
    name, mail, kind = (text_at(answer, key) or "" for key in ("name", "email", "type"))
    return name, mail, kind


def _signed_in(connection: Connection) -> Flow[Identity]:
    good((yield get(connection, f"{connection.definition.global_url}/api/v1/user/welcome")), "the token")
    name = mail = ""
    with contextlib.suppress(NucliactlError):
        name, mail, _ = yield from who_am_i(connection)
    title = printable(f"{name} <{mail}>" if name and mail else mail or name)
    return Identity(title or None, mail.split("@")[0] or None, mail or None)


CHECKS: dict[KindName, Callable[[Connection], Flow[Identity]]] = {
    "kb": _kb,
    "nua": _nua,
    "nucliadb": _nucliadb,
    "agent": _agent,
    "user": _signed_in,
    "personal-token": _signed_in,
}
