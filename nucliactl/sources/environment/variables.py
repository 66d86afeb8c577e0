"""Variables as a source, and where they stand."""

from __future__ import annotations

from nucliactl.errors import Malformed, NucliactlError
from nucliactl.model.names import ENV
from nucliactl.model.source import Source
from nucliactl.model.tool_variables import TOOL_VARIABLES
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nucliactl.model.words import KindName, SourceKind

FILE = "_FILE"
_STEERING = frozenset(name for name, _ in TOOL_VARIABLES)


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
        if not stated:
            return None
        from nucliactl.model.kinds import kind_named

        try:
            return kind_named(stated, "NUCLIA_KIND").name
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
    import re

    used = tuple(v for v in re.findall(r"[A-Z][A-Z0-9_]+", error.message) if v in env.lines) or variables
    hint = error.hint
    if any("${" in env.variables.get(v, "") for v in used):
        hint = f"${{…}} is not expanded in {env.path}: write the value itself."
    return placed(type(error)(error.message, hint=hint), env.path, env.place(used).location)


def placed(error: NucliactlError, path: str, place: str) -> NucliactlError:
    """Return an error that names a file with the line in it: `place` instead of `path`."""
    import re

    message = error.message
    if path not in message:
        message = f"{place}: {message}"
    elif not re.search(re.escape(path) + r":\d", message):
        message = message.replace(path, place, 1)
    return type(error)(message, hint=error.hint)
