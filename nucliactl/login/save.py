"""Saving a draft: its name, update in place, the credential, and making it current."""

import os
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from nucliactl.disk.atomic import Batch
from nucliactl.editing import definition_bytes, file_bytes
from nucliactl.errors import Damaged, Newer, NotWritable, NucliactlError
from nucliactl.login.draft import Draft
from nucliactl.login.naming import Place, own_store, place_of, with_identity
from nucliactl.model.accounts import slug_of
from nucliactl.model.fields import secret_keys
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import USER
from nucliactl.model.names import check_name
from nucliactl.model.profile import Definition
from nucliactl.model.shared_fields import ACCOUNT_SLUG, INFORMATIONAL
from nucliactl.model.words import KindName, StoreName
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Sources
from nucliactl.store.active import active_bytes, read_active
from nucliactl.store.credentials import Credential
from nucliactl.store.formats import parse_toml
from nucliactl.store.keeping import Keep, Stay, keep_in, keeps_of, stay_of
from nucliactl.store.layout import Store

DERIVED = {"kb": ("zone", "kb"), "nucliadb": ("roles",)}
"""The keys that follow from the others of a kind, and are not written."""
_KEYLESS = ("public", "roles", "session")
STAND_IN = Secret("0" * 4096)  # as large as any key: what has room for it has room for the real one
Activate = Literal["always", "when none", "never"]


class Saved(NamedTuple):
    """What saving did. `title` is the service's word for what was saved. `removed` names keys that were
    taken out of an existing definition, `kept` the copies of damaged files that were replaced. `left` tells
    what could not be removed from the keyring, where it is kept no more."""

    name: str
    kind: KindName
    title: str | None
    created: bool
    removed: tuple[str, ...]
    kept: tuple[str, ...] = ()
    left: tuple[NucliactlError, ...] = ()


def save(
    sources: Sources,
    draft: Draft,
    found: Identity,
    *,
    name: str | None = None,
    force: bool = False,
    now: int | None = None,
    activate: Activate = "always",
    rehearsal: bool = False,
    storage: StoreName | None = None,
) -> Saved:
    """Save a draft under a name and make it current.

    Without `name` the same identity (kind, origin, id) is updated in place. `now` is epoch seconds,
    kept with a user's token. `storage`: where its secret is kept, None for where its definition or
    `config.toml` says. `activate` says whether it becomes the current profile. A `rehearsal` does
    everything but the last step: it writes beside each file (something else into the keyring), and takes
    that away again. Raises
    NameTaken, Ambiguous, Damaged or NotWritable; all or nothing for each file, and nothing is lost if
    the process dies in between.
    """
    if name is not None:
        check_name(name)
    definition, store = with_identity(draft.definition, found), sources.writable()
    with store.writing(), Batch() as batch:
        active = read_active(store)
        definition = _with_known_slug(definition, sources)
        place = place_of(sources, definition, found, name, force)
        stay = stay_of(place.before, storage, sources.config(("storage",)).storage)
        removed, kept, left = _plan(batch, store, definition, place, draft, now, stay)
        if activate == "always" or (activate == "when none" and active.current is None):
            batch.write(store.active, active_bytes(store, active.logged_in(place.name, definition.kind)))
        if not rehearsal:
            batch.commit()
    return Saved(place.name, definition.kind, found.title, place.before is None, removed, kept, tuple(left))


def _with_known_slug(definition: Definition, sources: Sources) -> Definition:
    """Return a definition with the slug of its account, where another profile of the store knows it: a
    key does not tell."""
    account = definition.account
    if account is None or definition.account_slug is not None:
        return definition
    slug = slug_of(own_store(sources).all()[0], account)
    return definition._replace(values={**definition.values, ACCOUNT_SLUG.name: slug}) if slug else definition


