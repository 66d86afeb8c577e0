"""Variables as a source, and finding a value or a secret under any of its spellings.

Opens nothing: a `_FILE` target is tested for presence and size only.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping

from nucliactl.disk import witness
from nucliactl.disk.judging import judge
from nucliactl.errors import Ambiguous, Malformed, NucliactlError
from nucliactl.model.kinds import KINDS, kind_named
from nucliactl.model.names import ENV
from nucliactl.model.profile import SecretRef, Source
from nucliactl.model.tool_variables import TOOL_VARIABLES
from nucliactl.secret import Secret
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName, SourceKind

FILE = "_FILE"
_STEERING = frozenset(name for name, _ in TOOL_VARIABLES)
_SECRET_LIMIT = 64 * 1024


class Environment(NamedTuple):
    """Variables as one source.

    `name` is the unnamed profile's (`env`), `source_kind` the source's, `label` how people call it, `files`
    whether `_FILE` twins are honoured. Of a file: its `path`, and the `lines` of its variables.
    `allow` judges the origins of credentials where the source itself is not trusted.
    """

    variables: Mapping[str, str]
    name: str = ENV
    source_kind: SourceKind = "env"
    label: str = "the environment"
    files: bool = True
    path: str | None = None
    lines: Mapping[str, int] = {}
    allow: Callable[[str], bool] | None = None

    def selected_profiles(self) -> str | None:
        return self.variables.get("NUCLIA_PROFILE") or None

    def kind(self) -> KindName | None:
        """Return the kind NUCLIA_KIND chooses; Malformed if it does not exist."""
        stated = self.variables.get("NUCLIA_KIND")
        try:
            return kind_named(stated, "NUCLIA_KIND").name if stated else None
        except Malformed as error:
            raise located(self, error, ("NUCLIA_KIND",)) from None

    def place(self, variables: tuple[str, ...] | list[str]) -> Source:
        """Return where variables stand: their names, or the file with the line of each."""
        if self.path is None:
            return Source(self.source_kind, ", ".join(variables) or "-")
        lines = ",".join(str(line) for line in sorted({self.lines[v] for v in variables if v in self.lines}))
        return Source(self.source_kind, f"{self.path}:{lines}" if lines else self.path)


def may_mean_ours(names: Iterable[str]) -> bool:
    """Say whether any of some variables is called so that it may be meant for us, beside those that steer
    the tool itself. A first look, before `unread` judges each."""
    spelled = (name.upper() for name in names if name not in _STEERING)
    return any("NUCLIA" in name or name.startswith(("NUA_", "ARAG_")) for name in spelled)


def located(env: Environment, error: NucliactlError, variables: tuple[str, ...] = ()) -> NucliactlError:
    """Return an error about values of a file with the file and the lines of the variables it names
    (or of `variables`); one about the process's environment as it is."""
    if env.path is None:
        return error
    used = tuple(v for v in re.findall(r"[A-Z][A-Z0-9_]+", error.message) if v in env.lines) or variables
    hint = error.hint
    if any("${" in env.variables.get(v, "") for v in used):
        hint = f"${{…}} is not expanded in {env.path}: write the value itself."
    return placed(type(error)(error.message, hint=hint), env.path, env.place(used).location)


def placed(error: NucliactlError, path: str, place: str) -> NucliactlError:
    """Return an error that names a file with the line in it: `place` instead of `path`."""
    message = error.message
    if path not in message:
        message = f"{place}: {message}"
    elif not re.search(re.escape(path) + r":\d", message):
        message = message.replace(path, place, 1)
    return type(error)(message, hint=error.hint)


class Setting(NamedTuple):
    value: str
    variable: str


class Held(NamedTuple):
    """A secret's place: `empty` names a variable that is set but empty, or whose file is."""

    ref: SecretRef | None
    variable: str | None
    empty: str | None


def pick(
    env: Environment, variables: tuple[str, ...], form: Callable[[Setting], str] = lambda s: s.value
) -> Setting | None:
    """Return the value of a field under any of its spellings; Ambiguous if two differ in their `form`."""
    found = [Setting(env.variables[v], v) for v in variables if env.variables.get(v)]
    for other in found[1:]:
        if form(other) != form(found[0]):
            raise _differing(env, found[0].variable, other.variable)
    return found[0] if found else None


def _differing(env: Environment, one: str, other: str) -> Ambiguous:
    """Return the error for two spellings of one thing that say different things."""
    return Ambiguous(
        f"{one} and {other} in {env.label} differ.",
        hint=f"They mean the same; unset one of them: unset {other}",
    )


def checked_setting(env: Environment, name: str, kind: KindName) -> Setting | None:
    """Return a checked field of a kind, if it is set; Malformed naming the variable."""
    declared = KINDS[kind].field(name)
    found = pick(env, declared.variables)
    if found and declared.check:
        return found._replace(value=declared.check(found.value, found.variable))
    return found


def find_secret(env: Environment, variables: tuple[str, ...]) -> Held:
    """Find a secret under all its spellings and their `_FILE` twins, without opening a file."""
    held: list[Setting] = []
    empty = None
    for variable in variables:
        twins = (variable, variable + FILE) if env.files else (variable,)
        values = [Setting(env.variables[t], t) for t in twins if env.variables.get(t)]
        if len(values) == 2:
            raise Ambiguous(
                f"{variable} and {variable}{FILE} are both set in {env.label}.",
                hint=f"Keep one: unset {variable} or unset {variable}{FILE}",
            )
        empty = empty or next((t for t in twins if env.variables.get(t) == ""), None)
        held.extend(values)
    for other in held[1:]:
        same = other.variable.endswith(FILE) == held[0].variable.endswith(FILE)
        if not same or other.value != held[0].value:
            raise _differing(env, held[0].variable, other.variable)
    if not held:
        return Held(None, None, empty)
    value, variable = held[0]
    if variable.endswith(FILE):
        return _file_secret(value, variable)
    return Held(SecretRef("environment", variable, Secret(value)), variable, None)


def not_by_file(env: Environment, variables: tuple[str, ...]) -> str:
    """Say that a `_FILE` twin stands where it does not count; nothing where there is none."""
    twin = next((v + FILE for v in variables if env.variables.get(v + FILE)), None)
    if twin is None or env.files:
        return ""
    return f"{twin} is not honoured in a project's .env: it could show any file. "


def _file_secret(path: str, variable: str) -> Held:
    if not os.path.isabs(path):
        raise Malformed(
            f"{variable} is not an absolute path.",
            hint=f"It names a file; a secret itself goes into {variable.removesuffix(FILE)}.",
        )
    try:
        found = witness.status(path)
    except OSError as error:
        return Held(None, variable, f"{variable} names {path}, which cannot be found ({error.strerror})")
    regular = stat.S_ISREG(found.mode)
    if not regular and not stat.S_ISFIFO(found.mode):
        return Held(None, variable, f"{variable} names {path}, which is not a file")
    if regular:
        judge(path, found.mode, found.uid, None)
    if regular and found.size == 0:
        return Held(None, variable, f"{variable} names {path}, which is empty")
    if found.size > _SECRET_LIMIT:
        raise Malformed(f"{variable} names {path}, which is too large for a secret.")
    return Held(SecretRef("file", path), variable, None)
