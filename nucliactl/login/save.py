"""Saving a draft: its name, update in place, the credential, and making it current."""

import os
from typing import Any, NamedTuple

from nucliactl.errors import Ambiguous, Damaged, NameTaken
from nucliactl.login.draft import Draft
from nucliactl.model.fields import file_keys
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.names import check_name, name_from, numbered
from nucliactl.model.profile import Definition
from nucliactl.service.check import Found
from nucliactl.sources.directory import Directories
from nucliactl.store.active import read_active, write_active
from nucliactl.store.credentials import Credential, remove_credential, write_credential
from nucliactl.store.definitions import write_definition
from nucliactl.store.layout import Store

_DERIVED = {"kb": ("zone", "kb"), "nucliadb": ("roles",)}
_KEYLESS = ("public", "roles", "session")


class Saved(NamedTuple):
    """What saving did. `removed` names keys that were taken out of an existing definition."""

    name: str
    created: bool
    removed: tuple[str, ...]


def save(
    store: Store,
    directories: Directories,
    draft: Draft,
    found: Found,
    *,
    name: str | None = None,
    force: bool = False,
    now: int | None = None,
    activate: bool = True,
) -> Saved:
    """Save a draft under a name and make it current.

    Without `name` the same identity (kind, origin, id) is updated in place. `now` is epoch seconds,
    kept with a user's token. Raises NameTaken, Ambiguous, Damaged or NotWritable; all or nothing
    for each file, and nothing is lost if the process dies in between.
    """
    if name is not None:
        check_name(name)
    definition = _completed(draft.definition, found)
    with store.writing():
        existing = _place(store, directories, definition, found, name, force)
        final = existing.name
        removed = _write(store, definition, existing, draft, now)
        if activate:
            write_active(store, read_active(store).switched(final, definition.kind))
    return Saved(final, existing.before is None, removed)


class _Place(NamedTuple):
    name: str
    before: Definition | None
    same: bool


def _completed(definition: Definition, found: Found) -> Definition:
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
            path = store.definition(name)
            os.replace(path, path + ".damaged")
            before = None
        same = before is not None and before.identity == definition.identity
        if before is not None and not same and not force:
            raise NameTaken(
                f"The name {name!r} belongs to another {KINDS[before.kind].title} ({before.target}).",
                hint="Choose another --name, or replace it with --force.",
            )
        return _Place(name, before, same)
    alike = [d for d in own.all()[0] if d.identity == definition.identity]
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


def default_name(definition: Definition, found: Found) -> str:
    """The name of a new profile nobody named: KB slug, `nua-<client id, 8>`, `local`, mail's part."""
    if definition.kind == "nua":
        return name_from("nua-" + (definition.get("identity") or "key")[:8], "nua")
    if definition.kind == "nucliadb":
        return "local"
    return name_from(found.slug or definition.get("kb") or "", definition.kind)


def _write(
    store: Store, definition: Definition, place: _Place, draft: Draft, now: int | None
) -> tuple[str, ...]:
    kind, name = definition.kind, place.name
    derived = _DERIVED.get(kind, ())
    values = {
        k: v for k, v in definition.values.items() if k not in derived or (k == "roles" and kind == "kb")
    }
    credential = _credential(definition, draft, now)
    if place.before is None:
        write_definition(store, name, kind, values)
        _store_credential(store, name, credential)
        return ()
    present = set(_present(store, name))
    if place.same:
        # Only what login found out: how the endpoint is written stays the person's.
        keep = ("account", "identity", *_KEYLESS)
        secret_keys = {k for k in file_keys(kind) if _is_secret_key(k, kind)}
        remove = tuple(sorted(present & (secret_keys | set(_KEYLESS)) - set(values)))
        changed = {k: v for k, v in values.items() if k in keep}
        _store_credential(store, name, credential)
        write_definition(store, name, kind, changed, remove)
        return remove
    # Another identity takes the name over: the old secret goes before the new address comes.
    remove_credential(store, name)
    remove = tuple(sorted(present - set(values) - {"kind"}))
    write_definition(store, name, kind, values, remove)
    _store_credential(store, name, credential)
    return remove


def _present(store: Store, name: str) -> list[str]:
    from nucliactl.disk.reading import read_file
    from nucliactl.store.definitions import parse_toml

    path = store.definition(name)
    contents = read_file(path)
    return list(parse_toml(contents.data, path)) if contents else []


def _is_secret_key(key: str, kind: str) -> bool:
    secret = KINDS[kind].secret_field
    return secret is not None and (key == secret or key.startswith(secret + "_"))


def _credential(definition: Definition, draft: Draft, now: int | None) -> Credential | None:
    if draft.secret is None:
        return None
    return Credential(
        definition.kind,
        definition.origins,
        draft.secret,
        expires_at=expiry(draft.secret.reveal()),
        issued_at=now if definition.kind == USER.name else None,
    )


def _store_credential(store: Store, name: str, credential: Credential | None) -> None:
    if credential is None:
        remove_credential(store, name)
    else:
        write_credential(store, name, credential)
