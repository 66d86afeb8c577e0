"""What a signed-in user reaches: accounts, zones, and the Knowledge Boxes and agents of a zone."""

import re
from typing import Any, NamedTuple

import httpx

from nucliactl.errors import Malformed, NucliactlError
from nucliactl.http.drive import Operation
from nucliactl.model.endpoint import origin_of
from nucliactl.service.answers import good, text_at

KBS, AGENTS, AGENTS_WITHOUT_MEMORY = None, "agent", "agent_no_memory"
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})")  # it becomes part of a host's name
MODES = (KBS, AGENTS, AGENTS_WITHOUT_MEMORY)


class Account(NamedTuple):
    id: str
    slug: str | None
    title: str | None


class Zone(NamedTuple):
    """A zone. `origin` replaces the regional address of a private one."""

    id: str
    slug: str | None
    title: str | None
    private: bool = False
    origin: str | None = None

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
    answer = good((yield httpx.Request("GET", f"{global_url}/api/v1/accounts")), "the list of accounts")
    return tuple(
        Account(found, text_at(row, "slug"), text_at(row, "title"))
        for row in _rows(answer)
        if (found := text_at(row, "id"))
    )


def zones(global_url: str) -> Operation[tuple[Zone, ...]]:
    answer = good((yield httpx.Request("GET", f"{global_url}/api/v1/zones")), "the list of zones")
    return tuple(
        Zone(found, text_at(row, "slug"), text_at(row, "title"), row.get("private") is True, _origin(row))
        for row in _rows(answer)
        if (found := text_at(row, "id")) and _LABEL.fullmatch(text_at(row, "slug") or found)
    )


def content(
    base: str, zone: Zone, of: tuple[Account, ...], modes: tuple[str | None, ...]
) -> Operation[Content]:
    """Ask one zone for what it holds of all accounts at once. Never raises: what fails is told."""
    asked = [(account, mode) for account in of for mode in modes]
    answers = yield [
        httpx.Request(
            "GET", f"{base}/api/v1/account/{account.id}/kbs", params={"mode": mode} if mode else None
        )
        for account, mode in asked
    ]
    boxes: list[Box] = []
    problems: list[NucliactlError] = []
    for (account, mode), answer in zip(asked, answers, strict=True):
        try:
            if isinstance(answer, NucliactlError):
                raise answer
            rows = _rows(good(answer, f"the list of {account.slug or account.id} in {zone.name}"))
        except NucliactlError as error:
            problems.append(error)
            continue
        for row in rows:
            if identity := text_at(row, "id"):
                url = f"{base}/api/v1/kb/{identity}"
                names = text_at(row, "slug"), text_at(row, "title")
                boxes.append(Box(identity, *names, account, zone, url, mode))
    return Content(tuple(boxes), tuple(problems))


def _origin(row: dict[str, Any]) -> str | None:
    """The address of a private zone; one that is no https address is as none."""
    text = text_at(row, "origin")
    try:
        return origin_of(text, "origin") if text else None
    except Malformed:
        return None


def _rows(answer: Any) -> list[dict[str, Any]]:
    return [row for row in answer if isinstance(row, dict)] if isinstance(answer, list) else []
