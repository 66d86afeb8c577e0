"""What a signed-in user has access to: accounts, zones, and the Knowledge Boxes and agents in them, all zones
asked at once.

A zone that is dead or forbidden costs one warning and its own deadline, never the rest of the list.
"""

import re
from typing import Any, NamedTuple, TypeVar

import httpx

from nucliactl.errors import (
    Ambiguous,
    Malformed,
    NotThere,
    NucliactlError,
    Refused,
    UnknownProfile,
    Unreachable,
)
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow, Operation
from nucliactl.model.endpoint import DEFAULT_DOMAIN, is_this_machine, origin_of, parse_url, zone_url
from nucliactl.model.names import shown
from nucliactl.model.profile import Definition
from nucliactl.model.segment import is_segment, segment, unfit
from nucliactl.secret import printable
from nucliactl.service.answers import id_at, rows, text_at
from nucliactl.service.connect import connection_of
from nucliactl.sources.sources import Sources

KBS, AGENTS, AGENTS_WITHOUT_MEMORY = None, "agent", "agent_no_memory"
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # it becomes part of a host's name
SECONDS = 10.0
"""The longest that one zone is waited for."""
MODES = (KBS, AGENTS, AGENTS_WITHOUT_MEMORY)


_Named = TypeVar("_Named", "Account", "Zone")


class Account(NamedTuple):
    id: str
    slug: str | None
    title: str | None

    @property
    def segment(self) -> str:
        """Its id in a path. Raises Malformed for an id that would be more than that."""
        return segment(self.id, "the account")


class Zone(NamedTuple):
    """A zone. `origin` replaces the regional address of a private one; `problem` says why it is not
    asked at all."""

    id: str
    slug: str | None
    title: str | None
    private: bool = False
    origin: str | None = None
    problem: str | None = None

    @property
    def name(self) -> str:
        return self.slug or self.id


class Box(NamedTuple):
    """A Knowledge Box (`mode` None) or an agent, with the account and zone it is in."""

    id: str
    slug: str | None
    title: str | None
    account: Account
    zone: Zone
    url: str
    mode: str | None = KBS


class Content(NamedTuple):
    """What one zone holds of some accounts, and why a part of it is not known."""

    boxes: tuple[Box, ...]
    problems: tuple[NucliactlError, ...]


def accounts(global_url: str) -> Operation[tuple[Account, ...]]:
    response = yield httpx.Request("GET", f"{global_url}/api/v1/accounts")
    return tuple(
        Account(found, text_at(row, "slug"), text_at(row, "title"))
        for row in rows(response, "the list of accounts")
        if (found := id_at(row, "id"))
    )


def zones(global_url: str) -> Operation[tuple[Zone, ...]]:
    response = yield httpx.Request("GET", f"{global_url}/api/v1/zones")
    here = is_this_machine(parse_url(global_url, "global_url").host)
    listed = rows(response, "the list of zones")
    return tuple(_zone(found, row, here) for row in listed if (found := id_at(row, "id")))


def _zone(identity: str, row: dict[str, Any], here: bool) -> Zone:
    slug, private = text_at(row, "slug"), row.get("private") is True
    origin, problem = _origin(row, here)
    if not _LABEL.fullmatch(slug or identity):
        problem = "its name cannot be part of a host's"
    return Zone(identity, slug, text_at(row, "title"), private, origin, problem)


def content(
    base: str, zone: Zone, of: tuple[Account, ...], modes: tuple[str | None, ...]
) -> Operation[Content]:
    """Ask one zone for what it holds of all accounts at once. Never raises: what fails is told."""
    fit = [account for account in of if is_segment(account.id)]
    asked = [(account, mode) for account in fit for mode in modes]
    answers = yield [
        httpx.Request(
            "GET", f"{base}/api/v1/account/{account.segment}/kbs", params={"mode": mode} if mode else None
        )
        for account, mode in asked
    ]
    boxes: list[Box] = []
    problems: list[NucliactlError] = [unfit(account.id, "an account") for account in of if account not in fit]
    for (account, mode), answer in zip(asked, answers, strict=True):
        try:
            if isinstance(answer, NucliactlError):
                raise answer
            listed = rows(answer, f"the list of {account.slug or account.id} in {zone.name}")
        except NucliactlError as error:
            problems.append(error)
            continue
        for row in listed:
            identity = id_at(row, "id")
            if identity is None:
                continue
            try:
                url = f"{base}/api/v1/kb/{segment(identity, 'a Knowledge Box')}"
            except Malformed as error:
                problems.append(error)
                continue
            names = text_at(row, "slug"), text_at(row, "title")
            boxes.append(Box(identity, *names, account, zone, url, mode))
    return Content(tuple(boxes), tuple(problems))


def _origin(row: dict[str, Any], here: bool) -> tuple[str | None, str | None]:
    """The address of a private zone, or why it is none. `here`: the service itself is this machine's, and
    may name this machine; any other service may name https addresses elsewhere only."""
    text = row.get("origin")
    if not text:
        return None, None
    try:
        url = parse_url(text if isinstance(text, str) else "", "its address")
    except Malformed as error:
        return None, printable(error.message.rstrip("."))
    if is_this_machine(url.host) and not here:
        return None, f"its address {url.origin} is this machine's, which the service cannot know"
    return url.origin, None


