"""Writing a file: all or nothing."""

import contextlib
import errno
import os
import stat
import time

from nucliactl.errors import NotWritable

_TEMP = ".nucliactl-tmp-"
_STALE = 3600.0


class Batch:
    """Several files changed together: each is written and synced beside its target before any is
    touched, then all are renamed in the order given. Use it under the store's lock."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, str | None]] = []

    def __enter__(self) -> "Batch":
        return self

    def __exit__(self, *_: object) -> None:
        """Remove what was prepared and not carried out."""
        for _target, temp in self._steps:
            if temp is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temp)

    def write(self, path: str, data: bytes, mode: int = 0o600) -> None:
        """Prepare the replacement of a file: 0600 from birth (`mode` only afterwards), fsynced. A
        symlink is kept and its target replaced. Raises NotWritable, nothing being changed then."""
        target = os.path.realpath(path)
        folder = os.path.dirname(target)
        temp = os.path.join(folder, f"{_TEMP}{os.urandom(8).hex()}")
        try:
            make_private_dir(folder)
            self._steps.append((target, temp))
            _write_synced(temp, data, mode)
        except OSError as error:
            raise _not_writable(path, error) from None

    def remove(self, path: str) -> None:
        """Let a file be removed, and what it points to where it is a symlink."""
        self._steps.append((path, None))
        if os.path.islink(path):
            self._steps.append((os.path.realpath(path), None))

    def commit(self) -> None:
        """Carry everything out. Raises NotWritable with what is true of the files then."""
        done = 0
        try:
            for target, temp in self._steps:
                if temp is not None:
                    os.replace(temp, target)
                else:
                    with contextlib.suppress(FileNotFoundError):
                        os.unlink(target)
                done += 1
        except OSError as error:
            raise _not_writable(self._steps[done][0], error, partly=done > 0) from None
        for folder in dict.fromkeys(os.path.dirname(target) for target, _ in self._steps):
            try:
                _sync_dir(folder)
            except FileNotFoundError:
                continue  # nothing was ever there to be removed
            except OSError as error:
                raise NotWritable(
                    f"{folder} was written, but the disk did not confirm it: {error.strerror}.",
                    hint="Check the disk, then look with: nucliactl list",
                ) from None
            _sweep(folder)


def write_file(path: str, data: bytes, mode: int = 0o600) -> None:
    """Replace one file, all or nothing. Raises NotWritable."""
    with Batch() as batch:
        batch.write(path, data, mode)
        batch.commit()


def remove_file(path: str) -> bool:
    """Remove a file (and a symlink's target) durably; say whether there was one. NotWritable."""
    there = os.path.lexists(path)
    with Batch() as batch:
        batch.remove(path)
        batch.commit()
    return there


def _write_synced(temp: str, data: bytes, mode: int) -> None:
    fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if hasattr(os, "fchmod"):
            os.fchmod(fd, mode)  # a umask of 0777 would leave it unreadable
        view = memoryview(data)
        while view:
            view = view[os.write(fd, view) :]
        os.fsync(fd)
    finally:
        os.close(fd)


def make_private_dir(path: str) -> None:
    """Create a directory, 0700, and those above it that are missing. OSError if it cannot."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent != path:
        make_private_dir(parent)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path, 0o700)


def _sync_dir(folder: str) -> None:
    if os.name != "posix":
        return
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _sweep(folder: str) -> None:
    """Remove what a killed writer left behind more than an hour ago."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_TEMP):
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(info.st_mode) and time.time() - info.st_mtime > _STALE:
                    os.unlink(entry.path)


def _not_writable(path: str, error: OSError, *, partly: bool = False) -> NotWritable:
    if error.errno in (errno.EBUSY, errno.EXDEV):
        return NotWritable(
            f"{path} cannot be replaced: it seems to be mounted as a single file.",
            hint="Mount its directory instead; the old contents are intact.",
        )
    if partly:
        hint = "Other files were changed before that; log in again once this is mended."
    else:
        hint = "Nothing was changed. Set NUCLIA_CONFIG_DIR to a directory you can write, or use "
        hint += "environment variables."
    return NotWritable(f"{path} cannot be written: {error.strerror}.", hint=hint)
