"""Reading a `.env`: our variables only, with their lines. `os.environ` is not touched."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Mapping
from functools import lru_cache

from nucliactl.disk import witness
from nucliactl.disk.paths import absolute
from nucliactl.disk.reading import LIMIT, read_file, read_pipe
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.fields import variables_read
from nucliactl.sources.environment.variables import Environment
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from nucliactl.disk.reading import Read


_PREFIXES = (b"NUCLIA", b"NUA_", b"ARAG_", b"BASE_NUCLIA_")
_TOOL = ("NUCLIA_PROFILE", "NUCLIA_KIND")
_SETTINGS = "NUCLIACTL_"  # of the process only
# A name at the beginning of a line, as python-dotenv finds keys.
_BEGINNING = r"(?<![^\r\n])[^\S\r\n]*(?:export[^\S\r\n]+)?'?([A-Z][A-Z0-9_]*)(?![A-Za-z0-9_])"
ENV_FILE: Final = "env-file"
_PIPE_SECONDS = 10.0


class Dotenv(NamedTuple):
    """Our variables in a `.env`, and the line each stands in. `warnings` are for people; `flaw` says
    why the file cannot be used, where it says something to us."""

    variables: Mapping[str, str]
    lines: Mapping[str, int]
    warnings: tuple[str, ...] = ()
    flaw: Damaged | None = None


@lru_cache
def ours() -> frozenset[str]:
    """Return the variables that may stand in a `.env`: those of fields, their twins, and selectors."""
    return frozenset((*(v for v in variables_read() if not v.startswith(_SETTINGS)), *_TOOL))


def read_env_file(path: str, read: Read = read_file) -> Environment:
    """Return the variables of a file given by --env-file: trusted, and never mixed with others.

    A pipe is read once, for at most ten seconds. Raises Malformed where there is no file.
    """
    whole, data = given_file(path, "--env-file", read)
    return environment_of(parse_dotenv(data, whole), whole)


def given_file(path: str, flag: str, read: Read = read_file) -> tuple[str, bytes]:
    """Return the whole path of a file that somebody named by a flag, and what it holds.

    A pipe is read once, for at most ten seconds. Raises Malformed where there is no file.
    """
    if not path:
        raise Malformed(f"{flag} is empty.", hint="Give a file, or leave it out.")
    whole = absolute(path, flag)
    if witness.is_pipe(whole):
        return whole, read_pipe(whole, _PIPE_SECONDS)
    if witness.exists(whole) and not witness.is_file(whole):
        raise Malformed(f"{flag} needs a file, and {path} is something else.", hint="Correct it.")
    contents = read(whole)
    if contents is None:
        raise Malformed(f"{flag} names {path}, which does not exist.", hint="Correct it.")
    return whole, contents.data


def environment_of(found: Dotenv, path: str) -> Environment:
    """Return the variables of a `.env` that somebody named. Raises what is wrong with it."""
    if found.flaw is not None:
        raise found.flaw
    return Environment(found.variables, ENV_FILE, ENV_FILE, path, True, path, found.lines)


def begun(text: str) -> list[str]:
    """Return our variables that lines of a text begin with, whatever stands around them."""
    wanted = ours()
    return [found for found in re.findall(_BEGINNING, text) if found in wanted]


def speaks(data: bytes) -> bool:
    """Say whether a line of a file begins with a variable of ours, in whatever encoding.

    Any other file does not concern us; the parser is not even imported for it.
    """
    plain = _plain(data)
    return any(prefix in plain for prefix in _PREFIXES) and bool(begun(plain.decode("latin-1")))


def _plain(data: bytes) -> bytes:
    """Drop byte order marks and, of UTF-16, every other byte: names of ours are ASCII."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = data.removeprefix(mark)
    return data.replace(b"\0", b"")


def parse_dotenv(data: bytes, path: str, *, strict: bool = True) -> Dotenv:
    """Read the bytes of a `.env` as python-dotenv does, without interpolation.

    A line that cannot be read (an unterminated quote) is a flaw; unless `strict`, only where it begins
    with one of our names or swallows one. A file that does not speak of ours is not parsed at all.
    """
    encoding = _encoding_flaw(data, path)
    if not speaks(data):
        return Dotenv({}, {}, (), encoding if strict else None)
    if len(data) > LIMIT:
        return Dotenv({}, {}, (), Damaged(f"{path} is larger than {LIMIT // 1024} KiB.", hint="Shorten it."))
    from dotenv.parser import parse_stream

    text = _plain(data).decode("utf-8", "replace")
    wanted = ours()
    variables: dict[str, str] = {}
    lines: dict[str, int] = {}
    warnings: list[str] = []
    flaw: Damaged | None = None
    for binding in parse_stream(io.StringIO(text)):
        original = binding.original.string
        blank = len(original) - len(original.lstrip())
        line = binding.original.line + original[:blank].count("\n")  # it begins at the blank lines
        if binding.error:
            if flaw is None and (strict or begun(original)):
                flaw = Damaged(
                    f"{path}, line {line}, cannot be read.",
                    hint="A quote that is not closed, perhaps; nothing of the file is used until then.",
                )
            continue
        if swallowed := begun(original[blank:].partition("\n")[2]):
            warnings.append(
                f"{path}:{line}: the value of {binding.key} runs on over {swallowed[0]}; a quote is missing?"
            )
        if binding.key in wanted and binding.value is not None:
            if binding.key in variables:
                warnings.append(f"{path}:{line} sets {binding.key} again; the last one counts")
            variables[binding.key], lines[binding.key] = binding.value, line
    if strict or any(variables.values()):
        flaw = encoding or flaw
    return Dotenv(variables, lines, tuple(warnings), flaw)


def _encoding_flaw(data: bytes, path: str) -> Damaged | None:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Damaged(f"{path} is UTF-16.", hint="Save it as UTF-8.")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        hint = "Save it as UTF-8, not UTF-16, and without zero bytes."
        return Damaged(f"{path}, line {line}, holds a zero byte.", hint=hint)
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Damaged(f"{path}, line {line}, is not UTF-8 (byte {error.start}).", hint="Save it as UTF-8.")
    return None
