"""Everything a signed-in user reaches: all accounts in all zones, asked at once, each with a deadline.

A zone that is dead or forbidden costs one warning and its own deadline, never the rest of the list.
"""

from typing import NamedTuple, TypeVar

from nucliactl.errors import Ambiguous, NotThere, NucliactlError, Refused, UnknownProfile, Unreachable
from nucliactl.http.client import Connection
from nucliactl.http.drive import Call, Flow
from nucliactl.login.tokens import connection_of
from nucliactl.model.endpoint import DEFAULT_DOMAIN, origin_of, zone_url
from nucliactl.model.names import shown
from nucliactl.model.profile import Definition
from nucliactl.secret import printable
from nucliactl.service import reach as asking
from nucliactl.service.reach import KBS, MODES, Account, Box, Content, Zone
from nucliactl.sources.sources import Sources

_Named = TypeVar("_Named", Account, Zone)
SECONDS = 10.0
"""The longest that one zone is waited for."""


class Reach(NamedTuple):
    """What a user reaches. `warnings` name each zone that could not be asked, once."""

    accounts: tuple[Account, ...]
    zones: tuple[Zone, ...]
    boxes: tuple[Box, ...]
    warnings: tuple[str, ...]

    def of(self, *modes: str | None) -> list[Box]:
        return [box for box in self.boxes if box.mode in modes]


def accounts(definition: Definition, sources: Sources) -> Flow[tuple[Account, ...]]:
    found: tuple[Account, ...] = yield Call(
        _connection(definition, sources), asking.accounts(definition.global_url)
    )
    return found


def zones(definition: Definition, sources: Sources) -> Flow[tuple[Zone, ...]]:
    found: tuple[Zone, ...] = yield Call(
        _connection(definition, sources), asking.zones(definition.global_url)
    )
    return found


def reach(
    definition: Definition,
    sources: Sources,
    *,
    account: str | None = None,
    zone: str | None = None,
    modes: tuple[str | None, ...] = MODES,
) -> Flow[Reach]:
    """Ask for accounts and zones, then every zone at once. `account` and `zone` (id or slug) narrow.

    Raises what asking for accounts or zones raises, or for every zone; UnknownProfile for an account or
    zone that is not there.
    """
    connection = _connection(definition, sources)
    both = yield [
        Call(connection, asking.accounts(definition.global_url)),
        Call(connection, asking.zones(definition.global_url)),
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
            asking.content(base_of(definition, one), one, mine, modes),
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
    return Reach(mine, asked, tuple(boxes), tuple(warnings))


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


def find_box(found: Reach, wanted: str, modes: tuple[str | None, ...] = (KBS,)) -> Box:
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
