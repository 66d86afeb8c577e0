"""Writing a file: all or nothing."""

from __future__ import annotations

import errno
import os
import stat
import sys

from nucliactl import hints
from nucliactl.disk.leftovers import close, create, sweep
from nucliactl.disk.making import make_private_dir, not_writable, settle
from nucliactl.disk.renaming import replace, unlink
from nucliactl.errors import NotWritable
from nucliactl.lean import suppress
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_NO_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS)  # file systems that sync no directories: SMB, FUSE


class _Step(NamedTuple):
    """One change: `action` is done, which changes no file; else `temp` takes the place of `target`; else
    `link` is what a new link says; else what is at `source` moves there; else the target goes."""

    target: str
    temp: str | None = None
    fd: int | None = None
    link: str | None = None
    source: str | None = None
    action: Callable[[], object] | None = None


class Batch:
    """Several files changed together: each is written and synced beside its target before any is
    touched, then all are renamed in the order given. Use it under the store's lock."""

    def __init__(self) -> None:
        self._steps: list[_Step] = []

    def __enter__(self) -> Batch:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was prepared and not carried out."""
        for step in self._steps:
            if step.fd is not None:
                close(step.fd)  # first: Windows removes nothing that is open
            if step.temp is not None:
                with suppress(OSError):
                    os.unlink(step.temp)
        self._steps = []

    def write(
        self, path: str, data: bytes, mode: int = 0o600, *, like: str | None = None, through: bool = False
    ) -> None:
        """Prepare the replacement of a file: 0600 from birth (`mode`, or that of the file `like` where
        there is one, only afterwards), fsynced.

        A link is replaced itself, whatever it leads to stays; with `through` the file it leads to is
        replaced. Root leaves a file its owner, and a new one to the owner of its directory. Raises
        NotWritable, nothing being changed then.
        """
        target = os.path.realpath(path) if through else _beside(path)
        folder = os.path.dirname(target)
        try:
            make_private_dir(folder)
            temp, fd = create(folder)
            self._steps.append(_Step(target, temp, fd))
            settle(fd, _mode_of(like, mode), _owned_like(target, folder))
            _write_synced(fd, data)
        except OSError as error:
            raise _not_writable(path, error) from None

    def fill(self, data: bytes) -> None:
        """Replace what the last `write` prepared: in the room that it took on the disk, so that this
        succeeds where the disk has become full meanwhile. Raises NotWritable."""
        step = self._steps[-1]
        assert step.fd is not None
        try:
            os.lseek(step.fd, 0, os.SEEK_SET)
            _write_synced(step.fd, data, whole=True)
        except OSError as error:
            raise _not_writable(step.target, error) from None

    def link(self, path: str, text: str) -> None:
        """Let a new link lead to `text`; nothing may be at `path`."""
        self._steps.append(_Step(_beside(path), link=text))

    def remove(self, path: str) -> None:
        """Let a file be removed; of a link the link, never what it leads to."""
        self._steps.append(_Step(_beside(path)))

    def move(self, path: str, to: str) -> None:
        """Let a file of one directory get another name in one step, so that it never stands under both;
        where there is none, nothing stays at `to` either."""
        self._steps.append(_Step(_beside(to), source=_beside(path)))

    def also(self, action: Callable[[], object]) -> None:
        """Let something be done in its turn that changes no file of ours; what it raises ends the batch."""
        self._steps.append(_Step("", action=action))

    def commit(self) -> None:
        """Carry everything out. Raises NotWritable with what is true of the files then."""
        changed = False
        for number, step in enumerate(self._steps):
            try:
                if sys.platform == "win32" and step.fd is not None:  # nor does it rename what is open
                    close(step.fd)
                    self._steps[number] = step._replace(fd=None)
                changed = _carry_out(step) or changed
            except OSError as error:
                raise _not_writable(step.target, error, partly=changed) from None
        for folder in dict.fromkeys(os.path.dirname(step.target) for step in self._steps if step.target):
            try:
                sync_dir(folder)
            except FileNotFoundError:
                continue  # nothing was ever there to be removed
            except OSError as error:
                raise NotWritable(
                    f"{folder} was written, but the disk did not confirm it: {error.strerror}.",
                    hint=f"Check the disk, then look with: {hints.LIST}",
                ) from None
            sweep(folder)


def write_file(path: str, data: bytes, mode: int = 0o600) -> None:
    """Replace one file, all or nothing. Raises NotWritable."""
    with Batch() as batch:
        batch.write(path, data, mode)
        batch.commit()


def remove_file(path: str) -> bool:
    """Remove a file (of a link: the link) durably; say whether there was one. Raises NotWritable."""
    there = os.path.lexists(path)
    with Batch() as batch:
        batch.remove(path)
        batch.commit()
    return there


def _beside(path: str) -> str:
    """Return a path whose directory is no link; the file itself may be one."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _carry_out(step: _Step) -> bool:
    """Do one step; say whether anything changed."""
    if step.action is not None:
        step.action()
    elif step.temp is not None:
        replace(step.temp, step.target)
    elif step.link is not None:
        os.symlink(step.link, step.target)
    elif step.source is not None and os.path.lexists(step.source):
        replace(step.source, step.target)
    else:
        try:
            unlink(step.target)
        except (FileNotFoundError, NotADirectoryError):
            return False
    return True


def _mode_of(like: str | None, mode: int) -> int:
    with suppress(FileNotFoundError):
        return stat.S_IMODE(os.stat(like).st_mode) & 0o777 if like is not None else mode
    return mode


def _owned_like(target: str, folder: str) -> os.stat_result:
    """What a file is owned like: the one it replaces, else its directory."""
    try:
        found = os.lstat(target)
    except FileNotFoundError:
        return os.stat(folder)
    return os.stat(folder) if stat.S_ISLNK(found.st_mode) else found


def _write_synced(fd: int, data: bytes, *, whole: bool = False) -> None:
    """Write to the disk itself; `whole` says that nothing else stays in the file."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]
    if whole:
        os.ftruncate(fd, len(data))
    os.fsync(fd)


def sync_dir(folder: str) -> None:
    """Let the entries of a directory be on the disk, where its file system can do that. OSError."""
    if sys.platform == "win32":
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno not in _NO_SYNC:
            raise
    finally:
        os.close(fd)


def _not_writable(path: str, error: OSError, *, partly: bool = False) -> NotWritable:
    if error.errno in (errno.EBUSY, errno.EXDEV):
        return NotWritable(
            f"{path} cannot be replaced: it seems to be mounted as a single file.",
            hint="Mount its directory instead; the old contents are intact.",
        )
    found = not_writable(path, error)
    if partly:
        found.hint = "Other files were changed before that; log in again once this is mended."
    return found
