"""The function of a shell that keeps the active profile's name for its prompt."""

from __future__ import annotations

import pkgutil


def function_for(shell: str) -> str:
    """Return what a start file of `shell`, one of SHELLS, evaluates: the file `prompt.SHELL` beside this."""
    data = pkgutil.get_data(__package__, f"prompt.{shell}")
    assert data is not None
    return data.decode()