class Inventory(NamedTuple):
    """What a signed-in user has access to. `warnings` name each zone that could not be asked, once."""

    accounts: tuple[Account, ...]
    zones: tuple[Zone, ...]
    boxes: tuple[Box, ...]
    warnings: tuple[str, ...]

    def of(self, *modes: str | None) -> list[Box]:
        return [box for box in self.boxes if box.mode in modes]


def ask_accounts(definition: Definition, sources: Sources) -> Flow[tuple[Account, ...]]:
    found: tuple[Account, ...] = yield Call(_connection(definition, sources), accounts(definition.global_url))
    return found


def ask_zones(definition: Definition, sources: Sources) -> Flow[tuple[Zone, ...]]:
    found: tuple[Zone, ...] = yield Call(_connection(definition, sources), zones(definition.global_url))
    return found


def inventory(
    definition: Definition,
    sources: Sources,
    *,
    account: str | None = None,
    zone: str | None = None,
    modes: tuple[str | None, ...] = MODES,
) -> Flow[Inventory]:
    """Ask for accounts and zones, then every zone at once. `account` and `zone` (id or slug) narrow.

    Raises what asking for accounts or zones raises, or for every zone; UnknownProfile for an account or
    zone that is not there.
    """
    connection = _connection(definition, sources)
    both = yield [
        Call(connection, accounts(definition.global_url)),
        Call(connection, zones(definition.global_url)),
    ]
    for answer in both:
        if isinstance(answer, Exception):
            raise answer
    mine: tuple[Account, ...] = _narrowed(both[0], account, "account")
    named: tuple[Zone, ...] = _narrowed(both[1], zone, "zone")
    asked = tuple(one for one in named if one.problem is None)
    if named and not asked:
        raise Refused(f"The zone {printable(named[0].name)} is not asked: {named[0].problem}.")
    contents = yield [
        Call(
            zone_connection(connection, definition, one),
            content(base_of(definition, one), one, mine, modes),
        )
        for one in asked
    ]
    boxes: list[Box] = []
    warnings = [f"zone {printable(one.name)} is not asked: {one.problem}" for one in named if one.problem]
    failures: list[NucliactlError] = []
    for one, found in zip(asked, contents, strict=True):
        problems = [found] if isinstance(found, NucliactlError) else list(found.problems)
        if problems:
            warnings.append(f"zone {one.name}: {problems[0]}")
            failures.append(problems[0])
        if isinstance(found, Content):
            boxes.extend(found.boxes)
    if failures and len(failures) == len(asked) and not boxes:
        raise failures[0]  # nothing could be asked: that is no empty list
    return Inventory(mine, asked, tuple(boxes), tuple(warnings))


def _narrowed(found: tuple[_Named, ...], wanted: str | None, what: str) -> tuple[_Named, ...]:
    if wanted is None:
        return found
    kept = tuple(one for one in found if wanted in (one.id, one.slug, getattr(one, "origin", None)))
    if not kept:
        names = ", ".join(one.slug or one.id for one in found)
        raise UnknownProfile(f"There is no {what} {shown(wanted)}.", hint=f"There are: {names}.")
    return kept


def base_of(definition: Definition, zone: Zone) -> str:
    """Return the address of a zone's API: a private zone's own, else that of the user's domain."""
    if zone.origin:
        return zone.origin
    return zone_url(zone.name, definition.get("domain") or DEFAULT_DOMAIN, definition.get("zone_url"))


def find_box(found: Inventory, wanted: str, modes: tuple[str | None, ...] = (KBS,)) -> Box:
    """Return the one box that has a slug or id. Raises NotThere, Unreachable where a zone
    did not answer, or Ambiguous with where they are."""
    fitting = [box for box in found.of(*modes) if wanted in (box.slug, box.id)]
    if not fitting and found.warnings:
        raise Unreachable(
            f"No Knowledge Box {shown(wanted)} is in the zones that answered; {len(found.warnings)} did not.",
            hint="Try again later, or narrow it: --zone ZONE",
        )
    if not fitting:
        raise NotThere(
            f"You have no access to a Knowledge Box {shown(wanted)}.", hint="List them: nucliactl kbs list"
        )
    if len(fitting) > 1:
        places = ", ".join(f"{box.account.slug or box.account.id} in {box.zone.name}" for box in fitting)
        raise Ambiguous(
            f"There are {len(fitting)} of that slug: {places}.",
            hint="Narrow it: --account ACCOUNT, --zone ZONE",
        )
    return fitting[0]


def _connection(definition: Definition, sources: Sources) -> Connection:
    connection = connection_of(definition, sources)
    return connection._replace(timeout=min(connection.timeout, SECONDS))


def zone_connection(connection: Connection, definition: Definition, zone: Zone) -> Connection:
    """The same credential, for one zone. A private zone's origin is trusted because the service,
    asked with that credential, named it."""
    base = base_of(definition, zone)
    return connection._replace(origins=(origin_of(base, "zone"),), base_url=base)
