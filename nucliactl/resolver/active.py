"""What was switched to (rank 5), and the account guard."""

from __future__ import annotations

from nucliactl import hints
from nucliactl.errors import Ambiguous, NothingConfigured, NotWritable, NucliactlError
from nucliactl.model.source import Source
from nucliactl.resolver.named import defined, first_fitting, gone_from, of_each_kind, rows_of
from nucliactl.resolver.result import Choice, Query, Row
from nucliactl.sources.sources import Sources

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.profile import Definition
    from nucliactl.model.words import KindName
    from nucliactl.resolver.result import Judging


def switched_to(sources: Sources, query: Query) -> Judging:
    source = Source("active", sources.store.active if sources.store else "-")
    if sources.no_store is not None:  # nor is anything of a lower rank asked in its place
        if isinstance(sources.no_store, NotWritable):
            what = f"There is no active profile: {sources.no_store.message}"
            raise NothingConfigured(what, hint=sources.no_store.hint)
        raise sources.no_store
    stored = sources.active()
    if gone := gone_from(stored.names, "the current profile", sources):
        raise gone
    if not query.kinds:
        return (yield from _first(stored.names, source, sources, query))
    selected, damaged = _loaded(stored.names, sources)
    chosen = first_fitting(selected, query)
    if damaged is not None and chosen is None:
        raise damaged  # it may be what is asked for
    yield from rows_of("5", source, selected, chosen, query)
    if chosen is not None:
        return Choice("5", chosen.name, source, chosen, stored.names)
    # The account of a selection is that of the first profile that states one.
    current = next((d for d in selected if d.account), next(iter(selected), None))
    unclear: NucliactlError | None = None
    for kind in query.kinds:
        try:
            choice = yield from _of_kind(kind, stored.last.get(kind), current, source, sources)
        except Ambiguous as error:
            unclear = unclear or error
        else:
            if choice is not None:
                return choice
    return unclear


def _first(names: tuple[str, ...], source: Source, sources: Sources, query: Query) -> Judging:
    """Choose where no kind is asked for; a damaged definition of another name stops nothing."""
    if not names:
        yield Row("5", source, None, "absent")
        return None
    definition: Definition | None = None
    if query.definition or len(names) > 1:
        selected, damaged = _loaded(names, sources)
        definition = next((d for d in selected if d.name == names[0]), None)
        if damaged is not None and definition is None and query.definition:
            raise damaged
        of_each_kind(selected, source.location)
    for name in names:
        yield Row("5", source, name, "chosen" if name == names[0] else "not reached")
    return Choice("5", names[0], source, definition, names)


def _loaded(names: tuple[str, ...], sources: Sources) -> tuple[list[Definition], NucliactlError | None]:
    """Return the definitions of a selection, and the first reason why one of them is not readable."""
    found: list[Definition] = []
    problem: NucliactlError | None = None
    for name in names:
        try:
            found.append(defined(name, "the current profile", sources))
        except NucliactlError as error:
            problem = problem or error
    return found, problem


def _of_kind(
    kind: KindName, last: str | None, current: Definition | None, source: Source, sources: Sources
) -> Judging:
    """The profile last switched to of a kind, else the only one; never another account's."""
    if last and sources.directories.find(last):
        found = sources.directories.load(last)
        if found and found.kind == kind and not _other_account(current, found):
            yield Row("5", source, last, "chosen", f"last of kind {kind}")
            return Choice("5", last, source, found)
    of_kind = [d for d in sources.directories.all()[0] if d.kind == kind]
    if not of_kind:
        yield Row("5", source, None, "absent", f"no profile of kind {kind}")
        return None
    if len(of_kind) == 1 and not _other_account(current, of_kind[0]):
        yield Row("5", source, of_kind[0].name, "chosen", f"the only one of kind {kind}")
        return Choice("5", of_kind[0].name, source, of_kind[0])
    for definition in of_kind:
        reason = "of another account" if _other_account(current, definition) else ""
        yield Row("5", source, definition.name, "ambiguous", reason)
    names = ", ".join(d.name + (f" (account {d.account})" if d.account else "") for d in of_kind)
    account = f" of account {current.account}" if current and current.account else ""
    raise Ambiguous(
        f"No profile of kind {kind} goes with the current one"
        f"{f' ({current.name}{account})' if current else ''}; there are: {names}.",
        hint=f"Switch to one: {hints.use(of_kind[0].name)}, or name it: --profile NAME",
    )


def _other_account(current: Definition | None, other: Definition) -> bool:
    return bool(current and current.account and other.account and current.account != other.account)
