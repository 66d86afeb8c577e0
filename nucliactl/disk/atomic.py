"""Writing a file: all or nothing."""

import contextlib
import errno
import os
import stat
import time

from nucliactl.errors import NotWritable

_TEMP = ".nucliactl-tmp-"
_STALE = 3600.0


def write_file(path: str, data: bytes) -> None:
    """Replace a file by `data`: temp file beside the real target, 0600 from birth, fsync, rename,
    fsync of the directory. A symlink is kept and its target replaced.

    Raises NotWritable, the old contents then being intact. Call it under the store's lock.
    """
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    temp = os.path.join(folder, f"{_TEMP}{os.urandom(8).hex()}")
    try:
        make_private_dir(folder)
        fd = os.open(temp, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            try:
                if hasattr(os, "fchmod"):
                    os.fchmod(fd, 0o600)  # a umask of 0777 would leave it unreadable
                view = memoryview(data)
                while view:
                    view = view[os.write(fd, view) :]
                os.fsync(fd)
            finally:
                os.close(fd)
            os.replace(temp, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temp)
            raise
        _sync_dir(folder)
    except OSError as error:
        raise _not_writable(path, error) from None
    _sweep(folder)


def remove_file(path: str) -> bool:
    """Remove a file and make that durable; say whether there was one. Raises NotWritable."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise _not_writable(path, error) from None
    _sync_dir(os.path.dirname(path))
    return True


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


def _not_writable(path: str, error: OSError) -> NotWritable:
    if error.errno in (errno.EBUSY, errno.EXDEV):
        return NotWritable(
            f"{path} cannot be replaced: it seems to be mounted as a single file.",
            hint="Mount its directory instead; the old contents are intact.",
        )
    return NotWritable(
        f"{path} cannot be written: {error.strerror}.",
        hint="Nothing was changed. Set NUCLIA_CONFIG_DIR to a directory you can write, or use "
        "environment variables.",
    )
