"""The function of a shell that keeps the active profile's name for its prompt, and starts a process only
where something has changed.

It is the same in three languages: it collects, with builtins, all that decides which profile is active, and
compares that with what it saw before the last prompt. Contents are compared and not times: two changes within
one tick of a clock are two, and so is an older file that takes the place of a newer one.
"""

from __future__ import annotations

from nucliactl import hints
from nucliactl.shells import in_bash, in_fish, in_zsh

_FUNCTIONS = {"bash": in_bash.FUNCTION, "zsh": in_zsh.FUNCTION, "fish": in_fish.FUNCTION}

_SAID = """# The active profile in a prompt, printed by `SET_UP`.
# Before each prompt a function looks, with builtins only, at what decides: variables, the project's files,
# the store. nucliactl is started where that differs from the last time: contents count, not times. Secrets
# are not kept: of one only its length is.
"""


def function_for(shell: str) -> str:
    """Return what a start file of `shell`, one of SHELLS, evaluates."""
    text = _SAID + _FUNCTIONS[shell]
    return text.replace("SET_UP", hints.prompt(shell)).replace("ASK", f"{hints.PROMPT} -o table")
