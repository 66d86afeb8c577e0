"""Finding a value or a secret in an environment, under any of its spellings.

Opens nothing: a `_FILE` target is tested for presence and size only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable

from nucliactl.disk import witness
from nucliactl.disk.judging import judge
from nucliactl.errors import Ambiguous, Malformed
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import SecretRef
from nucliactl.secret import Secret
from nucliactl.sources.environment.variables import FILE, Environment
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName

_SECRET_LIMIT = 64 * 1024


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
        raise Malformed(
            f"{variable} names {path}, which is too large for a secret.",
            hint="Name a file that holds the secret alone.",
        )
    return Held(SecretRef("file", path), variable, None)
