"""Who may have written what is read: owners and modes. What is absent is not judged."""

import os
import stat

from nucliactl.disk import witness
from nucliactl.disk.modes import modes_ignored
from nucliactl.disk.owners import is_ours, own_uid, user_name
from nucliactl.errors import Refused
from nucliactl.model.trust import Trust
from nucliactl.text import quoted


def judge(
    path: str, mode: int, uid: int, trust: Trust | None, passed: set[tuple[str, Trust]] | None = None
) -> None:
    """Raise Refused where a file, or a directory between it and the root of its place, belongs to
    another user or may be written by everybody. Without `trust` only the file's mode counts. `passed`
    remembers directories that were judged already."""
    if os.name != "posix":
        return
    if trust is not None:
        passed = set() if passed is None else passed
        if (path.rpartition(os.sep)[0], trust) not in passed:  # where it is, those above it are
            for folder in _folders(path, trust.root):
                if (folder, trust) not in passed:
                    _judge_folder(folder, trust)
                    passed.add((folder, trust))
        _judge_owner(path, uid, trust)
    if mode & stat.S_IWOTH:
        _judge_mode(path)


def judge_root(trust: Trust) -> None:
    """Raise Refused where the directory of a place may not be used; nothing where it is not there."""
    if os.name == "posix":
        _judge_folder(trust.root, trust)


def judge_private(path: str, mode: int, trust: Trust | None) -> None:
    """Raise Refused where others can read a file that holds a secret. In a directory that was named
    its group may: that is one warning."""
    others = mode & (0o007 if trust is not None and trust.named else 0o077)
    if others and os.name == "posix" and not modes_ignored():
        raise Refused(f"{path} holds a secret and can be read by others.", hint=f"chmod 600 {quoted(path)}")


def _folders(path: str, root: str) -> list[str]:
    """The directories from the root of a place down to a file of it."""
    found: list[str] = []
    folder = os.path.dirname(path)
    while folder != root and folder.startswith(root.rstrip(os.sep) + os.sep):
        found.append(folder)
        folder = os.path.dirname(folder)
    return [root, *reversed(found)]


def _judge_folder(folder: str, trust: Trust) -> None:
    try:
        found = witness.status(folder)
    except OSError:
        return  # whatever is asked for in it says why
    _judge_owner(folder, found.uid, trust)
    if not found.mode & stat.S_IWOTH or found.mode & stat.S_ISVTX:
        return
    from nucliactl.disk.mounts import is_volume

    if not (trust.named and folder == trust.root and is_volume(folder)):
        _judge_mode(folder)


def _judge_owner(path: str, uid: int, trust: Trust) -> None:
    if trust.named or own_uid() == 0 or is_ours(path, uid, trust):
        return
    mine = "root" if trust.unmapped else user_name(own_uid())
    raise Refused(
        f"{path} belongs to another user ({user_name(uid)}), who could change what it says.",
        hint=f"If it should be yours: sudo chown -R {mine} {quoted(trust.root)}\n"
        f"If you trust it as it is: export NUCLIA_CONFIG_DIR={quoted(trust.root)}",
    )


def _judge_mode(path: str) -> None:
    if not modes_ignored():
        raise Refused(
            f"{path} may be written by everybody.",
            hint=f"chmod o-w {quoted(path)}\n"
            "Where modes mean nothing (a Windows drive, SMB): export NUCLIACTL_MODES=ignore",
        )
