"""Regular expressions that a module declares where it begins, and that cost nothing until they are used."""

from __future__ import annotations

__all__ = ["pattern"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import compile as pattern  # to a checker it is what it becomes
else:

    class pattern:  # noqa: N801 (called as `re.compile` is)
        """A regular expression, compiled when one of its methods is first asked for."""

        def __init__(self, text, flags=0):
            self._declared = text, flags

        def __getattr__(self, name):
            import re

            found = getattr(re.compile(*self._declared), name)
            setattr(self, name, found)
            return found
