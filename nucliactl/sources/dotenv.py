"""Reading a `.env`: our variables only, with their lines. `os.environ` is not touched."""

import io
import os
import stat
from collections.abc import Mapping
from typing import NamedTuple

from nucliactl.disk.reading import read_file, read_pipe
from nucliactl.errors import Damaged, Malformed
from nucliactl.model.fields import FIELDS
from nucliactl.sources.variables import Environment

_PREFIXES = (b"NUCLIA", b"NUA_", b"ARAG_", b"BASE_NUCLIA_")
_TOOL = ("NUCLIA_PROFILE", "NUCLIA_KIND")
_TWIN = "_FILE"
ENV_FILE = "env-file"
_PIPE_SECONDS = 10.0


class Dotenv(NamedTuple):
    """Our variables in a `.env`, and the line each stands in. `warnings` are for people."""

    variables: Mapping[str, str]
    lines: Mapping[str, int]
    warnings: tuple[str, ...] = ()


def ours() -> frozenset[str]:
    """Return the variables that may stand in a `.env`: those of fields, their twins, and selectors."""
    names = {variable for declared in FIELDS for variable in declared.variables}
    return frozenset((*names, *(name + _TWIN for name in names), *_TOOL))


def read_env_file(path: str) -> Environment:
    """Return the variables of a file given by --env-file: trusted, and never mixed with others.

    A pipe is read once, for at most ten seconds. Raises Malformed if there is no such file.
    """
    whole = os.path.abspath(path)
    data = read_pipe(whole, _PIPE_SECONDS) if _is_pipe(whole) else None
    if data is None:
        contents = read_file(whole)
        if contents is None:
            raise Malformed(f"There is no file {path} to take as --env-file.")
        data = contents.data
    found = parse_dotenv(data, whole)
    return Environment(found.variables, ENV_FILE, ENV_FILE, whole, True, whole, found.lines)


def _is_pipe(path: str) -> bool:
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except OSError:
        return False


def parse_dotenv(data: bytes, path: str) -> Dotenv:
    """Read the bytes of a `.env` as python-dotenv does, without interpolation.

    Raises Damaged naming the line that cannot be read (an unterminated quote). A file without any
    of our prefixes is not parsed at all: the parser costs more than all the rest.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Damaged(f"{path} is UTF-16.", hint="Save it as UTF-8.")
    if not any(prefix in data for prefix in _PREFIXES):
        return Dotenv({}, {})
    from dotenv.parser import parse_stream

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Damaged(f"{path} is not UTF-8 (byte {error.start}).", hint="Save it as UTF-8.") from None
    wanted = ours()
    variables: dict[str, str] = {}
    lines: dict[str, int] = {}
    warnings: list[str] = []
    for binding in parse_stream(io.StringIO(text)):
        original = binding.original.string
        blank = len(original) - len(original.lstrip())
        line = binding.original.line + original[:blank].count("\n")  # it begins at the blank lines
        if binding.error:
            raise Damaged(
                f"{path}, line {line}, cannot be read.",
                hint="A quote that is not closed, perhaps; nothing of the file is used until then.",
            )
        if binding.key in wanted and binding.value is not None:
            if binding.key in variables:
                warnings.append(f"{path}:{line} sets {binding.key} again; the last one counts")
            variables[binding.key], lines[binding.key] = binding.value, line
    return Dotenv(variables, lines, tuple(warnings))
