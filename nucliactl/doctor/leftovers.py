"""Checks of what is in the store and serves nobody: what writers and refreshes left, orphans, dead links."""

import os
from collections.abc import Iterator
from functools import partial

from nucliactl import hints
from nucliactl.disk.leftovers import left_in, sweep
from nucliactl.disk.lock import is_held
from nucliactl.doctor.finding import Check, Finding, Fix, note, problem
from nucliactl.doctor.world import World, listed
from nucliactl.errors import NucliactlError
from nucliactl.model.names import is_name
from nucliactl.store.config import FILE
from nucliactl.store.credentials import credential_names, read_credential
from nucliactl.store.layout import TOML, Store
from nucliactl.text import plural, quoted

_JOURNAL = ".journal"


def leftovers(world: World) -> Iterator[Finding]:
    """Find what killed writers left, copies of damaged files, and journals of refreshes that were cut off."""
    store = world.store
    for folder in store.folders:
        if found := left_in(folder):
            sentence = f"A writer that was killed left {plural(len(found), 'file')} in {folder}."
            fix = Fix(f"removed {plural(len(found), 'temporary file')} from {folder}", partial(sweep, folder))
            yield problem(sentence, hints.FIX, fix)
    for folder in (store.profiles, store.credentials):
        for name in listed(folder):
            if ".damaged" in name:
                path = os.path.join(folder, name)
                sentence = f"{path} is the copy of a damaged file that a login replaced."
                yield note(sentence, f"Once you do not need it: rm {quoted(path)}")
    for name in _journals(store):
        path = store.journal(name)
        if not os.path.lexists(store.credential(name)):
            fix = Fix(f"removed {path}", partial(os.unlink, path))
            yield problem(f"{path} is of a session that is gone.", hints.FIX, fix)
        elif not is_held(store.refresh_lock(name)):
            sentence = f"A refresh of the session of {name} was cut off; its next use shows whether it lives."
            yield note(sentence, hints.STATUS.format(name))


def orphans(world: World) -> Iterator[Finding]:
    """Find stored credentials that no definition uses. Only a session that has ended is worth nothing: any
    other secret may be the only copy."""
    store = world.store
    kept = {d.name: d.secret.kept for d in world.definitions if d.source.kind == "store"}
    for name in credential_names(store):
        path = store.credential(name)
        stored, marked = os.path.isfile(path), os.path.lexists(store.mark(name))
        if not os.path.lexists(store.definition(name)):
            fix = (
                Fix(f"removed {path}", partial(os.unlink, path))
                if stored and _has_ended(store, path)
                else None
            )
            for place in (*([path] if stored else []), *([store.entry(name)] if marked else [])):
                yield problem(
                    f"A credential in {place} serves no profile: there is no definition of {name}.",
                    f"Put {store.definition(name)} back, or forget the secret: {_forget(path, name)}",
                    fix if place == path else None,
                )
        elif name in kept and kept[name] is None:
            sentence = f"What is stored for {name} is not used: its definition has the secret elsewhere."
            yield note(sentence, _forget(path, name))
        elif kept.get(name) == "keyring" and stored and marked:
            sentence = f"{path} is not used: the keyring keeps the credential of {name}."
            yield note(sentence, f"Once {name} works: rm {quoted(path)}")


def _forget(path: str, name: str) -> str:
    return hints.LOG_OUT_OF.format(name) if is_name(name) else f"rm {quoted(path)}"


def _has_ended(store: Store, path: str) -> bool:
    """Say whether a credential is a session that the service has ended. What its own expiry says depends on
    this machine's clock."""
    try:
        found = read_credential(path, store.trust)
    except NucliactlError:
        return False
    return found is not None and found.login_required


def links(world: World) -> Iterator[Finding]:
    """Find links that lead nowhere, and those of files that a login replaces."""
    for directory in world.sources.directories.items:
        for name in listed(directory.path):
            path = os.path.join(directory.path, name)
            if name.endswith(TOML) and os.path.islink(path) and not os.path.exists(path):
                stem = name.removesuffix(TOML)
                remove = hints.DELETE.format(stem) if directory.store else f"rm {quoted(path)}"
                sentence = f"{path} is a link that leads nowhere."
                yield problem(sentence, f"Put the file back, or remove the link: {remove}")
    store = world.store
    for name in (*listed(store.root), *(f"credentials/{name}" for name in listed(store.credentials))):
        path = os.path.join(store.root, name)
        if not os.path.islink(path):
            continue
        if not os.path.exists(path):
            sentence = f"{path} is a link that leads nowhere."
            yield problem(sentence, f"Put the file back, or remove the link: rm {quoted(path)}")
        elif not os.path.isdir(path) and path != os.path.join(store.root, FILE):
            sentence = f"{path} is a link; what writes it puts a file in its place."
            yield note(sentence)


def _journals(store: Store) -> list[str]:
    return [name.removesuffix(_JOURNAL) for name in listed(store.credentials) if name.endswith(_JOURNAL)]


CHECKS = (
    Check("leftovers", "nothing was left behind", leftovers),
    Check("orphans", "every stored secret serves a profile", orphans),
    Check("links", "every link leads to a file", links),
)
