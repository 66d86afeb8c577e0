"""Asking a person: for a secret, without echo, and for a yes to what cannot be undone."""

import os
import re
import sys

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser
from nucliactl.cli.output import note
from nucliactl.cli.person import person
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.model.words import KindName
from nucliactl.patterns import pattern
from nucliactl.secret import Secret, printable, unfit

STDIN = "-"
_LIMIT = 1024 * 1024
_ALONE = "Give it alone, as one line of printable ASCII."
_AROUND = (
    ("variable's name", pattern(r"(?:export\s+)?(?:NUCLIA|NUA|ARAG)[A-Z_]*\s*=(.*)", re.DOTALL)),
    ("Bearer", pattern(r"(?i)bearer\s(.*)", re.DOTALL)),
    ("quotes", pattern(r"\"(.*)\"|'(.*)'", re.DOTALL)),
)


class Declined(NucliactlError):
    """A person was asked first, and did not say yes."""


def add_yes_flag(parser: Parser) -> None:
    parser.add_argument("-y", "--yes", action="store_true", help="do it without asking")


def confirm(args: Arguments, question: str) -> None:
    """Ask whether to go on; nobody is asked with --yes, nor where nobody can be. Raises Declined where the
    answer is not yes."""
    if args.yes or not person().there:
        return
    print(f"{printable(question, 2000)} [y/N] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer.endswith("\n"):  # Ctrl-D
        print(file=sys.stderr)
    if answer.strip().lower() not in ("y", "yes"):
        raise Declined("Nothing was changed: the answer was not yes.")


def secret_from(argument: str | None, what: str, kind: KindName) -> Secret:
    """Return the secret a person means: the argument, standard input for `-`, or a prompt. It is called
    `what`; a login of that kind is made with it.

    Without an argument it is asked for on a terminal and read from a pipe. Raises Malformed where it is
    neither there nor to be asked for, or is no line of printable ASCII.
    What people paste around a key (`Bearer `, quotes, `NUCLIA_API_KEY=`) is taken off, and said.
    """
    if argument is not None and argument != STDIN:
        note(f"{what}: given as an argument it stays in the shell's history; use - and stdin instead")
        return _cleaned(argument, what)
    if sys.stdin.isatty():
        obstacle = person().obstacle
        if obstacle and argument is None:
            hint = f"Give it on standard input: {hints.login_from(kind)}"
            raise Malformed(f"The {what} cannot be asked for: {obstacle}.", hint=hint)
        return _cleaned(_typed(f"{what}: "), what)
    data = sys.stdin.buffer.read(_LIMIT + 1)
    try:
        return _cleaned(data.decode(), what)
    except UnicodeDecodeError:
        raise Malformed(f"The {what} on standard input is not text.", hint=_ALONE) from None


def bytes_from_stdin(what: str) -> bytes:
    """Return all of standard input. Raises Malformed where there is too much of it."""
    if sys.stdin.isatty():
        note(f"{what}: paste it, and end it with Ctrl-D on a line of its own")
    data = sys.stdin.buffer.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise Malformed(f"The {what} on standard input is larger than {_LIMIT // 1024} KiB.", hint=_ALONE)
    return data


def _cleaned(text: str, what: str) -> Secret:
    value, taken = text.strip("\ufeff").strip(), list[str]()
    while found := next(((name, said) for name, form in _AROUND if (said := form.fullmatch(value))), None):
        name, said = found
        taken.append(name)
        value = str(said[said.lastindex or 0]).strip()
    if taken:
        note(f"{what}: took off the {' and '.join(taken)} around it")
    if not value:
        raise Malformed(f"The {what} is empty.", hint="Give it as one line of standard input.")
    secret = Secret(value)
    if problem := unfit(secret):
        raise Malformed(f"The {what} {problem}.", hint=_ALONE)
    return secret


def _typed(prompt: str) -> str:
    """Read a line without echo. Not `getpass`: a terminal's line mode cuts it at 4,095 bytes. Where the
    terminal marks what is pasted, a line break in it ends nothing: what follows would go to the shell."""
    from nucliactl.terminal import PASTE_BEGINS, PASTE_ENDS, unechoed

    fd, data, pasting = sys.stdin.fileno(), bytearray(), False
    try:
        with unechoed(fd, sys.stderr.fileno(), prompt, marks=os.environ.get("TERM") != "dumb") as key:
            while True:
                byte = key()
                if byte in (b"", b"\x04") or (byte in (b"\n", b"\r") and not pasting):
                    break
                if byte in (b"\x7f", b"\b"):
                    del data[-1:]
                elif byte == b"\x15":
                    data.clear()
                else:
                    data += byte
                for mark in (PASTE_BEGINS, PASTE_ENDS):
                    if data.endswith(mark):
                        del data[-len(mark) :]
                        pasting = mark == PASTE_BEGINS
    finally:
        print(file=sys.stderr)
    return data.decode("utf-8", "replace")