def _plan(
    batch: Batch,
    store: Store,
    definition: Definition,
    place: Place,
    draft: Draft,
    now: int | None,
    stay: Stay,
) -> tuple[tuple[str, ...], tuple[str, ...], list[NucliactlError]]:
    """Put the changes of definition and credential into a batch; return the keys taken out, the copies of
    damaged files, and the list that takes up what could not be removed."""
    kind, name = definition.kind, place.name
    derived = DERIVED.get(kind, ())
    values = {k: v for k, v in definition.values.items() if k not in derived}
    path = store.definition(name)
    if os.path.islink(path):  # its target is somebody's own: what only informs is not worth a change
        values = {k: v for k, v in values.items() if k not in INFORMATIONAL}
    # What is damaged is kept beside it, and replaced as a whole.
    damaged = [path] if place.damaged else []
    keep, left = keep_in(store, name, stay.storage), list[NucliactlError]()
    held = keeps_of(store, name)
    here = [one for one in held if one.storage == stay.storage]
    damaged += [keep.where] if _is_damaged(keep) and not keep.guarded else []
    kept = tuple(_keep(batch, store, file) for file in damaged)
    present = set() if place.damaged else set(parse_toml(file_bytes(store, path), path))
    if place.same:
        # Only what login found out: how the endpoint is written stays the person's.
        informed = ("account", "identity", "origin", *INFORMATIONAL, *_KEYLESS)
        old = {*secret_keys(kind), *_KEYLESS, *_outdated(place.before, values)}
        remove = tuple(sorted(present & old - set(values)))
        values = {k: v for k, v in values.items() if k in informed}
    else:
        # Another identity, or none that is known: the old secret goes before the new address comes.
        for one in here:
            one.remove(batch)
        remove = tuple(sorted(present - set(values) - {"kind"}))
    credential = _credential(definition, draft, now)
    if place.same and credential is not None:
        keep.put(batch, credential)
    if credential is not None and stay.said:
        values["storage"] = stay.storage
        remove = tuple(key for key in remove if key != "storage")
    data = definition_bytes(store, name, kind, values, remove, anew=place.damaged)
    if place.damaged or data != file_bytes(store, path):
        check_no_link(store, path, data, remove)
        batch.write(path, data, like=path)
    if credential is not None and not place.same:
        keep.put(batch, credential)
    for one in held:
        if one not in here or credential is None:
            one.remove(batch, left.append)
    return (remove if place.before is not None else ()), kept, left


def _outdated(before: Definition | None, values: Mapping[str, Any]) -> set[str]:
    """Return what no longer holds: the slug of an account that has changed."""
    account = values.get("account")
    return {ACCOUNT_SLUG.name} if before and account and account != before.account else set()


def check_no_link(store: Store, path: str, data: bytes, removed: tuple[str, ...]) -> None:
    """Raise NotWritable where a definition that has to change is a link: its target is somebody's own."""
    if not os.path.islink(path):
        return
    before = {line.strip() for line in file_bytes(store, path).decode("utf-8", "replace").splitlines()}
    lines = [f"  {line}" for line in data.decode().splitlines() if line.strip() not in before]
    steps = [f"Nothing was changed. Change {os.path.realpath(path)} yourself, then log in again."]
    steps += ["Add to it:", *lines] if lines else []
    steps += [f"Take out of it: {', '.join(removed)}"] if removed else []
    raise NotWritable(
        f"{path} is a link, and a login never changes what it points to.", hint="\n".join(steps)
    )


def _is_damaged(keep: Keep) -> bool:
    """Say whether a credential is there and cannot be understood. Raises Damaged where a newer version of
    the tool wrote it."""
    try:
        keep.read()
    except Newer:
        raise
    except NucliactlError as error:  # what else keeps it from being read is told where it is written
        return isinstance(error, Damaged)
    return False


def _keep(batch: Batch, store: Store, path: str) -> str:
    """Keep what a file holds beside it, under a name that is free."""
    copies = (f"{path}.damaged", *(f"{path}.damaged-{number}" for number in range(2, 100)))
    copy = next(one for one in copies if not os.path.lexists(one))
    batch.write(copy, file_bytes(store, path))
    return copy


def _credential(definition: Definition, draft: Draft, now: int | None) -> Credential | None:
    if draft.secret is None:
        return None
    ends = draft.ends or expiry(draft.secret.reveal())
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
