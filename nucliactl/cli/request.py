"""The request that the words of `nucliactl api` describe."""

import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import httpx

from nucliactl import hints
from nucliactl.cli.ask import STDIN
from nucliactl.cli.flags import Arguments
from nucliactl.errors import Malformed
from nucliactl.http.auth import CREDENTIAL_HEADERS
from nucliactl.http.stream import Body
from nucliactl.secret import printable
from nucliactl.service.paging import Next
from nucliactl.service.payload import Field, body_of, parameters_of, split_field, typed

AT_HAND = 1024 * 1024
"""A body as large as this is read before it is sent; a larger one while it is."""
_PIECE = 64 * 1024
_LONGEST_FILE = 64 * 1024 * 1024
_METHOD = re.compile(r"[A-Za-z]{1,20}")
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*?)[ \t]*")
_FRAMING = frozenset({"connection", "content-length", "host", "te", "transfer-encoding", "upgrade"})


class Given(NamedTuple):
    """A field as it was typed: `-f` or `-F`, and KEY=VALUE."""

    option: str
    text: str

    @property
    def file(self) -> str | None:
        """The file that its value names."""
        _, _, value = self.text.partition("=")
        return value[1:] if self.option == "-F" and value.startswith("@") else None

    def read(self) -> Field:
        key, value = split_field(self.text, self.option)
        if self.option == "-f":
            return key, value
        return key, typed(value, key) if self.file is None else _text_of(self.file)


def raw(text: str) -> Given:
    return Given("-f", text)


def other(text: str) -> Given:
    return Given("-F", text)


class Asked(NamedTuple):
    """A request whose address is not known yet. `payload` is the JSON object that fields make, or that the
    input holds; `body` is what is sent of anything else."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    parameters: tuple[tuple[str, str], ...] = ()
    payload: dict[str, Any] | None = None
    body: Body = None

    @property
    def words(self) -> str:
        """What it is called in messages: without its query, which may hold anything."""
        return f"{self.method} {self.path.partition('?')[0] or '/'}"


def asked(args: Arguments) -> Asked:
    """Return the request of a command line; read what it names. Raises Malformed, which repeats no value."""
    given: list[Given] = args.fields
    files = [args.input, *(field.file for field in given)]
    if files.count(STDIN) > 1:
        raise Malformed("Standard input is read once, and is asked for twice.", hint="Put one into a file.")
    fields = [field.read() for field in given]
    if args.method and args.verb:
        raise Malformed("The method is given twice.", hint=f"{hints.API}, or -X METHOD PATH")
    sends = (fields or args.input is not None) and not args.paginate
    method = (args.method or args.verb or ("POST" if sends else "GET")).upper()
    if not _METHOD.fullmatch(method):
        raise Malformed("The method is not one of HTTP.", hint=hints.API)
    if args.slurp and not args.paginate:
        raise Malformed("--slurp needs --paginate.", hint="Add --paginate.")
    if args.max_pages is not None and not args.paginate:
        raise Malformed("--max-pages needs --paginate.", hint="Add --paginate.")
    if args.max_pages is not None and args.max_pages < 1:
        raise Malformed("--max-pages is at least 1.", hint="For example: --max-pages 100")
    if args.paginate and method not in ("GET", "POST"):
        raise Malformed("--paginate is for lists, which GET or POST asks for.", hint="Leave out --paginate.")
    headers = tuple(_header(text) for text in args.header)
    found = Asked(method, args.path, headers)
    if args.input is None and not (fields and method not in ("GET", "HEAD")):
        return found._replace(parameters=tuple(parameters_of(fields)))
    if "content-type" not in (name.lower() for name, _ in headers):
        found = found._replace(headers=(*headers, ("Content-Type", "application/json")))
    if args.input is None:
        return found._replace(payload=body_of(fields))
    body, size = _input(args.input)
    framing = () if size is None else (("Content-Length", str(size)),)
    return found._replace(
        headers=(*found.headers, *framing), parameters=tuple(parameters_of(fields)), body=body
    )


def turned(before: Asked, url: str, step: Next) -> tuple[Asked, str]:
    """Return the request of the next page: where something is sent the page stands in that."""
    if before.method == "GET":
        parameters = tuple(pair for pair in before.parameters if pair[0] != step.name)
        changed = httpx.URL(url).copy_remove_param(step.name).copy_add_param(step.name, str(step.value))
        return before._replace(parameters=parameters), str(changed)
    payload = before.payload if before.payload is not None else _object_of(before.body)
    return before._replace(payload={**payload, step.name: step.value}), url


def _object_of(body: Body) -> dict[str, Any]:
    try:
        found = json.loads(body) if isinstance(body, bytes) else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Malformed(
            "There are more pages, and what was sent is no JSON object that could name the next.",
            hint="Send a JSON object, with --input or -f.",
        )
    return found


def _header(text: str) -> tuple[str, str]:
    match = _HEADER.fullmatch(text)
    if match is None or not match[2].isprintable() or not match[2].isascii():
        raise Malformed(
            "-H needs NAME: VALUE, in one line of printable ASCII.", hint="-H 'Accept: text/plain'"
        )
    name = match[1].lower()
    if name in CREDENTIAL_HEADERS:
        raise Malformed(
            f"-H {printable(match[1], 60)}: the profile's credential gives that header, and only that.",
            hint="Use another credential: --profile NAME",
        )
    if name in _FRAMING:
        raise Malformed(
            f"-H {printable(match[1], 60)}: that header follows from the address and the body.",
            hint="Leave it out.",
        )
    return match[1], match[2]


def _text_of(path: str) -> str:
    """Return a file's text, whole."""
    with _opened(path) as file:
        data = _read(file, _LONGEST_FILE + 1, path)
    if len(data) > _LONGEST_FILE:
        raise Malformed(f"{printable(path)} is too large for a field.", hint="Send it alone: --input FILE")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise Malformed(
            f"{printable(path)} is not text, which a field is.", hint="Send it alone: --input FILE"
        ) from None


def _input(path: str) -> tuple[Body, int | None]:
    """Return what a file holds; one that is large in pieces, with its size where that is known."""
    file = _opened(path)
    begin = _read(file, AT_HAND + 1, path)
    if len(begin) <= AT_HAND:
        return begin, None
    info = os.fstat(file.fileno())
    left = info.st_size - file.tell() + len(begin) if stat.S_ISREG(info.st_mode) else None
    return _pieces(begin, file, path), left


def _pieces(begin: bytes, file: BinaryIO, path: str) -> Iterator[bytes]:
    with file:
        while begin:
            yield begin
            begin = _read(file, _PIECE, path)


def _opened(path: str) -> BinaryIO:
    if not path:
        raise Malformed(
            "A file is named by nothing.", hint="--input FILE, -F KEY=@FILE; - is standard input."
        )
    if path == STDIN:
        if sys.stdin.isatty():
            print("Type what is sent, and end it with Ctrl-D:", file=sys.stderr)
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def _read(file: BinaryIO, size: int, path: str) -> bytes:
    try:
        return file.read(size)
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: str, error: Exception) -> Malformed:
    reason = (error.strerror if isinstance(error, OSError) else None) or "it is no name of a file"
    return Malformed(
        f"{printable(path)} cannot be read: {reason}.", hint="Check the path; - is standard input."
    )
