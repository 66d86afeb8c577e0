"""What is configured and what the service says of it: `auth show`, and the SDK's `show` and `nuas`."""

from typing import Any, NamedTuple

from nucliactl.errors import NucliactlError
from nucliactl.http.flow import Flow, together
from nucliactl.listing import active_choice, all_definitions, is_choice, of_kind
from nucliactl.model.kinds import AGENT, KB, KINDS, NUA, SIGNED_IN
from nucliactl.model.profile import Definition
from nucliactl.model.words import KindName
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query
from nucliactl.service.check import Identity, who_am_i
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import AGENTS, AGENTS_WITHOUT_MEMORY, KBS, Box, Inventory, Zone, inventory
from nucliactl.service.status import Status, statuses
from nucliactl.sources.sources import Sources
from nucliactl.text_table import table


class Shown(NamedTuple):
    """One configured profile: one of the profiles of `auth show -o json`. `active`: it is the active one.
    `role` as the service says it without its leading S (SOWNER is OWNER)."""

    name: str
    kind: KindName
    active: bool
    state: str
    id: str | None
    title: str | None
    account: str | None
    role: str | None
    target: str


def _shown(definition: Definition, active: bool, status: Status) -> Shown:
    found = status.found
    return Shown(
        definition.name,
        definition.kind,
        active,
        status.state,
        found.identity or next(iter(definition.ids), None),
        found.title,
        found.account or definition.account,
        (found.role or "").removeprefix("S") or None,
        definition.target,
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
            "profiles": [shown._asdict() for shown in self.profiles],
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


def overview(sources: Sources, now: float) -> Flow[Overview]:
    """Ask about every profile, and for all that the signed-in user has access to, at once. What fails is a
    state or a warning, never an error."""
    definitions, problems = all_definitions(sources)
    warnings = [problem.message for problem in problems]
    choice = resolve(sources, Query(SIGNED_IN)).choice
    signed_in = choice.definition if choice else None
    found, answers = yield from together(statuses(definitions, sources, now), _of_user(signed_in, sources))
    active = active_choice(sources)
    shown = tuple(_shown(d, is_choice(d, active), s) for d, s in zip(definitions, found, strict=True))
    warnings += [str(answer) for answer in answers if isinstance(answer, NucliactlError)]
    user, reached = (None if isinstance(answer, NucliactlError) else answer for answer in answers)
    if reached is not None:
        warnings += reached.warnings
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


class Section(NamedTuple):
    """One table of an overview."""

    title: str
    headers: tuple[str, ...]
    rows: list[list[str]]


def sections(found: Overview) -> list[Section]:
    """Return an overview as tables: the user's accounts, what they have access to, and a section a kind."""
    parts = []
    if found.user:
        parts.append(Section("User", ("NAME", "MAIL", "TYPE"), [list(found.user)]))
    if found.inventory:
        rows = [["", a.slug or "-", a.id, a.title or "-"] for a in found.inventory.accounts]
        parts.append(Section("Accounts", ("", "SLUG", "ID", "TITLE"), rows))
        for title, modes in (("Knowledge Boxes you can use", (KBS,)), ("Agents you can use", _AGENT_MODES)):
            rows = [_reached(found, box) for box in found.inventory.of(*modes)]
            if rows:
                parts.append(Section(title, _REACHED, rows))
    for kind in KINDS.values():
        of_kind = [shown for shown in found.profiles if shown.kind == kind.name]
        if of_kind:
            columns = ("NAME", *kind.columns, "STATE", "TARGET")
            rows = [
                ["*" if shown.active else "", *(getattr(shown, COLUMNS[name]) or "-" for name in columns)]
                for shown in of_kind
            ]
            parts.append(Section(kind.plural, ("", *columns), rows))
    return parts


def _reached(found: Overview, box: Box) -> list[str]:
    row = found.box(box)
    row["profiles"] = ", ".join(row["profiles"])
    return ["*" if row["active"] else "", *(row[name.lower()] or "-" for name in _REACHED[1:])]


def nua_section(sources: Sources) -> Section:
    """Return the NUA keys as a table, without asking the service."""
    choice = resolve(sources, Query((NUA.name,))).choice
    active = choice.name if choice else None
    rows = [
        ["*" if d.name == active else "", d.name, d.get("identity") or "-", d.target, d.account or "-"]
        for d in of_kind(sources, NUA.name)
    ]
    return Section(NUA.plural, ("", "NAME", "CLIENT ID", "REGION", "ACCOUNT"), rows)


def as_text(parts: list[Section]) -> str:
    """Return sections as text."""
    return "\n\n".join(f"{part.title}\n{table(part.rows, part.headers)}" for part in parts)


_AGENT_MODES = (AGENTS, AGENTS_WITHOUT_MEMORY)
_OPENING = (KB.name, AGENT.name)
_REACHED = ("", "SLUG", "TITLE", "ACCOUNT", "ZONE", "PROFILES", "ROLE", "ID")
COLUMNS = {
    "NAME": "name",
    "ID": "id",
    "CLIENT ID": "id",
    "TITLE": "title",
    "WHO": "title",
    "ACCOUNT": "account",
    "ROLE": "role",
    "STATE": "state",
    "TARGET": "target",
}
"""Which attribute of a `Shown` stands in a column."""
