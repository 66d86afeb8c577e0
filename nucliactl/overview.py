"""What is configured and what the service says of it: `auth show`, and the SDK's `show` and `nuas`."""

from collections.abc import Callable
from typing import Any, NamedTuple

from nucliactl.errors import NucliactlError
from nucliactl.http.flow import Flow, together
from nucliactl.listing import active_choice, all_definitions, is_choice, of_kind
from nucliactl.model.kinds import AGENT, KB, KINDS, NUA, SIGNED_IN
from nucliactl.model.profile import Definition
from nucliactl.resolver.order import resolve
from nucliactl.resolver.result import Query
from nucliactl.service.check import who_am_i
from nucliactl.service.connect import connection_of
from nucliactl.service.inventory import AGENTS, AGENTS_WITHOUT_MEMORY, KBS, Box, Inventory, Zone, inventory
from nucliactl.service.status import Status, statuses
from nucliactl.sources.sources import Sources
from nucliactl.text_table import table


class Shown(NamedTuple):
    """One configured profile: its definition, whether it is the active one, and its state."""

    definition: Definition
    active: bool
    status: Status

    def row(self) -> dict[str, Any]:
        """Return the shape of one of the profiles of `auth show -o json`."""
        return {
            "name": self.definition.name,
            "kind": self.definition.kind,
            "active": self.active,
            "state": self.status.state,
            "id": self.identity,
            "title": self.title,
            "account": self.account,
            "role": self.role,
            "target": self.definition.target,
        }

    @property
    def identity(self) -> str | None:
        return self.status.found.identity or next(iter(self.definition.ids), None)

    @property
    def title(self) -> str | None:
        return self.status.found.title

    @property
    def account(self) -> str | None:
        return self.status.found.account or self.definition.account

    @property
    def role(self) -> str | None:
        """The role of a key, as the service says it without its leading S (SOWNER is OWNER)."""
        return (self.status.found.role or "").removeprefix("S") or None


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
            "profiles": [shown.row() for shown in self.profiles],
            "warnings": list(self.warnings),
        }

    def box(self, box: Box) -> dict[str, Any]:
        """Return the row of a box of the user's, with the profiles that open it."""
        own = self.opening(box)
        names = [shown.definition.name for shown in own]
        role = next((shown.role for shown in own if shown.role), None)
        return {**box_row(box), "profiles": names, "active": any(s.active for s in own), "role": role}

    def opening(self, box: Box) -> list[Shown]:
        """Return the profiles that lead to a box, the active one first."""
        found = [s for s in self.profiles if s.definition.kind in _OPENING and s.identity == box.id]
        return sorted(found, key=lambda shown: not shown.active)


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
    shown = tuple(Shown(d, is_choice(d, active), s) for d, s in zip(definitions, found, strict=True))
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
        of_kind = [shown for shown in found.profiles if shown.definition.kind == kind.name]
        if of_kind:
            columns = ("", "NAME", *kind.columns, "STATE", "TARGET")
            rows = [[_cell(shown, column) for column in columns] for shown in of_kind]
            parts.append(Section(kind.plural, columns, rows))
    return parts


def _cell(shown: Shown, column: str) -> str:
    return COLUMNS[column](shown) or ("-" if column else "")


def _reached(found: Overview, box: Box) -> list[str]:
    row = found.box(box)
    mark, names = "*" if row["active"] else "", ", ".join(row["profiles"])
    cells = (row["slug"], row["title"], row["account"], row["zone"], names, row["role"], row["id"])
    return [mark, *(cell or "-" for cell in cells)]


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
COLUMNS: dict[str, Callable[[Shown], str | None]] = {
    "": lambda shown: "*" if shown.active else "",
    "NAME": lambda shown: shown.definition.name,
    "ID": lambda shown: shown.identity,
    "CLIENT ID": lambda shown: shown.identity,
    "TITLE": lambda shown: shown.title,
    "WHO": lambda shown: shown.title,
    "ACCOUNT": lambda shown: shown.account,
    "ROLE": lambda shown: shown.role,
    "STATE": lambda shown: shown.status.state,
    "TARGET": lambda shown: shown.definition.target,
}
