"""Changing stored profiles: set and unset a key, rename, copy, delete. Each is one batch of writes."""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any, NamedTuple

from nucliactl import hints
from nucliactl.disk.atomic import Batch
from nucliactl.editing import definition_bytes, file_bytes
from nucliactl.errors import Damaged, Fixed, Malformed, NameTaken, NucliactlError, UnknownProfile
from nucliactl.layers import as_seconds
from nucliactl.model.definition import parse_definition
from nucliactl.model.fields import as_boolean, file_keys
from nucliactl.model.kinds import USER
from nucliactl.model.names import check_name, shown
from nucliactl.model.profile import Definition, Source
from nucliactl.model.shared_fields import ACCOUNT_SLUG, Field
from nucliactl.sources.sources import Sources
from nucliactl.store.active import active_bytes, read_active
from nucliactl.store.definitions import dependants, kept_in, linked_to, read_stored
from nucliactl.store.formats import parse_toml
from nucliactl.store.keeping import held_in, keep_in, keep_of, keeps_of
from nucliactl.store.layout import Store
from nucliactl.store.refreshes import WAIT, refreshing


class Changed(NamedTuple):
    """What changing a profile did: its definition now, who refers to it, whether a stored credential
    still serves it, the file outside the store that was written because a link led there, and why the
    keyring still has what is kept elsewhere now."""

    definition: Definition
    dependants: tuple[str, ...] = ()
    credential: bool = True
    outside: str | None = None
    left: tuple[NucliactlError, ...] = ()

    @property
    def where(self) -> str:
        """What was written, in words."""
        location = self.definition.source.location
        return f"{location}, a link: {self.outside} was written" if self.outside else location


def stored(store: Store, name: str) -> Definition:
    """Return a definition of the store; UnknownProfile if it is not there (or elsewhere only)."""
    found = read_stored(store, check_name(name))
    if found is None and (target := linked_to(store.definition(name))):
        raise UnknownProfile(
            f"{store.definition(name)} is a link to {target}, which is not there.",
            hint=f"Put the file back, or remove the link: {hints.DELETE.format(name)}",
        )
    if found is None:
        raise UnknownProfile(
            f"There is no profile {shown(name)} in the store.",
            hint=f"Only profiles of the store can be changed; list them: {hints.LIST}",
        )
    return found


def check_bytes(store: Store, name: str, data: bytes) -> Definition:
    """Return what a definition file of that name would mean. Raises Malformed or Damaged."""
    path = store.definition(name)
    ref = partial(kept_in, store, name)
    return parse_definition(name, parse_toml(data, path), Source("store", path), ref)


def set_keys(sources: Sources, name: str, given: Mapping[str, str], unset: tuple[str, ...] = ()) -> Changed:
    """Set keys from text and take keys out; the result is checked before it is saved.

    Raises Malformed for an unknown key or value, or for a secret, which a login keeps better.
    """
    store = sources.writable()
    moves, left = "storage" in (*given, *unset), list[NucliactlError]()
    alone = refreshing(store, check_name(name), WAIT) if moves else nullcontext()
    with alone, store.writing(), Batch() as batch:
        before = stored(store, name)
        keys = file_keys(before.kind)
        for key in (*given, *unset):
            _check_key(key, keys, before)
        values = {key: _value(keys[key], text) for key, text in given.items()}
        data = definition_bytes(store, name, before.kind, values, (*unset, *_outdated(before, given, unset)))
        after = check_bytes(store, name, data)
        _check_chain(sources, after)
        path = store.definition(name)
        with _moved(batch, store, before, after, left) if moves else nullcontext():
            batch.write(path, data, like=path, through=True)
        batch.commit()
    same_origins = set(after.origins) <= set(before.origins)
    return Changed(after, tuple(dependants(store, name)), same_origins, linked_to(path), tuple(left))


