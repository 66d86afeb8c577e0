"""What a fork in another thread must not leave behind in the child: locks that nobody frees there."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def in_every_child(action: Callable[[], None]) -> Callable[[], None]:
    """Have `action` done in each forked child, before anything else happens there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=action)
    return action
