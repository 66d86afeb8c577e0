"""What is switched to or pinned: one profile, or one of each of several kinds; all is checked before anything
is written."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Ambiguous, Malformed, NucliactlError, UnknownProfile
from nucliactl.model.kinds import KINDS
from nucliactl.model.names import shown, stored_names
from nucliactl.model.profile import Definition
from nucliactl.resolver.named import of_each_kind, unknown_profile
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Sources
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nucliactl.model.words import KindName


class Selection(NamedTuple):
    """Profiles of different kinds, as somebody typed their names."""

    text: str
    definitions: tuple[Definition, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(definition.name for definition in self.definitions)

    @property
    def kinds(self) -> dict[KindName, str]:
        return {definition.kind: definition.name for definition in self.definitions}


def selection_of(sources: Sources, text: str, why: str) -> Selection:
    """Return the selection that a text names. Raises Malformed, UnknownProfile, Ambiguous where two are of
    one kind, or what reading a definition raises."""
    names = stored_names(text, "use")
    definitions = tuple(_lasting(sources, name, why) for name in names)
    of_each_kind(definitions, "The selection")
    as_typed = len(names) > 1 and text.isprintable()
    return Selection(text.strip() if as_typed else ",".join(names), definitions)


def _lasting(sources: Sources, name: str, why: str) -> Definition:
    """Return the definition of a name that is there without --profiles-dir, too."""
    definition = sources.directories.load(name)
    if definition is None:
        raise unknown_profile(name, why, sources)
    if _without_flag(sources).find(name) is None:
        raise UnknownProfile(
            f"{name!r} exists below --profiles-dir only, and would be gone without that flag.",
            hint=f"For one command: --profile {name}. Or put its directory on NUCLIA_PROFILES_PATH.",
        )
    return definition


def _without_flag(sources: Sources) -> Directories:
    return Directories(tuple(d for d in sources.directories.items if d.source_kind != "flag"))


def selection_of_account(sources: Sources, account: str) -> tuple[Selection, list[NucliactlError]]:
    """Return one customer's profiles, and why some could not be read.

    Raises Malformed, UnknownProfile where there is none, Ambiguous where it is not clear which."""
    if not account:
        raise Malformed("--account is empty.", hint=hints.USE_ACCOUNT)
    found, problems = _without_flag(sources).all()
    chosen = of_one_account(found, account, sources.active().last)
    return Selection(",".join(definition.name for definition in chosen), tuple(chosen)), problems


def of_one_account(
    found: Sequence[Definition], account: str, last: Mapping[str, str]
) -> tuple[Definition, ...]:
    """Choose one profile of each kind that an account has: the only one, else the last used."""
    from nucliactl.model.accounts import ids_of, names_of_accounts, of_account
    from nucliactl.sources.official import ORDER

    own = of_account(found, account)
    if not own:
        known = sorted(names_of_accounts(found))
        listed = f"There are: {', '.join(known)}." if known else "No profile states one."
        raise UnknownProfile(
            f"There is no profile of the account {shown(account)}.",
            hint=f"{listed} List them: {hints.LIST}",
        )
    if len(ids := ids_of(own, account)) > 1:
        raise Ambiguous(
            f"{shown(account)} stands for several accounts: {', '.join(ids)}.",
            hint=f"Say which: {hints.use_account(ids[0])}",
        )
    # The first of these that the account has becomes the current profile.
    of_kind = {kind: [d for d in own if d.kind == kind] for kind in dict.fromkeys((*ORDER, *KINDS))}
    used = {kind: [d for d in some if d.name == last.get(kind)] for kind, some in of_kind.items()}
    chosen = [(used[kind] or some) for kind, some in of_kind.items() if some]
    if unclear := [d for some in chosen if len(some) > 1 for d in some]:
        names = ", ".join(f"{d.name} ({d.kind})" for d in unclear)
        first = ",".join(some[0].name for some in chosen)
        raise Ambiguous(
            f"The account {shown(account)} has several profiles of one kind: {names}.",
            hint=f"Name one of each kind: {hints.use(first)}",
        )
    return tuple(some[0] for some in chosen)
