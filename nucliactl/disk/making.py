"""New files and directories: private whatever the umask, and never root's in a user's directory."""

import errno
import os
import stat
import sys

from nucliactl.errors import NotWritable
from nucliactl.lean import suppress


def make_private_dir(path: str) -> None:
    """Create a directory, 0700, and those above it that are missing. OSError if it cannot."""
    if os.path.isdir(path):
        return
    parent = os.path.dirname(path)
    if parent != path:
        make_private_dir(parent)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
        if stat.S_IMODE(os.stat(path).st_mode) & 0o700 != 0o700:
            os.chmod(path, 0o700)
        if sys.platform != "win32" and os.geteuid() == 0:
            above = os.stat(parent)
            with suppress(OSError):
                os.chown(path, above.st_uid, above.st_gid)


def open_or_make(path: str, flags: int) -> int:
    """Open a file, made 0600 where it is not there; return its descriptor. OSError if it cannot."""
    try:
        fd = os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return os.open(path, flags)
    settle(fd, 0o600, os.stat(os.path.dirname(path)))
    return fd


def set_mode(path: str, mode: int, seen: os.stat_result) -> None:
    """Give a file or directory its mode if it is still the one that was `seen` (by `os.lstat`): what a link
    leads to, or what somebody put in its place, is never touched. OSError if it cannot."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        fd = os.open(path, flags)
    except PermissionError:  # its owner may not read it: that is what is to be mended
        _check_same(path, os.lstat(path), seen)
        os.chmod(path, mode)
        return
    try:
        _check_same(path, os.fstat(fd), seen)
        if sys.platform != "win32":
            os.fchmod(fd, mode)
    finally:
        os.close(fd)


def _check_same(path: str, found: os.stat_result, seen: os.stat_result) -> None:
    if stat.S_ISLNK(found.st_mode) or not os.path.samestat(found, seen):
        raise FileNotFoundError(errno.ENOENT, "somebody has replaced it", path)


def not_writable(path: str, error: OSError) -> NotWritable:
    """Return the error for what cannot be written where nothing has been changed yet."""
    hint = "Nothing was changed. Set NUCLIA_CONFIG_DIR to a directory you can write, or use environment "
    return NotWritable(f"{path} cannot be written: {error.strerror}.", hint=hint + "variables.")


def settle(fd: int, mode: int, like: os.stat_result) -> None:
    """Give a file that was just made its mode; where root made it, the owner of `like` too."""
    if sys.platform == "win32":
        return
    # A file system has no say in it, or a user namespace does not know the owner: EPERM, ENOTSUP, EINVAL.
    with suppress(OSError):
        os.fchmod(fd, mode)
    with suppress(OSError):
        if os.geteuid() == 0:
            os.fchown(fd, like.st_uid, like.st_gid)
