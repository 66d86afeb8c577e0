"""Variables as text that another program reads, in nine formats. Each carries a value byte for byte, or
refuses it: nothing is changed on the way.

The rules are those that each reader documents: POSIX shells, fish, PowerShell, cmd, python-dotenv (and
Node's and docker compose's readers, as far as they agree), JSON, GitHub's runner, `docker --env-file`, and
Kubernetes' Secret.
"""

import json
import os
import re
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from secrets import token_hex
from typing import NamedTuple

from nucliactl import hints
from nucliactl.errors import Malformed
from nucliactl.programs.variables import Variable, cleared
from nucliactl.secret import Secret

_CMD_LINE = 8191
_DOCKER_LINE = 64 * 1024 - 1
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+,=~-]+")
_NO_LABEL = re.compile(r"[^a-z0-9]+")


class Format(NamedTuple):
    """`write(variables, name)` is the text; `problem(name, value)` says why a value cannot be in it, as the
    end of a sentence; `reader` is who reads it."""

    reader: str
    write: Callable[[Sequence[Variable], str], str]
    problem: Callable[[str, str], str | None]


def written(form: str, variables: Sequence[Variable], name: str) -> str:
    """Return variables in one of FORMATS. `name` is the profile's. Raises Malformed, naming the variable
    and never the value, for one that the format cannot carry."""
    chosen = FORMATS[form]
    variables = [one._replace(held=Secret(_as_utf8(one.held.reveal()))) for one in variables]
    for one in variables:
        value = one.held.reveal()
        if found := "has a zero byte in it" if "\0" in value else chosen.problem(one.name, value):
            others = "json or k8s" if form not in ("json", "k8s") else "posix"
            raise Malformed(
                f"The value of {one.name} {found}, which {chosen.reader} would not read back as it is.",
                hint=f"Choose another --format ({others}), or hand it over directly: {hints.RUN}",
            )
    return chosen.write(variables, name)


def _as_utf8(value: str) -> str:
    """Return a value as UTF-8 reads its bytes, whatever locale it was read in; bytes that are no UTF-8 stay
    what they are."""
    try:
        return os.fsencode(value).decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # it never was bytes of this locale
        return value


def encoded(text: str) -> bytes:
    """Return a text of this module as the bytes to print."""
    return text.encode("utf-8", "surrogateescape")


def _unset(variables: Sequence[Variable]) -> list[str]:
    given = {one.name for one in variables}
    return [name for name in cleared() if name not in given]


def _lines(
    form: Callable[[str], str],
) -> Callable[[Sequence[Variable], str], str]:
    """Return a writer of one `NAME=value` a line; `form` gives a value as it is written."""

    def write(variables: Sequence[Variable], _: str) -> str:
        return "".join(f"{one.name}={form(one.held.reveal())}\n" for one in variables)

    return write


def _posix(variables: Sequence[Variable], _: str) -> str:
    lines = [f"unset {' '.join(_unset(variables))}"]
    for one in variables:
        lines.append(f"export {one.name}='" + one.held.reveal().replace("'", "'\\''") + "'")
    return "\n".join(lines) + "\n"


def _fish(variables: Sequence[Variable], _: str) -> str:
    # A universal variable is the person's own: it is covered by an empty one here, and not erased.
    lines = [
        f"for name in {' '.join(_unset(variables))}; set -eg $name; set -qU $name; and set -gx $name; end"
    ]
    for one in variables:
        value = one.held.reveal().replace("\\", "\\\\").replace("'", "\\'")
        lines.append(f"set -gx {one.name} '{value}'")
    return "\n".join(lines) + "\n"


def _powershell(variables: Sequence[Variable], _: str) -> str:
    lines = [f"Remove-Item Env:{name} -ErrorAction SilentlyContinue" for name in _unset(variables)]
    for one in variables:
        lines.append(f"$Env:{one.name} = '" + one.held.reveal().replace("'", "''") + "'")
    return "\n".join(lines) + "\n"


def _cmd(variables: Sequence[Variable], _: str) -> str:
    lines = [f'set "{name}="' for name in _unset(variables)]
    lines += [f'set "{one.name}={one.held.reveal()}"' for one in variables]
    return "\n".join(lines) + "\n"


def _json(variables: Sequence[Variable], _: str) -> str:
    return json.dumps({one.name: one.held.reveal() for one in variables}, indent=2) + "\n"