@contextlib.contextmanager
def _moved(
    batch: Batch, store: Store, before: Definition | None, after: Definition, left: list[NucliactlError]
) -> Iterator[None]:
    """Have the credential where the definition says, once that is written in the block: first it is in
    both places, then the definition changes, then it is in the new one only. `left` takes up why the keyring
    still has it."""
    if after.secret.kept is None:
        yield
        return
    target, keeps = keep_of(after), keeps_of(store, after.name)
    found = held_in(keeps, (before.secret.kept if before else None) or target.storage)
    if found is not None and found[0].storage != target.storage:
        target.put(batch, found[1])
    yield
    for keep in keeps:
        if keep.storage != target.storage:
            keep.remove(batch, left.append)


def _outdated(before: Definition, given: Mapping[str, str], unset: tuple[str, ...]) -> tuple[str, ...]:
    """Return what no longer holds: the slug of an account that is another one now."""
    account = given.get("account", None if "account" in unset else before.account)
    kept = account == before.account or ACCOUNT_SLUG.name in given
    return () if kept else (ACCOUNT_SLUG.name,)


def _check_chain(sources: Sources, after: Definition) -> None:
    """Raise Malformed where a definition would extend itself, or a profile that is not there."""
    try:
        sources.bases(after)
    except (Damaged, UnknownProfile) as error:
        raise Malformed(error.message, hint="Change extends; nothing was saved.") from None


def _check_key(key: str, keys: Mapping[str, Field], definition: Definition) -> None:
    if key == "kind":
        raise _fixed()
    if key not in keys:
        from difflib import get_close_matches

        near = get_close_matches(key, keys, 1)
        known = ", ".join(k for k in keys if k != "kind")
        hint = f"Did you mean {near[0]}?" if near else f"The keys of kind {definition.kind}: {known}."
        raise Malformed(f"There is no key {shown(key)} for kind {definition.kind}.", hint=hint)
    if keys[key].secret:
        raise Malformed(
            f"{key} is a secret; a definition is no place for it.",
            hint=f"Log in instead, and the tool keeps it: {hints.LOGINS}",
        )


def _fixed() -> Fixed:
    return Fixed("kind cannot be changed.", hint="Log in again under another --name.")


def _value(declared: Field, text: str) -> Any:
    if declared.form == "boolean":
        return as_boolean(text, declared.name)
    if declared.form == "number":
        return as_seconds(text, declared.name)
    if declared.form == "strings":
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def rename(store: Store, old: str, new: str) -> Changed:
    """Give a profile another name, in everything that refers to it: credential, active, others."""
    check_name(new)
    with refreshing(store, check_name(old), WAIT), store.writing(), Batch() as batch:
        before = stored(store, old)
        _check_free(store, new)
        referring = dependants(store, old)
        _check_own(store, referring, old, new)
        path = store.definition(old)
        if os.path.islink(path):
            batch.link(store.definition(new), os.readlink(path))
        else:
            batch.write(store.definition(new), file_bytes(store, path), like=path)
        # Moved, not written anew: a session that stands twice is spent twice, and ends.
        storage = before.secret.kept or "file"
        for keep in (*keeps_of(store, new), *keeps_of(store, old)):
            if keep.storage != storage:  # none that was left behind there is taken up
                keep.remove(batch)
        keep_in(store, old, storage).move(batch, new)
        batch.move(store.journal(old), store.journal(new))
        for name in referring:
            table = parse_toml(file_bytes(store, store.definition(name)), name)
            changed = {key: new for key in ("session", "extends") if table.get(key) == old}
            data = definition_bytes(store, name, None, changed)
            batch.write(store.definition(name), data, like=store.definition(name))
        batch.write(store.active, active_bytes(store, read_active(store).renamed(old, new)))
        batch.remove(path)
        batch.commit()
    return Changed(stored(store, new), tuple(referring))


