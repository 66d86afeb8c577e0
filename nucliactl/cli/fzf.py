"""The picker that many people have already: fzf, with the settings they gave it."""

import os
import re
import signal
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from nucliactl.children import OUTSIDE, program, surroundings
from nucliactl.cli.choosing import NOTHING
from nucliactl.cli.output import note
from nucliactl.model.fields import as_boolean
from nucliactl.model.tool_variables import FZF_VARIABLE
from nucliactl.signals import Ended
from nucliactl.terminal import controlling

_FLAGS = ("--no-multi", "--no-preview", "--delimiter=\t", "--with-nth=2..")
_CHOSEN, _NO_MATCH, _LEFT = 0, 1, 130
_ANSWER = re.compile(r"(?:^|[\n\0])(\d+)\t")
_PATIENCE = 2.0  # seconds to end in


def pick(title: str, lines: Iterable[str]) -> int | None:
    """Return the number of the line that a person picks; None where there is no fzf, none that works, or none
    that they want (NUCLIACTL_IGNORE_FZF).

    Raises KeyboardInterrupt where none is picked, Malformed where that variable is no boolean.
    """
    if as_boolean(os.environ.get(FZF_VARIABLE) or "0", FZF_VARIABLE):
        return None
    path = program("fzf", os.environ, "PATH")
    if path is None:
        return None
    try:
        code, answer = _run([path, *_FLAGS, f"--prompt={title}> "], lines)
    except OSError as error:
        note(f"{path} cannot be run ({error.strerror}); here is a list without it")
        return None
    numbers = _ANSWER.findall(answer)
    if code == _CHOSEN and numbers:
        return int(numbers[-1])
    if code in (_CHOSEN, _NO_MATCH, _LEFT):
        raise KeyboardInterrupt(NOTHING)
    note(f"{path} failed with {code}; here is a list without it")
    return None


def _run(words: list[str], lines: Iterable[str]) -> tuple[int, str]:
    """Run fzf in this terminal; return its code and what it prints. It ends with us, and the terminal comes
    back as it was."""
    pipe, environ = subprocess.PIPE, surroundings(os.environ)
    with controlling() as terminal, _ending_in_order():
        process = subprocess.Popen(words, stdin=pipe, stdout=pipe, cwd=OUTSIDE, env=environ, encoding="utf-8")
        assert process.stdin and process.stdout
        try:
            with suppress(BrokenPipeError), process.stdin as listed:
                # fzf hands back a whole line: its number comes first, and is not shown.
                listed.writelines(f"{number}\t{line}\n" for number, line in enumerate(lines))
            answer = process.stdout.read()
            return process.wait(), answer
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(_PATIENCE)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
            process.stdout.close()
            if terminal:
                terminal.restore()


@contextmanager
def _ending_in_order() -> Iterator[None]:
    """Let SIGQUIT, too, end fzf before it ends the process."""

    def end(number: int, _: FrameType | None) -> None:
        raise Ended(number)

    if not hasattr(signal, "SIGQUIT") or signal.getsignal(signal.SIGQUIT) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGQUIT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)
