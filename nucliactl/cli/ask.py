"""Asking a person: a secret without echo, a choice from a list."""

import sys
from collections.abc import Sequence

from nucliactl.cli.output import note
from nucliactl.errors import Malformed
from nucliactl.secret import Secret, printable, unfit

STDIN = "-"
_LIMIT = 1024 * 1024


def on_terminal() -> bool:
    """Say whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def secret_from(argument: str | None, what: str) -> Secret:
    """Return the secret a person means: the argument, standard input for `-`, or a prompt.

    Without an argument it is asked for on a terminal and read from a pipe.
    What people paste around a key (`Bearer `, quotes, blanks) is taken off, and said.
    """
    if argument is not None and argument != STDIN:
        note(f"{what}: given as an argument it stays in the shell's history; use - and stdin instead")
        return _cleaned(argument, what)
    if sys.stdin is None:
        raise Malformed(f"There is no standard input to read the {what} from.")
    if on_terminal():
        return _cleaned(_typed(f"{what}: "), what)
    data = sys.stdin.buffer.read(_LIMIT + 1)
    try:
        return _cleaned(data.decode(), what)
    except UnicodeDecodeError:
        raise Malformed(f"The {what} on standard input is not text.") from None


def bytes_from_stdin(what: str) -> bytes:
    """Return all of standard input. Raises Malformed where there is none, or too much of it."""
    if sys.stdin is None:
        raise Malformed(f"There is no standard input to read the {what} from.")
    if on_terminal():
        note(f"{what}: paste it, and end it with Ctrl-D on a line of its own")
    data = sys.stdin.buffer.read(_LIMIT + 1)
    if len(data) > _LIMIT:
        raise Malformed(f"The {what} on standard input is larger than {_LIMIT // 1024} KiB.")
    return data


def _cleaned(text: str, what: str) -> Secret:
    value = text.strip()
    taken: list[str] = []
    if value.lower().startswith("bearer "):
        value, taken = value[7:].strip(), [*taken, "Bearer"]
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        value, taken = value[1:-1].strip(), [*taken, "quotes"]
    if value.lower().startswith("bearer "):
        value, taken = value[7:].strip(), [*taken, "Bearer"]
    if taken:
        note(f"{what}: took off the {' and '.join(taken)} around it")
    if not value:
        raise Malformed(f"The {what} is empty.", hint="Give it as one line of standard input.")
    secret = Secret(value)
    if problem := unfit(secret):
        raise Malformed(f"The {what} {problem}.", hint="Give it alone, as one line of printable ASCII.")
    return secret


def _typed(prompt: str) -> str:
    """Read a line without echo. Not `getpass`: a terminal's line mode cuts it at 4,095 bytes."""
    import os

    from nucliactl.terminal import unechoed

    fd = sys.stdin.fileno()
    data = bytearray()

    def show() -> None:  # a signal's handler may ask again in the midst of it: no buffer
        os.write(sys.stderr.fileno(), prompt.encode())

    try:
        with unechoed(fd, show):
            while True:
                byte = os.read(fd, 1)
                if byte in (b"\n", b"\r", b"", b"\x04"):
                    break
                if byte in (b"\x7f", b"\b"):
                    del data[-1:]
                elif byte == b"\x15":
                    data.clear()
                else:
                    data += byte
    finally:
        print(file=sys.stderr)
    for code in (b"\x1b[200~", b"\x1b[201~"):
        data = data.replace(code, b"")
    return data.decode("utf-8", "replace")


def pick(title: str, choices: Sequence[tuple[str, str]]) -> str:
    """Let a person pick one of (name, remark) by number or by name; asks until it is one."""
    for number, (name, remark) in enumerate(choices, 1):
        print(
            f"{number:>4}  {printable(name)}{f'  ({printable(remark)})' if remark else ''}", file=sys.stderr
        )
    names = [name for name, _ in choices]
    said = {str(number): name for number, name in enumerate(names, 1)} | {name: name for name in names}
    while True:
        print(f"{title} (number or name): ", end="", file=sys.stderr, flush=True)
        answer = sys.stdin.readline()
        if not answer.strip():
            raise Malformed("Nothing was chosen.", hint="Nothing was changed.")
        answer = answer.strip()
        if answer in said:
            return said[answer]
        print("  That is not one of them.", file=sys.stderr)
