"""What was switched to (rank 5), and the account guard."""

from nucliactl import hints
from nucliactl.errors import Ambiguous, NothingConfigured, NotWritable, NucliactlError
from nucliactl.model.kinds import KindName
from nucliactl.model.profile import Definition, Source
from nucliactl.resolver.named import defined, unknown_profile
from nucliactl.resolver.result import Choice, Judging, Query, Row
from nucliactl.sources.sources import Sources


def switched_to(sources: Sources, query: Query) -> Judging:
    source = Source("active", sources.store.active if sources.store else "-")
    if sources.no_store is not None:  # nor is anything of a lower rank asked in its place
        if isinstance(sources.no_store, NotWritable):
            what = f"There is no active profile: {sources.no_store.message}"
            raise NothingConfigured(what, hint=sources.no_store.hint)
        raise sources.no_store
    stored = sources.active()
    current = stored.current
    definition: Definition | None = None
    if current is not None:
        if query.kinds or query.definition:
            definition = defined(current, "the current profile", sources)
        elif not sources.directories.has(current):
            raise unknown_profile(current, "the current profile", sources)
        if definition is None or not query.kinds or definition.kind in query.kinds:
            yield Row("5", source, current, "chosen")
            return Choice("5", current, source, definition)
        yield Row("5", source, current, "other kind", f"is of kind {definition.kind}")
    elif not query.kinds:
        yield Row("5", source, None, "absent")
    unclear: NucliactlError | None = None
    for kind in query.kinds:
        try:
            choice = yield from _of_kind(kind, stored.last.get(kind), definition, source, sources)
        except Ambiguous as error:
            unclear = unclear or error
        else:
            if choice is not None:
                return choice
    return unclear


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
