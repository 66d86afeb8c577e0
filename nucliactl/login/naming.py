"""Which name a login writes: the one it is given, the one of the same identity, or a free one."""

import os
from itertools import chain, count
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.errors import Ambiguous, Damaged, NameTaken
from nucliactl.model.endpoint_rules import filled
from nucliactl.model.kinds import KINDS, PERSONAL_TOKEN
from nucliactl.model.names import check_name, name_from, numbered
from nucliactl.model.profile import Definition
from nucliactl.service.check import Identity
from nucliactl.sources.directory import Directories
from nucliactl.sources.sources import Sources
from nucliactl.store.layout import Store


class Place(NamedTuple):
    """A name, the definition that is there (None: none, or a damaged one), and whether it is the same
    identity's."""

    name: str
    before: Definition | None
    same: bool
    damaged: bool = False


def check_new(store: Store, name: str, *, force: bool) -> None:
    """Raise Malformed or NameTaken where a name cannot be given to something new."""
    check_name(name)
    if os.path.lexists(store.definition(name)) and not force:
        raise NameTaken(f"The name {name!r} is taken.", hint="Choose another, or replace it with --force.")


def with_identity(definition: Definition, found: Identity) -> Definition:
    """Return a definition with what its validation found out: account, identity, and what informs."""
    values: dict[str, Any] = dict(definition.values)
    title = found.title if KINDS[definition.kind].identity else None  # else it is its address's own word
    learned = {"title": title, "account": found.account, "account_slug": found.account_slug}
    values |= {key: value for key, value in learned.items() if value}
    if found.identity and found.identity != values.get("kb"):
        values["identity"] = found.identity
    return definition._replace(values=values)


def own_store(sources: Sources) -> Directories:
    """Return the store among the directories of profiles."""
    return Directories(tuple(d for d in sources.directories.items if d.store is not None))


def place_of(
    sources: Sources, definition: Definition, found: Identity, name: str | None, force: bool
) -> Place:
    """Decide which name is written, and what is there. Raises NameTaken, Ambiguous or Damaged."""
    own = own_store(sources)
    if name is not None:
        return _given(own, definition, name, force)
    known = definition.identity[2] is not None
    alike = [d for d in own.all()[0] if known and d.identity == definition.identity]
    # A login that uses a session never takes a key away.
    alike = [d for d in alike if _uses_session(d) == _uses_session(definition)]
    if len(alike) > 1:
        current = sources.active().names
        active = [d for d in alike if d.name in current]
        if not active:
            names = ", ".join(d.name for d in alike)
            raise Ambiguous(
                f"Several profiles lead there: {names}.", hint=f"Say which: --name {alike[0].name}"
            )
        alike = active
    if alike:
        return Place(alike[0].name, alike[0], True)
    return Place(free_name(sources.directories, default_name(definition, found)), None, False)


def make_way(name: str) -> str:
    """Return the hint for a name that another profile bears."""
    return f"Replace it with --force, or rename it first: {hints.GIVE_WAY.format(name)}"


def _given(own: Directories, definition: Definition, name: str, force: bool) -> Place:
    try:
        before = own.load(name)
    except Damaged:
        if not force:
            raise
        return Place(name, None, False, damaged=True)
    same = before is not None and _same(before, definition)
    if before is not None and not force:
        hint = make_way(name)
        if _uses_session(definition) and not _uses_session(before):
            raise NameTaken(f"{name!r} holds an API key, which a session would replace.", hint=hint)
        if not same:
            other = f"another {KINDS[before.kind].title} ({before.target})"
            raise NameTaken(f"The name {name!r} belongs to {other}.", hint=hint)
    return Place(name, before, same)


def _uses_session(definition: Definition) -> bool:
    return definition.secret.way == "session"


def _same(before: Definition, definition: Definition) -> bool:
    """Say whether a login of a name may update it: unless both ids are known and differ."""
    return before.identity == definition.identity or (
        before.identity[:2] == definition.identity[:2]
        and None in (before.identity[2], definition.identity[2])
    )


def free_name(directories: Directories, base: str) -> str:
    """Return `base`, or the first of `base-2`, `base-3`, … that no directory has."""
    taken = set(directories.names())
    names = chain((base,), (numbered(base, number) for number in count(2)))
    return next(name for name in names if name not in taken)


def default_name(definition: Definition, found: Identity) -> str:
    """The name of a new profile nobody named: KB slug, `nua-<client id, 8>`, `local`, mail's part."""
    kind = KINDS[definition.kind]
    return name_from(filled(kind.default_name, {**definition.values, "slug": found.slug}) or "", kind.name)


def token_name(maker: Definition, description: str) -> str:
    """The name of a personal token that a signed-in user makes and nobody named."""
    return name_from(f"{maker.name}-{description}", PERSONAL_TOKEN.name)
