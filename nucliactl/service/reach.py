"""What a signed-in user reaches: accounts, zones, and the Knowledge Boxes and agents of a zone."""

import re
from typing import Any, NamedTuple

import httpx

from nucliactl.errors import Malformed, NucliactlError
from nucliactl.http.drive import Operation
from nucliactl.model.endpoint import is_this_machine, parse_url
from nucliactl.model.segment import is_segment, segment, unfit
from nucliactl.secret import printable
from nucliactl.service.answers import id_at, rows, text_at

KBS, AGENTS, AGENTS_WITHOUT_MEMORY = None, "agent", "agent_no_memory"
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # it becomes part of a host's name
MODES = (KBS, AGENTS, AGENTS_WITHOUT_MEMORY)


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
