"""A published profile directory: `DIR/current` is a link to a directory that is complete.

A new one is written beside it, synced, and the link is changed in one step, so that a reader sees the old
directory or the new one, whenever the writer is killed. What a killed writer left is swept by the next.
"""

import contextlib
import errno
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Mapping

from nucliactl.disk.atomic import sync_dir
from nucliactl.disk.judging import judge_root
from nucliactl.disk.lock import locked_directory
from nucliactl.disk.making import settle
from nucliactl.disk.owners import own_uid
from nucliactl.errors import Malformed, NotWritable
from nucliactl.model.names import is_name
from nucliactl.model.trust import named
from nucliactl.store.layout import TOML

CURRENT = "current"
MODES = {"600": 0o600, "640": 0o640, "644": 0o644}
_OURS = ".nucliactl-pulled-"
_VERSION = re.compile(re.escape(_OURS) + r"[0-9a-f]{16}")
_PAUSE = 0.02  # seconds that a reader has who followed the link before it changed
_LIMIT = 1024 * 1024
_ELSEWHERE = "Give --to a directory that this user may write."
_NEXT = {
    errno.ENOSPC: "Make room there, or give --to a directory on another disk.",
    errno.EDQUOT: "Make room there, or give --to a directory on another disk.",
}


class Published:
    """The profile directory below `path`, whose files get `mode`."""

    def __init__(self, path: str, mode: int) -> None:
        self.path, self.current, self._mode = path, os.path.join(path, CURRENT), mode

    def held(self) -> dict[str, bytes]:
        """Return the definition files that are published, by name; none where nothing is yet."""
        version = self._version()
        found: dict[str, bytes] = {}
        with contextlib.suppress(FileNotFoundError):
            for file in os.listdir(version) if version else ():
                stem, ending = os.path.splitext(file)
                if ending == TOML and is_name(stem):
                    found[stem] = _read(os.path.join(version or "", file))
        return found

    def publish(self, files: Mapping[str, bytes]) -> None:
        """Let these files, and no others, be what is published. Nothing is written where they are already.

        Raises Refused where others could change what is published, NotWritable where it cannot be written;
        what was published stays then.
        """
        if sys.platform == "win32":
            raise NotWritable(
                "A directory is published by a link, which Windows does not let everybody make.",
                hint="Leave --to out: the profiles are saved in the store then.",
            )
        try:
            with locked_directory(self.path):
                judge_root(named(self.path))
                before = self._version()
                self._sweep(before)
                if before and self._is(before, files):
                    return
                self._replace(files)
                if before:
                    time.sleep(_PAUSE)
                    shutil.rmtree(before, ignore_errors=True)
        except OSError as error:
            raise self._not_writable(error) from None

    def _not_writable(self, error: OSError) -> NotWritable:
        return NotWritable(
            f"{self.path} cannot be written: {error.strerror}.",
            hint=f"What was published there is as it was. {_NEXT.get(error.errno or 0, _ELSEWHERE)}",
        )

    def _version(self) -> str | None:
        """Return the directory that `current` leads to. Raises NotWritable for a `current` not of ours."""
        try:
            text = os.readlink(self.current)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise self._not_writable(error) from None
            text = ""  # it is no link
        if not _VERSION.fullmatch(text):
            raise NotWritable(
                f"{self.current} is there, and profile pull did not make it.",
                hint="Nothing was changed. Move it away, or give --to another directory.",
            )
        return os.path.join(self.path, text)

    def _is(self, version: str, files: Mapping[str, bytes]) -> bool:
        if stat.S_IMODE(os.stat(version).st_mode) != self._folder_mode or self.held() != files:
            return False
        paths = (os.path.join(version, name + TOML) for name in files)
        return all(stat.S_IMODE(os.stat(path).st_mode) == self._mode for path in paths)

    @property
    def _folder_mode(self) -> int:
        return self._mode | (self._mode & 0o444) >> 2

    def _replace(self, files: Mapping[str, bytes]) -> None:
        owner = os.stat(self.path)
        self._open(owner)
        name = f"{_OURS}{os.urandom(8).hex()}"
        version, link = os.path.join(self.path, name), os.path.join(self.path, f"{name}.link")
        try:
            os.mkdir(version, 0o700)
            for file, data in files.items():
                _write(os.path.join(version, file + TOML), data, self._mode, owner)
            _settle_folder(version, self._folder_mode, owner)
            os.symlink(name, link)
            sync_dir(self.path)
            os.replace(link, self.current)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(link)
            if not self._leads_to(name):
                shutil.rmtree(version, ignore_errors=True)
            raise
        sync_dir(self.path)

    def _leads_to(self, name: str) -> bool:
        with contextlib.suppress(OSError):
            return os.readlink(self.current) == name
        return False

    def _open(self, info: os.stat_result) -> None:
        """Let those who may read the files enter the directory around them, if it is ours to say."""
        wanted = stat.S_IMODE(info.st_mode) | self._folder_mode & 0o055
        if wanted != stat.S_IMODE(info.st_mode) and info.st_uid == own_uid():
            os.chmod(self.path, wanted)

    def _sweep(self, current: str | None) -> None:
        """Remove what killed writers left; nobody writes while the lock is held."""
        for name in os.listdir(self.path):
            path = os.path.join(self.path, name)
            if not name.startswith(_OURS) or path == current:
                continue
            if stat.S_ISDIR(os.lstat(path).st_mode):
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)


def mode_of(text: str) -> int:
    """Return the mode that --mode names. Raises Malformed."""
    mode = MODES.get(text.removeprefix("0"))
    if mode is None:
        raise Malformed(
            f"--mode is one of {', '.join(MODES)}.", hint="640 lets the group read, 644 everybody."
        )
    return mode


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_LIMIT)


def _write(path: str, data: bytes, mode: int, owner: os.stat_result) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(fd, "wb") as file:
        file.write(data)
        file.flush()
        settle(fd, mode, owner)
        os.fsync(fd)


def _settle_folder(path: str, mode: int, owner: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        settle(fd, mode, owner)
    finally:
        os.close(fd)
    sync_dir(path)