def _k8s(variables: Sequence[Variable], name: str) -> str:
    lines = ["apiVersion: v1", "kind: Secret", "metadata:", f'  name: "{secret_name(name)}"', "type: Opaque"]
    lines.append("data:")
    for one in variables:
        lines.append(f'  {one.name}: "{b64encode(encoded(one.held.reveal())).decode()}"')
    return "\n".join(lines) + "\n"


def secret_name(name: str) -> str:
    """Return the name that a Kubernetes Secret may bear for a profile: `nuclia-<name>`, made valid."""
    labels = (_NO_LABEL.sub("-", label).strip("-") for label in f"nuclia-{name}".split("."))
    return ".".join(label for label in labels if label)


def in_dotenv(value: str) -> str:
    """Return a value as a `.env` has it. The readers differ in what a quote and a backslash mean: the first
    form is taken in which they agree, and python-dotenv's own escapes where there is none."""
    broken = "\n" in value or "\r" in value
    if _PLAIN.fullmatch(value):
        return value
    if not broken and "'" not in value and "\\\\" not in value and not value.endswith("\\"):
        return f"'{value}'"
    if not broken and not {*'"\\$`'} & {*value}:
        return f'"{value}"'
    if not re.search(r"[\s#$]|^[\"'`]", value):
        return value
    if not broken:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    for mark, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r")):
        value = value.replace(mark, escaped)
    return f'"{value}"'


def masks(variables: Sequence[Variable]) -> str:
    """Return the commands that make GitHub's runner hide each secret in its logs."""
    shown = dict.fromkeys(_as_utf8(one.held.reveal()) for one in variables if one.secret)
    return "".join(f"::add-mask::{_as_data(value)}\n" for value in shown if value)


def _as_data(value: str) -> str:
    """A value as the runner takes it behind a command: what it decodes again is encoded."""
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _github(variables: Sequence[Variable], _: str) -> str:
    """One block a variable, between lines that nobody can guess and no value holds."""
    lines = []
    for one in variables:
        end = f"end_{token_hex(16)}"
        lines.append(f"{one.name}<<{end}\n{one.held.reveal()}\n{end}\n")
    return "".join(lines)


def _any(_: str, __: str) -> None:
    return None


def _text(_: str, value: str) -> str | None:
    return "is not UTF-8 text" if any("\ud800" <= c <= "\udfff" for c in value) else None


def _has(marks: Mapping[str, str]) -> Callable[[str, str], str | None]:
    """Return a test for characters; `marks` says what each is called."""

    def problem(name: str, value: str) -> str | None:
        held = next((said for mark, said in marks.items() if mark in value), None)
        return f"has {held} in it" if held else _text(name, value)

    return problem


_BREAKS = {"\n": "a line break", "\r": "a carriage return"}
_one_line = _has(_BREAKS)
_no_return = _has({"\r": "a carriage return"})
_cmd_marks = _has({'"': "a double quote", "%": "a percent sign", "!": "an exclamation mark"})
_expanded = _has({"${": "${"})


def _printable_ascii(_: str, value: str) -> str | None:
    if not value.isascii():
        return "has a character outside ASCII (which depends on the code page)"
    return None if value.isprintable() else "has a line break or another control character"


def _cmd_problem(name: str, value: str) -> str | None:
    too_long = len(f'set "{name}={value}"') > _CMD_LINE
    return (
        _printable_ascii(name, value)
        or _cmd_marks(name, value)
        or (f"makes a line longer than {_CMD_LINE} characters" if too_long else None)
    )


def _docker_problem(name: str, value: str) -> str | None:
    too_long = len(encoded(f"{name}={value}")) > _DOCKER_LINE
    return _one_line(name, value) or ("makes a line longer than 64 KiB" if too_long else None)


FORMATS: dict[str, Format] = {
    "posix": Format("a shell", _posix, _any),
    "fish": Format("fish", _fish, _any),
    "powershell": Format("PowerShell", _powershell, _printable_ascii),
    "cmd": Format("cmd", _cmd, _cmd_problem),
    "dotenv": Format("a reader of .env files", _lines(in_dotenv), _expanded),
    "json": Format("a reader of JSON", _json, _text),
    "github": Format("GitHub's runner", _github, _no_return),
    "docker": Format("docker --env-file", _lines(str), _docker_problem),
    "k8s": Format("Kubernetes", _k8s, _any),
}
