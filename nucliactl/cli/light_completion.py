"""Completion of the name behind `use`, without argcomplete and the parser: they cost half of it.

What the shell is told is what argcomplete would tell it, to the byte; a test compares both. Any line that is
not plain words is argcomplete's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from nucliactl.cli.light import options_and_words

_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-,/ ")


def complete() -> None:
    """Answer the shell and end the process. Called where `_ARGCOMPLETE` is set."""
    try:
        text = answer(os.environ)
        if text is None:
            from nucliactl.cli.completion import answer_by_argcomplete

            answer_by_argcomplete()
        else:
            _send(text)
    except Exception:  # a traceback would stand in the line that is being typed
        os._exit(1)
    os._exit(0)


def answer(environ: Mapping[str, str]) -> str | None:
    """Return what the shell is told, by the variables that argcomplete's hook sets; None for what argcomplete
    has to answer."""
    whole, point = environ.get("COMP_LINE", ""), int(environ.get("COMP_POINT") or 0)
    line = whole[:point]
    *typed, prefix = line.split(" ")
    found = options_and_words([word for word in typed if word][1:])
    if environ["_ARGCOMPLETE"] != "1" or found is None or found[1] != ["use"] or prefix[:1] == "-":
        return None
    breaks = environ.get("_ARGCOMPLETE_COMP_WORDBREAKS", "")
    if point > len(whole) or not _PLAIN.issuperset(line) or any(character in breaks for character in prefix):
        return None
    separator, described = environ.get("_ARGCOMPLETE_IFS", "\013"), environ.get("_ARGCOMPLETE_DFS", "")
    if environ.get("_ARGCOMPLETE_SHELL") == "zsh":
        described += ":"
    if len(separator) != 1 or len(described) > 1:
        return None
    from nucliactl.cli.completers import selections

    offered = selections({name: said for name, said in found[0].items() if isinstance(said, str)}, prefix)
    if environ.get("_ARGCOMPLETE_SUPPRESS_SPACE") != "1" and len(offered) == 1:
        return None if described else f"{next(iter(offered))} "
    if not described:
        return separator.join(offered)
    return separator.join(name + described + text for name, text in offered.items())


def _send(text: str) -> None:
    """Write where argcomplete writes: to the file of a variable, or the descriptor its hook opens."""
    with open(os.environ.get("_ARGCOMPLETE_STDOUT_FILENAME") or 8, "w") as stream:
        stream.write(text)
