"""Saving a draft: its name, update in place, the credential, and making it current."""

import os
from typing import Any, Literal, NamedTuple

from nucliactl.disk.atomic import Batch
from nucliactl.disk.reading import read_file
from nucliactl.errors import Ambiguous, Damaged, NameTaken, Newer, Refused
from nucliactl.login.draft import Draft
from nucliactl.model.fields import secret_keys
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.names import check_name, name_from, numbered
from nucliactl.model.profile import Definition
from nucliactl.service.check import Found
from nucliactl.sources.directory import Directories
from nucliactl.store.active import active_bytes, read_active
from nucliactl.store.credentials import Credential, credential_bytes, read_credential
from nucliactl.store.definitions import definition_bytes, parse_toml
from nucliactl.store.layout import Store

_DERIVED = {"kb": ("zone", "kb"), "nucliadb": ("roles",)}
_KEYLESS = ("public", "roles", "session")
Activate = Literal["always", "when none", "never"]


class Saved(NamedTuple):
    """What saving did. `removed` names keys that were taken out of an existing definition, `kept` the
    copies of damaged files that were replaced."""

    name: str
    created: bool
    removed: tuple[str, ...]
    kept: tuple[str, ...] = ()


def save(
    store: Store,
    directories: Directories,
    draft: Draft,
    found: Found,
    *,
    name: str | None = None,
    force: bool = False,
    now: int | None = None,
    activate: Activate = "always",
) -> Saved:
    """Save a draft under a name and make it current.

    Without `name` the same identity (kind, origin, id) is updated in place. `now` is epoch seconds,
    kept with a user's token. `activate` says whether it becomes the current profile. Raises NameTaken,
    Ambiguous, Damaged or NotWritable; all or nothing for each file, and nothing is lost if the process
    dies in between.
    """
    if name is not None:
        check_name(name)
    import tomlkit  # noqa: F401 (before the lock is held: it takes longer than all the rest)

    definition = completed(draft.definition, found)
    with store.writing(), Batch() as batch:
        active = read_active(store)
        place = _place(store, directories, definition, found, name, force)
        removed, kept = _plan(batch, store, definition, place, draft, now)
        if activate == "always" or (activate == "when none" and active.current is None):
            batch.write(store.active, active_bytes(store, active.switched(place.name, definition.kind)))
        batch.commit()
    return Saved(place.name, place.before is None, removed, kept)


def check_new(store: Store, name: str, *, force: bool) -> None:
    """Raise Malformed or NameTaken where a name cannot be given to something new: before it is made at
    the service, where it would live on unknown."""
    check_name(name)
    if os.path.lexists(store.definition(name)) and not force:
        raise NameTaken(f"The name {name!r} is taken.", hint="Choose another, or replace it with --force.")


class _Place(NamedTuple):
    name: str
    before: Definition | None
    same: bool
    damaged: bool = False


def completed(definition: Definition, found: Found) -> Definition:
    """Return a definition with what its validation found out: account and identity."""
    values: dict[str, Any] = dict(definition.values)
    if found.account:
        values["account"] = found.account
    if found.identity and found.identity != values.get("kb"):
        values["identity"] = found.identity
    return definition._replace(values=values)


def _place(
    store: Store,
    directories: Directories,
    definition: Definition,
    found: Found,
    name: str | None,
    force: bool,
) -> _Place:
    """Decide which name is written, and what is there."""
    own = Directories(tuple(d for d in directories.items if d.store is not None))
    if name is not None:
        try:
            before = own.load(name)
        except Damaged:
            if not force:
                raise
            return _Place(name, None, False, damaged=True)
        same = before is not None and _same(before, definition)
        if before is not None and _rides(definition) and not _rides(before) and not force:
            raise NameTaken(
                f"{name!r} holds an API key, which a session would take the place of.",
                hint="Choose another --name, or replace it with --force.",
            )
        if before is not None and not same and not force:
            raise NameTaken(
                f"The name {name!r} belongs to another {KINDS[before.kind].title} ({before.target}).",
                hint="Choose another --name, or replace it with --force.",
            )
        return _Place(name, before, same)
    known = definition.identity[2] is not None
    alike = [d for d in own.all()[0] if known and d.identity == definition.identity]
    # A key is never taken away by a login that rides on a session.
    alike = [d for d in alike if _rides(d) == _rides(definition)]
    if len(alike) > 1:
        current = read_active(store).current
        active = [d for d in alike if d.name == current]
        if not active:
            names = ", ".join(d.name for d in alike)
            raise Ambiguous(
                f"Several profiles lead there: {names}.", hint=f"Say which: --name {alike[0].name}"
            )
        alike = active
    if alike:
        return _Place(alike[0].name, alike[0], True)
    base = default_name(definition, found)
    taken = set(directories.names())
    free = next(n for n in (base, *(numbered(base, i) for i in range(2, 9999))) if n not in taken)
    return _Place(free, None, False)


