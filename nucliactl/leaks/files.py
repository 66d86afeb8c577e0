"""Looking for keys in files, however large they are and whatever they hold."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator

from nucliactl import hints
from nucliactl.disk.looking import FLAGS, NotAFile
from nucliactl.errors import NotThere, Unreadable
from nucliactl.leaks.finding import find
from nucliactl.text import quoted
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import Form

_PIECE = 4 * 1024 * 1024
_OVERLAP = 256 * 1024  # a key in base64, folded, is shorter


class Key(NamedTuple):
    """A key in a file: on which line, what it is by its form, its fingerprint."""

    line: int
    form: Form
    fingerprint: str


def keys_in_file(path: str) -> Iterator[Key]:
    """Yield the keys in a regular file. Raises NotThere, NotAFile for a pipe or a device, which is not
    waited for, and Unreadable."""
    try:
        fd = os.open(path, FLAGS)
        try:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                hint = f"Hand what it says over on standard input: {hints.CHECK_SECRETS}"
                raise NotAFile(f"{path} is not a regular file.", hint=hint)
            yield from keys_in(lambda size: os.read(fd, size))
        finally:
            os.close(fd)
    except FileNotFoundError:
        raise NotThere(f"{path} does not exist.", hint="Correct its name, or leave it out.") from None
    except OSError as error:
        raise _unreadable(path, error) from None


def keys_in(read: Callable[[int], bytes]) -> Iterator[Key]:
    """Yield the keys in what `read` returns, until that is empty. A text in UTF-16 and what is no text at
    all are looked into too."""
    text, line = "", 1
    while data := read(_PIECE):
        text += data.decode("latin-1").replace("\0", "")
        if len(text) > _PIECE:
            end = len(text) - _OVERLAP
            yield from _keys(text, line, end)
            line += text.count("\n", 0, end)
            text = text[end:]
    yield from _keys(text, line, len(text))


def _keys(text: str, line: int, end: int) -> Iterator[Key]:
    last = 0
    for found in find(text):
        if found.start < end:
            line += text.count("\n", last, found.start)
            last = found.start
            yield Key(line, found.form, found.fingerprint)


def files_below(path: str, tell: Callable[[Unreadable], object]) -> Iterator[str]:
    """Yield the regular files below a directory but those of .git, in their order; links are not followed.
    Yield anything else as it is. `tell` hears of each directory that cannot be listed; the others are."""

    def unlisted(error: OSError) -> None:
        tell(_unreadable(error.filename, error))

    if not os.path.isdir(path):
        yield path
        return
    for folder, names, files in os.walk(path, onerror=unlisted):
        names[:] = sorted(name for name in names if name != ".git")
        for name in sorted(files):
            file = os.path.join(folder, name)
            if _may_hold_keys(file):
                yield file


def _unreadable(path: str, error: OSError) -> Unreadable:
    hint = f"See who may read it: ls -ld {quoted(path)}"
    return Unreadable(f"{path} cannot be read: {error.strerror}.", hint=hint)


def _may_hold_keys(file: str) -> bool:
    """Say whether a file is a regular one, or one that reading has to tell about."""
    try:
        return stat.S_ISREG(os.lstat(file).st_mode)
    except OSError:
        return True
