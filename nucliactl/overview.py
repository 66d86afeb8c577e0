"""What is configured and what the service says of it: `auth show`, and the SDK's `show` and `nuas`."""

from typing import Any, NamedTuple

from nucliactl.http.drive import Flow
from nucliactl.listing import all_definitions, is_active
from nucliactl.login.status import Status, statuses
from nucliactl.model.kinds import KB, KINDS, NUA, NUCLIADB
from nucliactl.model.profile import Definition
from nucliactl.sources.world import World
from nucliactl.tables import table


class Shown(NamedTuple):
    """One configured profile: its definition, whether it is the active one, and its state."""

    definition: Definition
    active: bool
    status: Status

    def row(self) -> dict[str, Any]:
        """Return the shape of `auth show -o json`."""
        found = self.status.found
        return {
            "name": self.definition.name,
            "kind": self.definition.kind,
            "active": self.active,
            "state": self.status.state,
            "id": self.identity,
            "title": found.title if found else None,
            "account": self.account,
            "role": self.role,
            "target": self.definition.target,
        }

    @property
    def identity(self) -> str | None:
        stated = self.definition.get("identity") or self.definition.get("kb")
        return (self.status.found.identity if self.status.found else None) or stated

    @property
    def account(self) -> str | None:
        return (self.status.found.account if self.status.found else None) or self.definition.account

    @property
    def role(self) -> str | None:
        """The role of a key, as the service says it without its leading S (SOWNER is OWNER)."""
        role = self.status.found.role if self.status.found else None
        return role.removeprefix("S") if role else None


class Overview(NamedTuple):
    """Everything configured. `warnings` are sentences about what cannot be read."""

    profiles: tuple[Shown, ...]
    warnings: tuple[str, ...]

    def json(self) -> dict[str, Any]:
        return {"profiles": [shown.row() for shown in self.profiles]}


def overview(world: World, now: float) -> Flow[Overview]:
    """Ask about every profile at once. One that fails is a state of its own, never an error."""
    definitions, problems = all_definitions(world)
    found = yield from statuses(definitions, world, now)
    shown = [Shown(d, is_active(d, world), s) for d, s in zip(definitions, found, strict=True)]
    return Overview(tuple(shown), tuple(problem.message for problem in problems))


class Section(NamedTuple):
    """One table of an overview."""

    title: str
    headers: tuple[str, ...]
    rows: list[list[str]]


def sections(found: Overview) -> list[Section]:
    """Return an overview as tables, a section a kind."""
    parts = []
    for kind in KINDS.values():
        of_kind = [shown for shown in found.profiles if shown.definition.kind == kind.name]
        if of_kind:
            columns = _COLUMNS.get(kind.name, _SIGNED_IN)
            rows = [[read(shown) for read in columns.values()] for shown in of_kind]
            parts.append(Section(_TITLES[kind.name], tuple(columns), rows))
    return parts


def nua_section(definitions: list[Definition], active: str | None) -> Section:
    """Return NUA keys as a table, without asking the service."""
    rows = [
        [
            "*" if d.name == active else "",
            d.name,
            d.get("identity") or "-",
            d.get("origin") or d.get("issuer") or "-",
            d.account or "-",
        ]
        for d in definitions
    ]
    return Section("NUA keys", ("", "NAME", "CLIENT ID", "REGION", "ACCOUNT"), rows)


def as_text(parts: list[Section]) -> str:
    """Return sections as text."""
    return "\n\n".join(f"{part.title}\n{table(part.rows, part.headers)}" for part in parts)


_MARK = {"": lambda s: "*" if s.active else "", "NAME": lambda s: s.definition.name}
_END = {"STATE": lambda s: s.status.state, "TARGET": lambda s: s.definition.target}
_ACCOUNT = {"ACCOUNT": lambda s: s.account or "-"}
_TITLE = {"TITLE": lambda s: (s.status.found.title if s.status.found else None) or "-"}
_COLUMNS: dict[str, dict[str, Any]] = {
    KB.name: {
        **_MARK,
        "ID": lambda s: s.identity or "-",
        **_TITLE,
        **_ACCOUNT,
        "ROLE": lambda s: s.role or "-",
        **_END,
    },
    NUA.name: {**_MARK, "CLIENT ID": lambda s: s.identity or "-", **_ACCOUNT, **_END},
    NUCLIADB.name: {**_MARK, **_END},
}
_SIGNED_IN: dict[str, Any] = {**_MARK, "WHO": _TITLE["TITLE"], **_END}
_TITLES = {
    "user": "Signed in",
    "personal-token": "Personal access tokens",
    "kb": "Knowledge Boxes",
    "nua": "NUA keys",
    "nucliadb": "NucliaDB",
}
