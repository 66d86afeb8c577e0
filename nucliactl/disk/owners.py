"""Whose a file is."""

import os
import sys

from nucliactl.disk import witness
from nucliactl.model.trust import Trust

_OVERFLOW = "/proc/sys/kernel/overflowuid"


def own_uid() -> int:
    """Return the user that this process acts as; 0 on Windows, where every file seems to be 0's."""
    if sys.platform == "win32":
        return 0
    return os.geteuid()


def is_ours(path: str, uid: int, trust: Trust | None = None) -> bool:
    """Say whether the owner `uid` of a path is the user or root."""
    if uid in (own_uid(), 0):
        return True
    if trust is None or not trust.unmapped or uid != _overflow():
        return False
    witness.unrepeatable()
    return not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


def may_command(path: str, uid: int, trust: Trust | None) -> bool:
    """Say whether what a file says may be run: the file, and a link that led to it, are the user's or
    root's. Root runs nothing of a user's."""
    try:
        link = witness.link_status(path).uid
    except OSError:
        return False
    return is_ours(path, uid, trust) and is_ours(path, link, trust)


def user_name(uid: int) -> str:
    """Return what a user is called, the number where there is no name."""
    if sys.platform == "win32":
        return str(uid)
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _overflow() -> int | None:
    """The uid that stands for every owner this user namespace does not know."""
    witness.unrepeatable()
    try:
        with open(_OVERFLOW, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None
