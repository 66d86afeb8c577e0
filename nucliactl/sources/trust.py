"""Whether a file of a project may choose a profile: whose it is, who may write it, where it leads.

No git process is started; of a repository two small files are read.
"""

from __future__ import annotations

import os
import stat
import sys

from nucliactl.disk import witness
from nucliactl.disk.looking import Contents, look
from nucliactl.disk.modes import modes_ignored
from nucliactl.errors import Malformed, Refused, Unreadable
from nucliactl.model.tool_variables import PROJECT_VARIABLE
from nucliactl.text import quoted
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TRUST = "trust"
_POINTER_LIMIT = 4096
_WAYS_OUT = "Leave the project out: --no-project, or name a profile: --profile NAME."


class Trust(NamedTuple):
    """What the user says of projects. `lifts` whether owner and mode of files below a directory do
    not count; `home` their home directory, which is no project even if it is a repository."""

    lifts: Callable[[str], bool]
    home: str | None = None


def project_switch(environ: Mapping[str, str]) -> tuple[bool, bool]:
    """Read NUCLIACTL_PROJECT, a boolean or `trust`: whether there is a walk, and whether every project is
    trusted. Raises Malformed for anything else."""
    stated = environ.get(PROJECT_VARIABLE, "").strip()
    if stated.lower() in ("", _TRUST):
        return True, bool(stated)
    from nucliactl.model.fields import as_boolean

    try:
        return as_boolean(stated, PROJECT_VARIABLE), False
    except Malformed as error:
        raise Malformed(
            f"{PROJECT_VARIABLE} is neither true, false nor {_TRUST}.", hint=f"Use 1, 0 or {_TRUST}."
        ) from error


def within(path: str, folder: str) -> bool:
    """Say whether a path is a directory itself or lies below it, by the names alone."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def check_link(path: str, root: str, trust: Trust) -> None:
    """Raise Refused for a link that leaves its project: the tree at `root`, or the main checkout of
    the git worktree there. Nothing lifts this rule: a project may not show other places' files."""
    if not witness.is_link(path):
        return
    if trust.home is not None and witness.real_path(trust.home) == witness.real_path(root):
        root = os.path.dirname(path)
    target = witness.real_path(path)
    if within(target, witness.real_path(root)):
        return
    main = main_checkout(root)
    if main is None or not within(target, main):
        raise Refused(
            f"{path} chooses a profile and is not trusted: it is a link that leaves its project.",
            hint=f"{_WAYS_OUT} Or put a file in the link's place.",
        )


def check_owner(path: str, looked: Contents, root: str, trust: Trust) -> None:
    """Raise Refused for a file, or a link to it, that belongs to another user or that everybody may
    write, unless the user trusts the project."""
    reason = _distrust(path, looked)
    if reason is None or trust.lifts(witness.real_path(os.path.dirname(path))):
        return
    import json  # whose strings are TOML's too

    why, remedy = reason
    listed = json.dumps(witness.real_path(root), ensure_ascii=False)
    raise Refused(
        f"{path} chooses a profile and is not trusted: {why}.",
        hint=f"{remedy}{_WAYS_OUT} If you trust it: trusted_projects = [{listed}] in config.toml of "
        f"the store, or {PROJECT_VARIABLE}={_TRUST}.",
    )


def unreadable(why: str) -> Refused:
    """Return the error for a pin that is there and cannot be read: it chooses, nobody knows what."""
    return Refused(f"A project's pin is not followed: {why}", hint=_WAYS_OUT)


def _distrust(path: str, looked: Contents) -> tuple[str, str] | None:
    """Return why a file is not trusted and what would mend it, or None."""
    if os.name != "posix":
        return None
    for uid in (looked.uid, witness.link_status(path).uid):
        if not trusted_uid(uid):
            return f"it belongs to another user (uid {uid})", ""
    from nucliactl.disk.mounts import is_volume

    folder = os.path.dirname(path)
    mode = witness.status(folder).mode
    if looked.mode & stat.S_IWOTH:
        why, open_to_all = "everybody may write it", path
    elif mode & stat.S_IWOTH and not mode & stat.S_ISVTX and not is_volume(folder):
        why, open_to_all = f"everybody may write its directory {folder}", folder
    else:
        return None
    return None if modes_ignored() else (why, f"Mend it: chmod o-w {quoted(open_to_all)}. ")


def trusted_uid(uid: int) -> bool:
    """Say whether an owner is the user or root."""
    return sys.platform == "win32" or uid in (os.getuid(), 0)


def main_checkout(root: str) -> str | None:
    """Return the real path of the main checkout of the git worktree at `root`: each names the other,
    and both belong to the user or root. None where there is none."""
    mark = os.path.join(root, ".git")
    line = _pointer(mark)
    if line is None or not line.startswith("gitdir: "):
        return None
    record = witness.real_path(os.path.join(root, line.removeprefix("gitdir: ")))
    repository, worktrees = os.path.split(os.path.dirname(record))
    main, name = os.path.split(repository)
    back = _pointer(os.path.join(record, "gitdir"))
    if (name, worktrees) != (".git", "worktrees") or back is None:
        return None
    named_back = witness.real_path(os.path.join(record, back)) == witness.real_path(mark)
    ours = named_back and all(
        trusted_uid(witness.link_status(p).uid) for p in (root, mark, main, repository, record)
    )
    return main if ours else None


def _pointer(path: str) -> str | None:
    """Return the one line of a file by which git names a directory; None if there is none."""
    try:
        looked = None if witness.is_link(path) else look(path, _POINTER_LIMIT)
    except Unreadable:
        return None
    if looked is None or not trusted_uid(looked.uid) or b"\0" in looked.data:
        return None
    return os.fsdecode(looked.data).rstrip("\r\n")