def copy(store: Store, old: str, new: str) -> Changed:
    """Copy a profile with its credential. A session is never copied: the copy needs a login."""
    check_name(new)
    with store.writing(), Batch() as batch:
        before = stored(store, old)
        _check_free(store, new)
        credential = None
        if before.kind != USER.name and before.secret.kept:
            credential = keep_of(before).read()
        for keep in keeps_of(store, new):  # none that was left behind there is taken up
            keep.remove(batch)
        if credential is not None:
            assert before.secret.kept is not None
            keep_in(store, new, before.secret.kept).put(batch, credential)
        batch.write(
            store.definition(new), file_bytes(store, store.definition(old)), like=store.definition(old)
        )
        batch.commit()
    return Changed(stored(store, new), (), credential is not None or not before.secret.kept)


def check_deletable(store: Store, name: str, *, force: bool = False) -> tuple[str, ...]:
    """Return who refers to a profile. Raises UnknownProfile where it is not in the store, and NameTaken while
    others refer to it, unless `force`."""
    if not os.path.lexists(store.definition(check_name(name))):
        stored(store, name)
    referring = tuple(dependants(store, name))
    if referring and not force:
        raise NameTaken(
            f"{', '.join(referring)} refer{'s' if len(referring) == 1 else ''} to {name!r}.",
            hint="Change them first, or delete it anyway with --force.",
        )
    return referring


def delete(
    store: Store, name: str, *, force: bool = False
) -> tuple[tuple[str, ...], tuple[NucliactlError, ...]]:
    """Delete a profile, its credential, and what `active.json` says of it; return who referred to it, and
    what could not be removed from the keyring.

    Raises NameTaken while others refer to it, and NotWritable where the keyring keeps its secret, unless
    `force`. A damaged definition can be deleted.
    """
    left: list[NucliactlError] = []
    with refreshing(store, check_name(name), WAIT), store.writing(), Batch() as batch:
        referring = check_deletable(store, name, force=force)
        for keep in keeps_of(store, name):
            keep.remove(batch, left.append if force else None)
        batch.remove(store.journal(name))
        batch.remove(store.definition(name))
        batch.write(store.active, active_bytes(store, read_active(store).renamed(name, None)))
        batch.commit()
    return referring, tuple(left)


def edit(sources: Sources, name: str, change: Callable[[bytes], bytes]) -> Changed:
    """Let `change` (an editor) make new contents of a definition; save them if they are valid.

    The lock is not held while a person edits: if the file changed meanwhile, nothing is saved.
    """
    store = sources.writable()
    path = store.definition(check_name(name))
    if not os.path.lexists(path):
        stored(store, name)
    before = file_bytes(store, path)
    after = change(before)
    definition, old = check_bytes(store, name, after), None
    with contextlib.suppress(Damaged, Malformed):  # a damaged one may become anything
        old = check_bytes(store, name, before)
    if old is not None and old.kind != definition.kind:
        raise _fixed()
    left: list[NucliactlError] = []
    _check_chain(sources, definition)
    with refreshing(store, name, WAIT), store.writing(), Batch() as batch:
        if file_bytes(store, path) != before:
            raise NucliactlError(f"{path} was changed by somebody else in the meantime; nothing was saved.")
        if after != before:
            # A secret that was written into it is nobody else's to read.
            like = None if definition.secret.way == "inline" else path
            with _moved(batch, store, old, definition, left):
                batch.write(path, after, like=like, through=True)
            batch.commit()
    return Changed(definition, tuple(dependants(store, name)), outside=linked_to(path), left=tuple(left))


def _check_own(store: Store, referring: list[str], old: str, new: str) -> None:
    """Raise NucliactlError where a profile that refers to another is a link: what it leads to is not
    the store's to change by a rename."""
    for name in referring:
        if outside := linked_to(store.definition(name)):
            raise NucliactlError(
                f"{name} refers to {old!r}, and its definition is a link to {outside}; nothing was renamed.",
                hint=f"Copy instead: {hints.COPY.format(old, new)}, then name it in that file.",
            )


def _check_free(store: Store, name: str) -> None:
    if os.path.lexists(store.definition(name)):
        raise NameTaken(f"The name {name!r} is taken.", hint="Choose another one.")
