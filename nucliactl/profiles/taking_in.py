"""Saving the profiles of a document: all of them in one batch, or none."""

from collections.abc import Sequence
from typing import NamedTuple

from nucliactl import hints
from nucliactl.disk.atomic import Batch
from nucliactl.editing import definition_bytes, file_bytes
from nucliactl.errors import Malformed, NameTaken
from nucliactl.login.naming import Place, make_way, place_of
from nucliactl.login.save import check_no_link
from nucliactl.model.fields import secret_keys
from nucliactl.model.jwt import expiry
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.model.words import StoreName
from nucliactl.profiles.reading_in import Incoming
from nucliactl.service.check import Identity
from nucliactl.sources.sources import MAX_BASES, Sources
from nucliactl.store.credentials import Credential, login_command
from nucliactl.store.formats import parse_toml
from nucliactl.store.keeping import held_in, keep_in, keeps_of, stay_of, storage_stated
from nucliactl.store.layout import Store

_KEYLESS = ("public", "roles", "session")


class TakenIn(NamedTuple):
    """What became of one profile. `login`: the command that gives it the secret which it still lacks."""

    name: str
    definition: Definition
    verb: str
    login: str | None


def take_in(sources: Sources, incoming: Sequence[Incoming], *, force: bool, now: int) -> tuple[TakenIn, ...]:
    """Save profiles in the store; none becomes current. `now` is epoch seconds, kept with a user's token.

    What is the same already stays as it is, and the same identity is updated in place. Raises NameTaken
    where something would be lost, unless `force`; Malformed for a reference that leads nowhere, Damaged,
    NotWritable. Nothing is changed then.
    """
    store = sources.writable()
    with store.writing(), Batch() as batch:
        places = [_place(sources, one, force) for one in incoming]
        names = [place.name for place in places]
        if double := next((name for name in names if names.count(name) > 1), None):
            raise Malformed(
                f"Two of the profiles would be called {double!r}.", hint="Import them one by one."
            )
        _check_references(sources, dict(zip(names, incoming, strict=True)))
        default = sources.config(("storage",)).storage
        taken = [
            _planned(batch, store, one, place, default, force, now)
            for one, place in zip(incoming, places, strict=True)
        ]
        batch.commit()
    return tuple(taken)


def _place(sources: Sources, one: Incoming, force: bool) -> Place:
    found = Identity(identity=one.definition.get("identity"))
    return place_of(sources, one.definition, found, one.name, force)


def _check_references(sources: Sources, incoming: dict[str, Incoming]) -> None:
    """Raise Malformed where a profile extends, or uses the session of, one that is neither in the document
    nor here."""

    def known(name: str) -> Definition | None:
        return incoming[name].definition if name in incoming else sources.directories.load(name)

    for name, one in incoming.items():
        owner = one.definition.get("session")
        if owner is not None and (found := known(owner)) and found.kind == USER.name:
            owner = None
        if owner is not None:
            raise Malformed(
                f"{name} uses the session of {owner!r}, which is no signed-in user here.",
                hint=f"Nothing was saved. Sign in first: {hints.LOG_IN_AS.format(owner)}",
            )
        chain, base = [name], one.definition.get("extends")
        while base is not None:
            found = known(base)
            if found is None or base in chain or len(chain) > MAX_BASES:
                flaw = "which is not here" if found is None else "in a circle or too deeply"
                raise Malformed(
                    f"{chain[-1]} extends {base!r}, {flaw}.",
                    hint=f"Nothing was saved. Export it too: {hints.EXPORT.format(f'{name} {base}')}",
                )
            chain.append(base)
            base = found.get("extends")


def _planned(
    batch: Batch, store: Store, one: Incoming, place: Place, default: StoreName | None, force: bool, now: int
) -> TakenIn:
    """Put the changes for one profile into a batch."""
    name, kind = place.name, one.definition.kind
    path, keeps = store.definition(name), keeps_of(store, name)
    before = file_bytes(store, path)
    present = {} if place.damaged else parse_toml(before, path)
    place_of_old = held_in(keeps, place.before.secret.kept or "file") if place.same and place.before else None
    old, held = place_of_old or (None, None)
    declared = KINDS[kind].secret
    inline = present.get(declared.name) if declared else None
    stated = one.secret is not None or one.definition.secret.way != "absent"
    kept = one.secret is not None and one.secret.reveal() == (held.secret.reveal() if held else inline)
    if held and stated and not kept and not force:
        _check_replaceable(name, one, held)
    remove = tuple(sorted(_replaced(one, place, set(present), stated and not kept)))
    stay = stay_of(place.before, storage_stated(one.definition), default)
    comes = None
    if one.secret is not None and not kept:
        comes = _credential(one, now)
    elif old is not None and old.storage != stay.storage and (kept or not stated):
        comes = held
    keys = {**one.keys, "storage": stay.storage} if comes and stay.said else one.keys
    data = definition_bytes(store, name, kind, keys, remove, anew=place.damaged)
    goes = not place.same or (stated and one.secret is None)
    for keep in keeps if goes else ():
        keep.remove(batch)
    if comes is not None:
        keep_in(store, name, stay.storage).put(batch, comes)
    if data != before:
        check_no_link(store, path, data, remove)
        batch.write(path, data, like=path)
    for keep in keeps if comes and not goes else ():
        if keep.storage != stay.storage:
            keep.remove(batch)
    changed = data != before or comes is not None
    verb = "imported" if place.before is None else "updated" if changed else "unchanged"
    definition = one.definition._replace(name=name, source=one.definition.source._replace(kind="store"))
    lacks = one.definition.secret.way == "absent" and one.secret is None and not held and not inline
    return TakenIn(name, definition, verb, login_command(definition) if lacks else None)


def _replaced(one: Incoming, place: Place, present: set[str], secret_comes: bool) -> set[str]:
    """The keys that go: those of another identity, or of the secret's former place."""
    if not place.same:
        return present - {*one.keys, "kind"}
    return (present & {*secret_keys(one.definition.kind), *_KEYLESS}) - {*one.keys} if secret_comes else set()


def _check_replaceable(name: str, one: Incoming, held: Credential) -> None:
    """Raise NameTaken where a session, or a key for which no other comes, would be lost."""
    if held.refresh_token is not None and not held.login_required:
        raise NameTaken(
            f"{name!r} is signed in, and what is imported would replace its session.",
            hint=f"Nothing was changed. {make_way(name)}",
        )
    if one.secret is None:
        raise NameTaken(
            f"{name!r} has a stored secret, and what is imported says that it is kept elsewhere.",
            hint=f"Nothing was changed. {make_way(name)}",
        )


def _credential(one: Incoming, now: int) -> Credential:
    assert one.secret is not None
    definition = one.definition
    return Credential(
        definition.kind,
        definition.origins,
        one.secret,
        expires_at=expiry(one.secret.reveal()),
        issued_at=now if definition.kind == USER.name else None,
    )
