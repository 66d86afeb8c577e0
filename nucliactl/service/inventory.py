"""What a signed-in user has access to: accounts, zones, and the Knowledge Boxes and agents in them, all zones
asked at once.

A zone that is dead or forbidden costs one warning and its own deadline, never the rest of the list.
"""

import re
from typing import Any, NamedTuple, TypeVar

from nucliactl import hints
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
from nucliactl.http.flow import AT_ONCE, Flow, get, together
from nucliactl.model.endpoint import DEFAULT_DOMAIN, is_this_machine, origin_of, parse_url, zone_url
from nucliactl.model.names import shown
from nucliactl.model.segment import is_segment, segment, unfit
from nucliactl.secret import printable
from nucliactl.service.answers import id_at, rows, text_at
from nucliactl.service.check import Identity

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


def accounts(connection: Connection) -> Flow[tuple[Account, ...]]:
    response = yield get(_brief(connection), f"{connection.definition.global_url}/api/v1/accounts")
    return tuple(
        Account(identity, text_at(row, "slug"), text_at(row, "title"))
        for row in rows(response, "the list of accounts")
        if (identity := id_at(row, "id"))
    )


def zones(connection: Connection) -> Flow[tuple[Zone, ...]]:
    global_url = connection.definition.global_url
    response = yield get(_brief(connection), f"{global_url}/api/v1/zones")
    here = is_this_machine(parse_url(global_url, "global_url").host)
    listed = rows(response, "the list of zones")
    return tuple(_zone(identity, row, here) for row in listed if (identity := id_at(row, "id")))


def _brief(connection: Connection) -> Connection:
    return connection._replace(timeout=min(connection.timeout, SECONDS))


def _zone(identity: str, row: dict[str, Any], here: bool) -> Zone:
    slug, private = text_at(row, "slug"), row.get("private") is True
    origin, problem = _origin(row, here)
    if not _LABEL.fullmatch(slug or identity):
        problem = "its name cannot be part of a host's"
    return Zone(identity, slug, text_at(row, "title"), private, origin, problem)


def content(
    connection: Connection,
    zone: Zone,
    of: tuple[Account, ...],
    modes: tuple[str | None, ...],
    *,
    careful: bool = False,
) -> Flow[Content]:
    """Ask one zone, over a connection to it, for what it holds of all accounts at once; if `careful`, once it
    has answered the first question. Never raises: what fails is told."""
    base = connection.base_url.rstrip("/")
    fit = [account for account in of if is_segment(account.id)]
    asked = [(account, mode) for account in fit for mode in modes]
    asks = [
        get(
            connection,
            f"{base}/api/v1/account/{account.segment}/kbs",
            params={"mode": mode} if mode else None,
        )
        for account, mode in asked
    ]
    answers = yield asks[:1] if careful else asks
    if len(answers) < len(asks) and not isinstance(answers[0], Unreachable):
        answers += yield asks[1:]
    boxes: list[Box] = []
    problems: list[NucliactlError] = [unfit(account.id, "an account") for account in of if account not in fit]
    for (account, mode), answer in zip(asked, answers, strict=False):
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
            if not is_segment(identity):
                problems.append(unfit(identity, "a Knowledge Box"))
                continue
            names = text_at(row, "slug"), text_at(row, "title")
            url = f"{base}/api/v1/kb/{segment(identity, 'a Knowledge Box')}"
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


def inventory(
    connection: Connection,
    *,
    account: str | None = None,
    zone: str | None = None,
    modes: tuple[str | None, ...] = MODES,
) -> Flow[Inventory]:
    """Ask for accounts and zones, then every zone at once. `account` and `zone` (id or slug) narrow.

    Raises what asking for accounts or zones raises, or for every zone; UnknownProfile for an account or
    zone that is not there.
    """
    both = yield from together(accounts(connection), zones(connection))
    for answer in both:
        if isinstance(answer, NucliactlError):
            raise answer
    mine = both[0] if account is None else (one_of(both[0], account, "account"),)
    named: tuple[Zone, ...] = both[1] if zone is None else (one_of(both[1], zone, "zone"),)
    asked = [one for one in named if one.problem is None]
    if named and not asked:
        raise Refused(f"The zone {printable(named[0].name)} is not asked: {named[0].problem}.")
    careful = len(asked) * len(mine) * len(modes) > AT_ONCE  # who is dead shall not take the others' turns
    contents: list[Content] = yield from together(
        *(content(in_zone(_brief(connection), one), one, mine, modes, careful=careful) for one in asked)
    )
    warnings = [f"zone {printable(one.name)} is not asked: {one.problem}" for one in named if one.problem]
    failed = [(one, found.problems[0]) for one, found in zip(asked, contents, strict=True) if found.problems]
    warnings += [f"zone {one.name}: {problem}" for one, problem in failed]
    boxes = tuple(box for found in contents for box in found.boxes)
    if failed and len(failed) == len(asked) and not boxes:
        raise failed[0][1]  # nothing could be asked: that is no empty list
    return Inventory(mine, tuple(asked), boxes, tuple(warnings))


def one_of(rows: tuple[_Named, ...], wanted: str, what: str) -> _Named:
    """Return the account or zone of an id, slug or origin. Raises UnknownProfile."""
    for row in rows:
        if wanted in (row.id, row.slug, getattr(row, "origin", None)):
            return row
    names = ", ".join(row.slug or row.id for row in rows)
    raise UnknownProfile(f"There is no {what} {shown(wanted)}.", hint=f"There are: {names}.")


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
            f"You have no access to a Knowledge Box {shown(wanted)}.", hint=f"List them: {hints.BOXES}"
        )
    if len(fitting) > 1:
        places = ", ".join(f"{box.account.slug or box.account.id} in {box.zone.name}" for box in fitting)
        raise Ambiguous(
            f"{len(fitting)} Knowledge Boxes have that slug: {places}.",
            hint="Narrow it: --account ACCOUNT, --zone ZONE",
        )
    return fitting[0]


def known_of(box: Box) -> Identity:
    """Return what the inventory tells of a box, as its validation would."""
    of = box.account
    return Identity(box.title, box.slug, box.id, of.id, account_slug=of.slug)


def zone_named(connection: Connection, wanted: str) -> Flow[Connection]:
    """Return a connection to the zone of a slug or id, wherever the service says that it is. Raises
    UnknownProfile, Refused for a zone at an address that is none, or what asking for zones raises."""
    zone = one_of((yield from zones(connection)), wanted, "zone")
    if zone.problem:
        raise Refused(f"The zone {printable(zone.name)} is not asked: {zone.problem}.")
    return in_zone(connection, zone)


def in_zone(connection: Connection, zone: Zone) -> Connection:
    """The same credential, for one zone: a private zone's own address, else that of the user's domain. The
    address is trusted because the service, asked with that credential, named it."""
    user = connection.definition
    named = user.get("domain") or DEFAULT_DOMAIN, user.get("zone_url")
    base = zone.origin or zone_url(zone.name, *named)
    return connection._replace(origins=(origin_of(base, "zone"),), base_url=base)
