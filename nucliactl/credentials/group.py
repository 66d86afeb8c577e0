"""A program of the user's, with all that it starts, in a process group that ends when we do.

The group is led by a watcher: a shell that waits for the end of a pipe. That comes when this process
ends, whatever ends it, and the watcher then ends the group. The terminal is lent to the group where
it is ours, so that the program can ask for a PIN.
"""

import contextlib
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from nucliactl.children import OUTSIDE
from nucliactl.credentials.ended import LATE, TOO_MUCH, Ended
from nucliactl.credentials.stream import LIMIT, Stream

_SHELL = "/bin/sh"
_WATCH = "trap '' INT TERM HUP QUIT TSTP TTIN TTOU; read -r _; kill -s KILL 0"
_POLL = 0.01
_REST = 0.2
_GRACE = 1.0
_PATIENCE = 4  # a person at a prompt is slower than a program
_groups: set[int] = set()  # those of this process, now

if sys.platform != "win32":  # which has neither groups nor a terminal to lend
    from nucliactl.terminal import Terminal, controlling

    class Group:
        """One running program. Raises OSError or ValueError where it cannot be started."""

        def __init__(
            self,
            argv: tuple[str, ...],
            path: str,
            folder: str,
            environ: Mapping[str, str],
            terminal: Terminal | None,
        ) -> None:
            self._terminal = terminal
            self._watcher = _watcher()
            self._id = self._watcher.pid if self._watcher else 0
            self._out, self._err = Stream(), Stream()
            at_once = _takes_terminal_at_once()
            if self._watcher and at_once:
                self._lend()
            own = terminal is not None and (terminal.lent or terminal.is_ours())
            try:
                self._process = subprocess.Popen(
                    argv,
                    executable=path,
                    cwd=folder,
                    env=dict(environ),
                    stdin=terminal.fd if terminal and own else subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    process_group=self._id,
                )
            except BaseException:
                self._clear()
                raise
            self._id = self._id or self._process.pid
            if at_once:
                self._lend()
            _groups.add(self._id)
            self._stopped_by = 0
            self._out.attach(self._process.stdout)
            self._err.attach(self._process.stderr)

        @property
        def _lent(self) -> bool:
            return self._terminal is not None and self._terminal.lent

        def _lend(self) -> bool:
            if self._terminal is None or self._lent:
                return self._lent
            if self._terminal.lend(self._id):
                self._show(self._err.kept)  # the question, perhaps
            return self._lent

        def _show(self, data: bytes) -> None:
            """Show what the program says on a terminal that is lent to it: a prompt is said there, too."""
            if self._terminal and self._lent:
                with contextlib.suppress(OSError):
                    os.write(self._terminal.fd, data)

        def run(self, seconds: float, abandoned: Callable[[], bool]) -> Ended:
            """Wait for its end, at most so long; nothing of its group is left afterwards.

            It has more time where it has the terminal. `abandoned` says that nobody waits any more.
            """
            try:
                problem = self._watched(seconds, abandoned)
                lent = self._lent
            finally:
                self._end()
            code = self._process.returncode
            if lent and -code in (signal.SIGINT, signal.SIGQUIT):
                os.killpg(os.getpgrp(), -code)  # a key typed there is meant for all of us
                problem = problem or "was interrupted"
            return Ended(code, self._out.kept, self._err.kept, problem)

        def _watched(self, seconds: float, abandoned: Callable[[], bool]) -> str | None:
            """Read until the program has ended; return what went wrong before, if anything."""
            began = time.monotonic()
            while not self._has_ended():
                self._read()
                if self._stopped_by:
                    began += self._let_go_on()
                allowed = seconds * (_PATIENCE if self._lent else 1)
                if len(self._out.kept) > LIMIT:
                    return TOO_MUCH
                if self._stopped_by and not self._shares_terminal():
                    return "wants to ask on the terminal, which another program is using"
                if time.monotonic() - began > allowed:
                    return LATE.format(allowed)
                if abandoned():
                    return "was interrupted"
            self._kill(signal.SIGKILL)  # what it left behind
            until = time.monotonic() + _REST  # who left the group may keep the streams open
            while self._read() and time.monotonic() < until:
                continue
            return TOO_MUCH if len(self._out.kept) > LIMIT else None

        def _has_ended(self) -> bool:
            if self._process.returncode is not None:
                return True
            try:
                pid, status = os.waitpid(self._process.pid, os.WNOHANG | os.WUNTRACED)
            except ChildProcessError:  # the host program collects every child itself
                self._process.returncode = 0
                return True
            if pid and os.WIFSTOPPED(status):
                self._stopped_by = os.WSTOPSIG(status)
            elif pid:
                self._process.returncode = os.waitstatus_to_exitcode(status)
            return self._process.returncode is not None

        def _read(self) -> bool:
            """Take what has been printed; False where both streams have ended."""
            live = {stream.fd: stream for stream in (self._out, self._err) if stream.open}
            poll = select.poll()
            for fd in live:
                poll.register(fd, select.POLLIN)
            for fd, _ in poll.poll(_POLL * 1000):
                data = live[fd].take()
                if fd == self._err.fd:
                    self._show(data)
            return bool(live)

        def _let_go_on(self) -> float:
            """Let a stopped program go on where that is possible; return the seconds it took."""
            began = time.monotonic()
            if self._stopped_by == signal.SIGTSTP and self._terminal and self._lent:
                self._terminal.take_back()
                os.killpg(os.getpgrp(), signal.SIGTSTP)  # the key was meant for all of us
                time.sleep(_REST)  # stopped here, until somebody says SIGCONT
            if self._stopped_by != signal.SIGSTOP and (self._lend() or self._stopped_by == signal.SIGTSTP):
                self._stopped_by = 0
                self._kill(signal.SIGCONT)
            return time.monotonic() - began

        def _shares_terminal(self) -> bool:
            """Say whether waiting helps: it was stopped by hand, or another of our programs asks just now."""
            asks = self._stopped_by in (signal.SIGTTIN, signal.SIGTTOU)
            return not asks or (self._terminal is not None and self._terminal.holder() in _groups)

        def _end(self) -> None:
            """End the group: kindly first, so that a program can put the terminal in order."""
            with contextlib.suppress(KeyboardInterrupt):  # once is enough
                if not self._has_ended():
                    self._kill(signal.SIGTERM)
                    self._kill(signal.SIGCONT)
                    until = time.monotonic() + _GRACE
                    while not self._has_ended() and time.monotonic() < until:
                        time.sleep(_POLL)
            self._kill(signal.SIGKILL)
            self._process.wait()
            self._clear()

        def _kill(self, number: int) -> None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._id, number)

        def _clear(self) -> None:
            """Take the terminal back and end the watcher: by now it is alone in its group."""
            _groups.discard(self._id)
            for stream in (self._out, self._err):
                stream.close()
            if self._terminal:
                self._terminal.take_back()
            if self._watcher:
                assert self._watcher.stdin is not None
                self._watcher.stdin.close()
                self._watcher.kill()
                self._watcher.wait()

    def run_in_group(
        argv: tuple[str, ...],
        path: str,
        folder: str,
        environ: Mapping[str, str],
        seconds: float,
        abandoned: Callable[[], bool],
    ) -> Ended:
        """Run a program to its end, as `Group.run` does, with the controlling terminal at hand. Raises
        OSError or ValueError where it cannot be started."""
        with controlling() as terminal:
            return Group(argv, path, folder, environ, terminal).run(seconds, abandoned)

    def _takes_terminal_at_once() -> bool:
        """Say whether a program has the terminal from its start, or only once it asks (and is stopped).

        The latter in a pipeline: a pager beside us, which has the terminal as we have it, goes on. Not
        where the shell lets nothing be stopped, as in `$(…)`.
        """
        if signal.getsignal(signal.SIGTTIN) is signal.SIG_IGN:
            return True
        try:
            return not stat.S_ISFIFO(os.fstat(1).st_mode)
        except OSError:
            return True

    def _watcher() -> "subprocess.Popen[bytes] | None":
        """Start the leader of a group; None on a system without a shell, where the program leads itself."""
        null = subprocess.DEVNULL
        try:
            return subprocess.Popen(
                [_SHELL, "-c", _WATCH],
                cwd=OUTSIDE,
                env={},
                stdin=subprocess.PIPE,
                stdout=null,
                stderr=null,
                process_group=0,
            )
        except OSError:
            return None