def _rides(definition: Definition) -> bool:
    return definition.secret.way == "session"


def _same(before: Definition, definition: Definition) -> bool:
    """Say whether a login of a name may update it: unless both ids are known and differ."""
    return before.identity == definition.identity or (
        before.identity[:2] == definition.identity[:2]
        and None in (before.identity[2], definition.identity[2])
    )


def default_name(definition: Definition, found: Found) -> str:
    """The name of a new profile nobody named: KB slug, `nua-<client id, 8>`, `local`, mail's part."""
    if definition.kind == "nua":
        return name_from("nua-" + (definition.get("identity") or "key")[:8], "nua")
    if definition.kind == "nucliadb":
        return "local"
    return name_from(found.slug or definition.get("kb") or "", definition.kind)


def _plan(
    batch: Batch, store: Store, definition: Definition, place: _Place, draft: Draft, now: int | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put the changes of definition and credential into a batch; return the keys taken out, and the
    copies of damaged files."""
    kind, name = definition.kind, place.name
    derived = _DERIVED.get(kind, ())
    values = {k: v for k, v in definition.values.items() if k not in derived}
    path = store.definition(name)
    kept: tuple[str, ...] = ()
    if place.damaged:  # kept beside it, and replaced as a whole
        kept += (_keep(batch, path),)
    if _is_damaged(store, store.credential(name)):
        kept += (_keep(batch, store.credential(name)),)
    present = set() if place.damaged else set(parse_toml(_bytes(path), path))
    if place.same:
        # Only what login found out: how the endpoint is written stays the person's.
        keep = ("account", "identity", "origin", *_KEYLESS)
        remove = tuple(sorted(present & {*secret_keys(kind), *_KEYLESS} - set(values)))
        values = {k: v for k, v in values.items() if k in keep}
    else:
        # Another identity, or none that is known: the old secret goes before the new address comes.
        batch.remove(store.credential(name))
        remove = tuple(sorted(present - set(values) - {"kind"}))
    credential = _credential(definition, draft, now)
    if place.same and credential is not None:
        batch.write(store.credential(name), credential_bytes(credential))
    data = definition_bytes(store, name, kind, values, remove, anew=place.damaged)
    batch.write(path, data, like=path)
    if credential is None:
        batch.remove(store.credential(name))
    elif not place.same:
        batch.write(store.credential(name), credential_bytes(credential))
    return (remove if place.before is not None else ()), kept


def _is_damaged(store: Store, path: str) -> bool:
    """Say whether a credential file is there and cannot be understood. Raises Damaged where a newer
    version of the tool wrote it."""
    try:
        read_credential(path, store.trust)
    except Newer:
        raise
    except Damaged:
        return True
    except Refused:
        pass
    return False


def _keep(batch: Batch, path: str) -> str:
    """Keep what a file holds beside it, under a name that is free."""
    copies = (f"{path}.damaged", *(f"{path}.damaged-{number}" for number in range(2, 100)))
    copy = next(one for one in copies if not os.path.lexists(one))
    batch.write(copy, _bytes(path))
    return copy


def _bytes(path: str) -> bytes:
    contents = read_file(path)
    return contents.data if contents else b""


def _credential(definition: Definition, draft: Draft, now: int | None) -> Credential | None:
    if draft.secret is None:
        return None
    ends = expiry(draft.secret.reveal())
    if draft.tokens and draft.tokens.expires_in is not None and now is not None:
        ends = now + draft.tokens.expires_in
    return Credential(
        definition.kind,
        definition.origins,
        draft.secret,
        expires_at=ends,
        issued_at=now if definition.kind == USER.name else None,
        refresh_token=draft.tokens.refresh if draft.tokens else None,
    )
