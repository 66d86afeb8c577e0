"""Whether file modes mean anything here: NUCLIACTL_MODES, of the process or of /etc, nowhere else."""

from __future__ import annotations

import os
import stat

from nucliactl.disk.looking import Contents, look
from nucliactl.disk.owners import is_ours
from nucliactl.disk.paths import SYSTEM
from nucliactl.disk.witness import variable
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.model.tool_variables import MODES_VARIABLE
from nucliactl.model.trust import Trust

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Look = Callable[[str, int], Contents | None]

KEY = "modes"
IGNORE = "ignore"
_LIMIT = 1024 * 1024


def modes_ignored() -> bool:
    """Say whether somebody who may decide it has said that modes mean nothing here."""
    return ignored_by() is not None


def ignored_by(look: Look = look) -> str | None:
    """Return the variable or file that says so, None where none does. Raises Malformed for another
    value of the variable."""
    stated = variable(MODES_VARIABLE)
    if stated:
        if stated != IGNORE:
            raise Malformed(f"{MODES_VARIABLE} has one value only: {IGNORE}.", hint=f"unset {MODES_VARIABLE}")
        return MODES_VARIABLE
    path = os.path.join(SYSTEM, "config.toml")
    return path if _says_so(path, look) else None


def notice(look: Look = look) -> str | None:
    """Say who has switched the judging of modes off; None where it is on."""
    by = ignored_by(look)
    return f"file modes are not judged ({by}); owners are" if by else None


def _says_so(path: str, look: Look) -> bool:
    """Say whether the system's settings ignore modes; by a file that is judged itself."""
    try:
        contents = look(path, _LIMIT)
        if contents is None or contents.mode & stat.S_IWOTH:
            return False
        if not is_ours(path, contents.uid, Trust(SYSTEM, named=False, unmapped=True)):
            return False
        import tomllib

        return tomllib.loads(contents.data.decode()).get(KEY) == IGNORE
    except (NucliactlError, ValueError, RecursionError):
        return False
