"""`nucliactl check-secrets`: keys of the service in files that are about to be committed."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import STDIN
from nucliactl.cli.output import data, emit_unless_table, note
from nucliactl.cli.streams import is_closed
from nucliactl.errors import Malformed, NucliactlError, Unreadable
from nucliactl.leaks.allowed import DEFAULT, Allowed, read_list
from nucliactl.leaks.files import Key, files_below, keys_in, keys_in_file
from nucliactl.leaks.finding import find
from nucliactl.model.words import Form
from nucliactl.text import plural

_STDIN_NAME = "(standard input)"


class _Form(NamedTuple):
    """What a key is called, and the command that shows or replaces those in use."""

    kind: str
    title: str
    renew: str


_FORMS: dict[Form, _Form] = {
    "API key": _Form("kb", "API key of a Knowledge Box or an agent", hints.API_KEYS.format("KB")),
    "NUA key": _Form("nua", "NUA key", hints.ROTATE.format("NAME")),
    "token of a user": _Form("personal-token", "personal access token or token of a user", hints.TOKENS),
}


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl check-secrets profiles/agent.toml",
        "nucliactl check-secrets profiles",
        "git diff --cached | nucliactl check-secrets -",
    )
    made.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a file, a directory (all files below it but .git), or - for standard input",
    )
    words = f"the list of keys and paths that may stay (default: {DEFAULT}, where there is one)"
    made.add_argument("--allow", metavar="FILE", help=words)
    return made


def run(args: Arguments) -> None:
    if "" in (*args.files, args.allow):
        raise Malformed("The name of a file is empty.", hint="Leave it out.")
    if any(find(name) for name in (*args.files, args.allow or "") if not os.path.lexists(name)):
        raise Malformed(
            "A key stands where the name of a file is expected; it is not shown.",
            hint=f"Hand a text over on standard input: {hints.CHECK_SECRETS}",
        )
    allowed = read_list(args.allow)
    unread: list[NucliactlError] = []
    rows, checked = [], 0
    for name in _each(args.files, unread):
        checked += 1
        try:
            rows += [(name, key) for key in _keys(name, allowed)]
        except NucliactlError as error:
            unread.append(error)
    _print(args, rows)
    for problem in unread:
        note(f"not checked: {problem.message}")
    if rows or unread:
        raise _result(rows, unread, checked)
    note(f"no keys in {plural(checked, 'file')}")


def _each(names: Sequence[str], unread: list[NucliactlError]) -> Iterator[str]:
    for name in dict.fromkeys(names):
        if name == STDIN:
            yield name
        else:
            yield from files_below(name, unread.append)


def _keys(name: str, allowed: Allowed) -> Iterator[Key]:
    """Yield the keys of a file that may not stay."""
    found: Iterable[Key]
    if name == STDIN:
        if is_closed(sys.stdin):
            raise Unreadable(
                "Standard input is closed.",
                hint=f"Put a file or a pipe there: {hints.CHECK_SECRETS} < FILE",
            )
        found = keys_in(sys.stdin.buffer.read)
    elif allowed.file(os.path.relpath(name)):
        return
    else:
        found = keys_in_file(name)
    yield from (key for key in found if key.fingerprint not in allowed.fingerprints)


def _print(args: Arguments, rows: Sequence[tuple[str, Key]]) -> None:
    found = [
        {
            "file": _STDIN_NAME if name == STDIN else name,
            "line": key.line,
            "kind": _FORMS[key.form].kind,
            "fingerprint": key.fingerprint,
        }
        for name, key in rows
    ]
    if emit_unless_table(args, found, list(dict.fromkeys(str(row["file"]) for row in found))):
        for row, (_, key) in zip(found, rows, strict=True):
            data(f"{row['file']}:{row['line']}: {_FORMS[key.form].title}, {key.fingerprint}")


def _result(
    rows: Sequence[tuple[str, Key]], unread: Sequence[NucliactlError], checked: int
) -> NucliactlError:
    """Return the error that says what was found, with what to do about each sort of key; where none was,
    what could not be looked into."""
    if not rows:
        ways = dict.fromkeys(problem.hint for problem in unread if problem.hint)
        return NucliactlError(f"{plural(len(unread), 'file')} could not be checked.", hint="\n".join(ways))
    number = len({name for name, _ in rows})
    renew = [_FORMS[form].renew for form in dict.fromkeys(key.form for _, key in rows)]
    where = f"{number} of {plural(checked, 'file')}"
    return NucliactlError(
        f"There {'is' if len(rows) == 1 else 'are'} {plural(len(rows), 'key')} of Nuclia in {where}.",
        hint="Take it out. If it was ever committed, others may have it; replace it at the service, too:\n"
        f"{'   or: '.join(renew)}\nIf it was made up, add its sha256:… to {DEFAULT}.",
    )
