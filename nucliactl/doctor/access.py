"""Checks of the store's files: who may write and read them, and whose they are."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from nucliactl.disk.judging import judge_private
from nucliactl.disk.making import set_mode
from nucliactl.disk.modes import ignored_by
from nucliactl.disk.mounts import is_volume
from nucliactl.disk.owners import is_ours, own_uid, user_name
from nucliactl.disk.reading import read_file, unreadable
from nucliactl.doctor.finding import Check, Finding, Fix, note, problem
from nucliactl.doctor.world import Unchecked, World, listed
from nucliactl.errors import NucliactlError, Refused
from nucliactl.model.kinds import KINDS
from nucliactl.store.config import FILE
from nucliactl.store.formats import parse_toml
from nucliactl.store.layout import MARK, TOML, Store
from nucliactl.text import quoted


class Entry(NamedTuple):
    """A file or directory of the store, no link, and what `os.stat` says of it."""

    path: str
    info: os.stat_result

    @property
    def mode(self) -> int:
        return stat.S_IMODE(self.info.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.info.st_mode)

    @property
    def readable(self) -> bool:
        return os.access(self.path, os.R_OK | (os.X_OK if self.is_folder else 0))

    def with_mode(self, mode: int, sentence: str, hint: str | None = None) -> Finding:
        """Return the finding that a mode of its own mends."""
        command = f"chmod {mode:o} {quoted(self.path)}"
        if own_uid() not in (0, self.info.st_uid):
            return problem(sentence, hint or f"sudo {command}")
        fix = Fix(command, partial(set_mode, os.path.realpath(self.path), mode, self.info))
        return problem(sentence, hint or command, fix)


def _entries(store: Store) -> Iterator[Entry]:
    """The store and what is the tool's in it, a directory before what is in it. What a link leads to is not
    the store's."""
    yield from _entry(store.root, link=True)
    yield from _entry(store.active)
    yield from _entry(os.path.join(store.root, FILE))
    for folder in (store.profiles, store.credentials, os.path.dirname(store.lock)):
        for entry in _entry(folder):
            yield entry
            for name in listed(folder):
                yield from _entry(os.path.join(folder, name))


def _entry(path: str, *, link: bool = False) -> Iterator[Entry]:
    with contextlib.suppress(OSError):  # it is closed, as its directory says, or not there
        if link or not os.path.islink(path):
            yield Entry(path, os.stat(path))


def modes(world: World) -> Iterator[Finding]:
    """Find what everybody may write, what others may read though it holds a secret, and what is closed."""
    if os.name != "posix":
        raise Unchecked("modes mean nothing on this system")
    store, ignored = world.store, ignored_by()
    for entry in _entries(store):
        if not entry.readable:
            error = unreadable(
                entry.path, PermissionError(errno.EACCES, os.strerror(errno.EACCES)), store.trust
            )
            yield entry.with_mode(
                entry.mode | (0o700 if entry.is_folder else 0o600), error.message, error.hint
            )
        elif ignored:
            continue
        elif entry.mode & stat.S_IWOTH and not _may_be_open(entry, store):
            yield entry.with_mode(entry.mode & ~stat.S_IWOTH, f"{entry.path} may be written by everybody.")
        elif not entry.is_folder and entry.mode & 0o077 and _holds_secret(entry.path, store):
            yield from _private(entry, store)
    if ignored:
        raise Unchecked(f"modes are not judged ({ignored})")


def _may_be_open(entry: Entry, store: Store) -> bool:
    """Say whether everybody may write a directory: what is in it is judged by itself."""
    volume = store.named and entry.path == store.root and is_volume(entry.path)
    return entry.is_folder and (volume or bool(entry.mode & stat.S_ISVTX))


def _holds_secret(path: str, store: Store) -> bool:
    """Say whether a file is a credential, or a definition in which a secret is written."""
    folder, name = os.path.split(path)
    if folder == store.credentials:
        return not name.endswith((".journal", MARK))
    if folder != store.profiles or not name.endswith(TOML):
        return False
    try:
        contents = read_file(path, judged=False)
        table = parse_toml(contents.data, path) if contents else {}
    except NucliactlError:  # `profiles` says it
        return False
    return any(kind.secret is not None and kind.secret.name in table for kind in KINDS.values())


def _private(entry: Entry, store: Store) -> Iterator[Finding]:
    try:
        judge_private(entry.path, entry.mode, store.trust)
    except Refused as error:
        yield entry.with_mode(0o600, error.message)
        return
    if entry.mode & 0o070:  # in a store that was named: fsGroup makes it so
        sentence = f"{entry.path} holds a secret and can be read by its group."
        yield note(sentence, f"chmod 600 {quoted(entry.path)}")


def owners(world: World) -> Iterator[Finding]:
    """Find what belongs to somebody else; of a directory, it alone."""
    if os.name != "posix":
        raise Unchecked("owners mean nothing on this system")
    store = world.store
    if store.named:
        raise Unchecked("the store was named, so its owner is trusted")
    foreign: list[str] = []
    for path, info in _entries(store):
        if own_uid() == 0 or is_ours(path, info.st_uid, store.trust):
            continue
        if os.path.dirname(path) not in foreign:
            yield problem(
                f"{path} belongs to another user ({user_name(info.st_uid)}), who could change what it says.",
                f"If it should be yours: sudo chown -R {user_name(own_uid())} {quoted(store.root)}\n"
                f"If you trust it as it is: export NUCLIA_CONFIG_DIR={quoted(store.root)}",
            )
        foreign.append(path)


CHECKS = (
    Check("modes", "nobody else can write the store, or read its secrets", modes),
    Check("owners", "the store's files are yours", owners),
)
