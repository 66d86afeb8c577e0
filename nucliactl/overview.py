"""What is configured and what the service says of it: `auth show`, and the SDK's `show` and `nuas`."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nucliactl.errors import NucliactlError
from nucliactl.http.flow import Flow, doing, together
from nucliactl.listing import active_choice, all_definitions, is_choice, of_kind
from nucliactl.model.ending import Life
from nucliactl.model.kinds import AGENT, KB, KINDS, NUA, SIGNED_IN
from nucliactl.model.profile import Definition
from nucliactl.model.short import short_targets
from nucliactl.model.words import KindName
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query
from nucliactl.service.check import Identity, who_am_i
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import AGENTS, AGENTS_WITHOUT_MEMORY, KBS, Box, Inventory, Zone, inventory
from nucliactl.service.status import Status, statuses
from nucliactl.sources.sources import Sources
from nucliactl.text_table import Column, Section, Toned, end_cell, table


class Shown(NamedTuple):
    """One configured profile. `active`: it is the active one. `role` as the service says it without its
    leading S (SOWNER is OWNER). `life` is for people only."""

    name: str
    kind: KindName
    active: bool
    state: str
    id: str | None
    title: str | None
    account: str | None
    role: str | None
    target: str
    account_slug: str | None
    life: Life

    def json(self) -> dict[str, Any]:
        """Return one of the profiles of `auth show -o json`."""
        return {key: value for key, value in self._asdict().items() if key != "life"}


def _shown(definition: Definition, active: bool, status: Status, slugs: Mapping[str, str | None]) -> Shown:
    found = status.found
    account = found.account or definition.account
    return Shown(
        definition.name,
        definition.kind,
        active,
        status.state,
        found.identity or next(iter(definition.ids), None),
        found.title or definition.get("title"),
        account,
        (found.role or "").removeprefix("S") or None,
        definition.target,
        definition.account_slug or slugs.get(account or ""),
        status.life,
    )


class Overview(NamedTuple):
    """Everything configured, and what the signed-in user has access to, if there is one. `user` is (name,
    mail, type). `warnings` are sentences about what cannot be read or asked."""

    profiles: tuple[Shown, ...]
    warnings: tuple[str, ...]
    user: tuple[str, str, str] | None = None
    inventory: Inventory | None = None

    def json(self) -> dict[str, Any]:
        """Return the shape of `auth show -o json`."""
        inventory = self.inventory or Inventory((), (), (), ())
        return {
            "user": dict(zip(("name", "email", "type"), self.user, strict=True)) if self.user else None,
            "accounts": [account._asdict() for account in inventory.accounts],
            "zones": [zone_row(zone) for zone in inventory.zones],
            "kbs": [self.box(box) for box in inventory.of(KBS)],
            "agents": [self.box(box) for box in inventory.of(AGENTS, AGENTS_WITHOUT_MEMORY)],
            "profiles": [shown.json() for shown in self.profiles],
            "warnings": list(self.warnings),
        }

    def box(self, box: Box) -> dict[str, Any]:
        """Return the row of a box of the user's, with the profiles that open it, the active one first."""
        opening = [shown for shown in self.profiles if shown.kind in _OPENING and shown.id == box.id]
        own = sorted(opening, key=lambda shown: not shown.active)
        names = [shown.name for shown in own]
        role = next((shown.role for shown in own if shown.role), None)
        return {**box_row(box), "profiles": names, "active": any(s.active for s in own), "role": role}


def box_row(box: Box) -> dict[str, Any]:
    """Return the shape of one row of `kbs list` and `agents list`."""
    return {
        "id": box.id,
        "slug": box.slug,
        "title": box.title,
        "account": box.account.slug or box.account.id,
        "zone": box.zone.name,
        "url": box.url,
    }


def local_row(box: Identity, url: str) -> dict[str, Any]:
    """Return the same shape of a box of a NucliaDB, which knows no accounts and zones."""
    names = {"id": box.identity, "slug": box.slug, "title": box.title}
    return {**names, "account": None, "zone": None, "url": url}


def zone_row(zone: Zone) -> dict[str, Any]:
    """Return the shape of one row of `zones list`."""
    return {name: value for name, value in zone._asdict().items() if name != "problem"}


def overview(sources: Sources, now: float, meanwhile: Callable[[], None] = lambda: None) -> Flow[Overview]:
    """Ask about every profile, and for all that the signed-in user has access to, at once; meanwhile do what
    is given. What fails is a state or a warning, never an error."""
    definitions, problems = all_definitions(sources)
    warnings = [problem.message for problem in problems]
    choice = resolve(sources, Query(SIGNED_IN)).choice
    signed_in = choice.definition if choice else None
    found, answers, _ = yield from together(
        statuses(definitions, sources, now, whose=True), _of_user(signed_in, sources), doing(meanwhile)
    )
    active = active_choice(sources)
    warnings += [str(answer) for answer in answers if isinstance(answer, NucliactlError)]
    user, reached = (None if isinstance(answer, NucliactlError) else answer for answer in answers)
    if reached is not None:
        warnings += reached.warnings
    slugs = {account.id: account.slug for account in reached.accounts} if reached is not None else {}
    shown = tuple(_shown(d, is_choice(d, active), s, slugs) for d, s in zip(definitions, found, strict=True))
    return Overview(shown, tuple(dict.fromkeys(warnings)), user, reached)


