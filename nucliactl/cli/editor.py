"""A text in the person's editor."""

import contextlib
import os
import shlex
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping

from nucliactl.children import OUTSIDE, program, surroundings
from nucliactl.disk.looking import look
from nucliactl.disk.reading import LIMIT
from nucliactl.errors import NotWritable, NucliactlError, Unreadable
from nucliactl.terminal import controlling

_USUAL = "notepad" if sys.platform == "win32" else "vi"
_HINT = f"Set EDITOR to a program, for example: EDITOR={_USUAL}"


class Draft:
    """A file of its own, to be edited. `path` is told to the person where their text is kept."""

    def __init__(self, name: str) -> None:
        self._folder = tempfile.mkdtemp(prefix="nucliactl-edit-")
        self.path = os.path.join(self._folder, name)
        self._before: bytes | None = None

    def edited(self, before: bytes, environ: Mapping[str, str]) -> bytes:
        """Return what the person's editor makes of a text. Raises NucliactlError if it fails."""
        try:
            with open(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(before)
        except OSError as error:
            raise NotWritable(
                f"{self.path} cannot be written: {error.strerror}.", hint="Make room there, or set TMPDIR."
            ) from None
        self._before = before
        code = _run(environ, self.path)
        if code in (-signal.SIGINT, 128 + signal.SIGINT):
            raise KeyboardInterrupt
        if code != 0:
            raise NucliactlError(f"The editor ended with {code}; nothing was saved.")
        after = self._read()
        if after is None:
            raise NucliactlError("The editor left no file; nothing was saved.")
        if len(after) > LIMIT:
            raise NucliactlError(f"The text is larger than {LIMIT // 1024} KiB; nothing was saved.")
        return after

    def is_changed(self) -> bool:
        """Say whether the person changed the text."""
        return self._before is not None and self._read() not in (None, self._before)

    def drop_unless_changed(self) -> bool:
        """Remove the text, unless the person changed it; say whether it is kept."""
        kept = self.is_changed()
        if not kept:
            self.drop()
        return kept

    def drop(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def _read(self) -> bytes | None:
        try:
            found = look(self.path, LIMIT + 1)
        except Unreadable:
            return None
        return found.data if found else None


def _run(environ: Mapping[str, str], path: str) -> int:
    """Run VISUAL, EDITOR or the system's usual editor on a file, in this terminal; return its code."""
    import subprocess

    variable = next((name for name in ("VISUAL", "EDITOR") if environ.get(name, "").strip()), None)
    if variable is None and not sys.stdin.isatty():
        raise NucliactlError(
            f"There is no terminal for {_USUAL}, and EDITOR does not name another one.", hint=_HINT
        )
    try:
        words = shlex.split(environ[variable]) if variable else [_USUAL]
    except ValueError as error:
        raise NucliactlError(f"{variable} cannot be understood: {error}.", hint=_HINT) from None
    found = program(words[0], environ, variable or "EDITOR") if words and words[0] else None
    if found is None:
        said = f"The editor that {variable} names" if variable else _USUAL
        raise NucliactlError(f"{said} is not in any absolute entry of PATH.", hint=_HINT)
    try:
        with controlling() as terminal, _left_alone():
            process = subprocess.Popen(
                [*words, path], executable=found, cwd=OUTSIDE, env=surroundings(environ)
            )
            code = process.wait()
            if terminal:
                terminal.restore()  # one that was killed leaves it as it was at work
            return code
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not a program"
        raise NucliactlError(f"The editor cannot be run: {reason}.", hint=_HINT) from None


@contextlib.contextmanager
def _left_alone() -> Iterator[None]:
    """Let keys that an editor means for itself (Ctrl-C) not end us beneath it.

    A handler, not SIG_IGN: what the editor starts with must be the default.
    """
    with contextlib.ExitStack() as stack:
        for number in (getattr(signal, name) for name in ("SIGINT", "SIGQUIT") if hasattr(signal, name)):
            before = signal.getsignal(number)
            if before not in (signal.SIG_IGN, None):
                stack.callback(signal.signal, number, before)
                signal.signal(number, lambda *_: None)
        yield
