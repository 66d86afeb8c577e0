"""The terminal as something that is taken, lent, and always given back."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

if sys.platform == "win32":
    import msvcrt
else:
    import termios
    import tty

    from nucliactl.signals import blocked

PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
_MARK_PASTES, _MARK_NONE = b"\x1b[?2004h", b"\x1b[?2004l"
_ENDINGS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT")


_NO = ("", "0", "false", "no", "off")


def in_ci_job(environ: Mapping[str, str]) -> bool:
    """Say whether this is a CI job (`CI`), whose terminal nobody looks at."""
    return environ.get("CI", "").lower() not in _NO


def in_foreground(fd: int) -> bool:
    """Say whether this process may draw on that terminal: nobody else has it at the moment."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:  # no terminal of ours
        return True


if sys.platform == "win32":

    @contextlib.contextmanager
    def controlling() -> Iterator[None]:
        """There is no terminal to be lent."""
        yield None

else:

    class Terminal:
        """The controlling terminal of this process, to be lent to one process group at a time."""

        def __init__(self, fd: int) -> None:
            self.fd = fd
            self._own = os.getpgrp()
            self._settings = termios.tcgetattr(fd)
            self._theirs = self._settings
            self._group = 0

        @property
        def lent(self) -> bool:
            return self._group != 0

        def holder(self) -> int:
            """Return the process group that has the terminal now (0: the terminal is gone)."""
            try:
                return os.tcgetpgrp(self.fd)
            except OSError:
                return 0

        def is_ours(self) -> bool:
            return self.holder() == self._own

        def lend(self, group: int) -> bool:
            """Let a process group have the terminal, with the settings it had before, if it was stopped;
            False where this process has not got it itself."""
            if not self.is_ours():
                return False
            with _undisturbed():
                os.tcsetpgrp(self.fd, group)
                self._group = group
                termios.tcsetattr(self.fd, termios.TCSADRAIN, self._theirs)
            return self.lent

        def restore(self) -> None:
            """Give the terminal the settings it had, where this process has it."""
            if self.is_ours():
                with _undisturbed():
                    termios.tcsetattr(self.fd, termios.TCSADRAIN, self._settings)

        def take_back(self) -> None:
            """Have the terminal again, and its settings as they were."""
            if not self.lent:
                return
            group, self._group = self._group, 0
            with _undisturbed():
                if os.tcgetpgrp(self.fd) == group:
                    self._theirs = termios.tcgetattr(self.fd)
                    os.tcsetpgrp(self.fd, self._own)
                    termios.tcsetattr(self.fd, termios.TCSADRAIN, self._settings)

    @contextlib.contextmanager
    def controlling() -> Iterator[Terminal | None]:
        """Open the controlling terminal; None where there is none. What was lent is taken back at the end."""
        try:
            fd = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        except OSError:
            yield None
            return
        terminal = None
        try:
            with contextlib.suppress(OSError, termios.error):
                terminal = Terminal(fd)
            yield terminal
        finally:
            if terminal:
                terminal.take_back()
            os.close(fd)

    @contextlib.contextmanager
    def _undisturbed() -> Iterator[None]:
        """Let this thread change the terminal from the background, where SIGTTOU would stop it; nothing where
        the terminal is gone."""
        with blocked({signal.SIGTTOU}), contextlib.suppress(OSError, termios.error):
            yield


@contextlib.contextmanager
def unechoed(fd: int, out: int, prompt: str, *, marks: bool) -> Iterator[Callable[[], bytes]]:
    """Take echo and line mode off a terminal and write a prompt to `out`; both come back however the block
    ends. Yields what reads one byte or key (b"": the end). `marks`: have the terminal put PASTE_BEGINS and
    PASTE_ENDS around what is pasted.

    A signal that would end or stop the process finds the terminal as it was; one that is stopped and
    goes on prompts again.
    """
    if sys.platform == "win32":  # a console, which has no echo to take off, nor marks
        os.write(out, prompt.encode())
        yield _console_key
    else:
        before = termios.tcgetattr(fd)

        def silence(when: int = termios.TCSADRAIN) -> None:
            tty.setcbreak(fd, when)  # before the prompt: what is typed ahead must not be echoed either
            shown = (_MARK_PASTES if marks else b"") + prompt.encode()
            os.write(out, shown)  # a handler may do it: no buffer

        def restore() -> None:
            with contextlib.suppress(termios.error, OSError):  # the terminal is gone
                termios.tcsetattr(fd, termios.TCSADRAIN, before)
                os.write(out, _MARK_NONE if marks else b"")

        with _handlers(silence, restore):
            try:
                silence(termios.TCSAFLUSH)
                yield lambda: os.read(fd, 1)
            finally:
                restore()


if sys.platform == "win32":

    def _console_key() -> bytes:
        """Wait for a key, which is not shown; return its text, b"" for Ctrl-Z, which is the end there. Keys
        that are no text are passed over. Raises KeyboardInterrupt for Ctrl-C."""
        while (pressed := msvcrt.getwch()) in ("\x00", "\xe0"):
            msvcrt.getwch()
        if pressed == "\x03":
            raise KeyboardInterrupt
        return b"" if pressed == "\x1a" else pressed.encode("utf-8", "replace")


@contextlib.contextmanager
def _handlers(silence: Callable[[], None], restore: Callable[[], None]) -> Iterator[None]:
    """Stand over the signals whose default would leave the terminal as it is; other handlers stay."""

    def pass_on(number: int, _: FrameType | None) -> None:
        restore()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        signal.signal(number, pass_on)  # it was SIGTSTP, and the process goes on
        silence()

    wanted = dict.fromkeys((*_ENDINGS, "SIGTSTP"), pass_on) | {"SIGCONT": lambda *_: silence()}
    set_here: list[int] = []
    if threading.current_thread() is threading.main_thread() and sys.platform != "win32":
        for name, handler in wanted.items():
            number = getattr(signal, name)
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, handler)
                set_here.append(number)
    try:
        yield
    finally:
        for number in set_here:
            signal.signal(number, signal.SIG_DFL)