def _of_user(signed_in: Definition | None, sources: Sources) -> Flow[list[Any]]:
    """Return who is signed in and what they have access to: None where nobody is, else perhaps an error."""
    if signed_in is None:
        return [None, None]
    try:
        connection = connection_of(signed_in, sources)
    except NucliactlError as error:
        return [error, error]
    return (yield from together(who_am_i(connection), inventory(connection)))


def sections(found: Overview, now: float) -> list[Section]:
    """Return an overview as tables: the user's accounts, what they have access to, and a section a kind."""
    parts = []
    if found.user:
        parts.append(Section("User", [Column(head) for head in ("NAME", "MAIL", "TYPE")], [found.user]))
    if found.inventory:
        accounts = [(a.slug or "-", a.title or "-", a.id) for a in found.inventory.accounts]
        parts.append(Section("Accounts", (Column("SLUG"), _TITLE, Column("ID")), accounts))
        for title, modes in (("Knowledge Boxes you can use", (KBS,)), ("Agents you can use", _AGENT_MODES)):
            rows = [_reached(found, box) for box in found.inventory.of(*modes)]
            if rows:
                parts.append(Section(title, _REACHED, rows))
    for kind in KINDS.values():
        of_kind = [shown for shown in found.profiles if shown.kind == kind.name]
        if of_kind:
            heads = [head for head in COLUMNS if head in (*_OF_EVERY_KIND, *kind.columns)]
            rows = [[_cell(shown, head, now) for head in heads] for shown in of_kind]
            parts.append(Section(kind.plural, [COLUMNS[head] for head in heads], rows))
    return parts


def _cell(shown: Shown, head: str, now: float) -> str | Toned:
    if not head:
        return "*" if shown.active else ""
    if head == "EXPIRES":
        return end_cell(shown.life, now)
    cells = {
        "NAME": shown.name,
        "TITLE": shown.title,
        "WHO": shown.title,
        "STATE": shown.state,
        "ROLE": shown.role,
        "ACCOUNT": shown.account_slug or shown.account,
        "TARGET": short_targets([shown.target])[0],
        "ID": shown.id,
        "CLIENT ID": shown.id,
    }
    return cells[head] or "-"


def _reached(found: Overview, box: Box) -> list[str | Toned]:
    row = found.box(box)
    row["profiles"] = ", ".join(row["profiles"])
    return ["*" if row["active"] else "", *(row[column.head.lower()] or "-" for column in _REACHED[1:])]


def nua_section(sources: Sources) -> Section:
    """Return the NUA keys as a table, without asking the service."""
    choice = resolve(sources, Query((NUA.name,))).choice
    active = choice.name if choice else None
    rows = [
        (
            "*" if d.name == active else "",
            d.name,
            short_targets([d.target])[0],
            d.account_slug or d.account or "-",
            d.get("identity") or "-",
        )
        for d in of_kind(sources, NUA.name)
    ]
    heads = ("", "NAME", "REGION", "ACCOUNT", "CLIENT ID")
    return Section(NUA.plural, [Column(head) for head in heads], rows)


def as_text(parts: list[Section]) -> str:
    """Return sections as text."""
    tables = [table(part.rows, part.columns) for part in parts]
    texts = [(part.title, made.text, made.same) for part, made in zip(parts, tables, strict=True)]
    return "\n\n".join("\n".join(filter(None, text)) for text in texts)


_AGENT_MODES = (AGENTS, AGENTS_WITHOUT_MEMORY)
_OPENING = (KB.name, AGENT.name)
_TITLE = Column("TITLE", least=12, leaves=4)
_ROLE = Column("ROLE", leaves=2, told=True)
_ACCOUNT = Column("ACCOUNT", leaves=3, told=True)
_REACHED = (
    Column(""),
    Column("SLUG"),
    _TITLE,
    _ACCOUNT,
    Column("ZONE", leaves=1, told=True),
    Column("PROFILES", least=12, leaves=5),
    _ROLE,
    Column("ID"),
)
COLUMNS = {
    "": Column(""),
    "NAME": Column("NAME"),
    "TITLE": _TITLE,
    "WHO": Column("WHO", least=12, leaves=4),
    "STATE": Column("STATE", told=True),
    "EXPIRES": Column("EXPIRES", leaves=1),
    "ROLE": _ROLE,
    "ACCOUNT": _ACCOUNT,
    "TARGET": Column("TARGET", leaves=5),
    "ID": Column("ID"),
    "CLIENT ID": Column("CLIENT ID"),
}
"""The columns of profiles, in their order; `Kind.columns` names those of a kind."""
_OF_EVERY_KIND = ("", "NAME", "STATE", "EXPIRES", "TARGET")
