"""Starting another program in this process's place: it keeps the terminal, its signals and its end."""

import errno
import os
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from nucliactl import hints
from nucliactl.children import program
from nucliactl.errors import NucliactlError
from nucliactl.model.tool_variables import RUN_VARIABLE
from nucliactl.secret import printable

_FALLBACK = "/bin/sh"
# bash runs this before each prompt; its start files may replace PS1, and then it is marked again.
_BASH = f'case ${{PS1-}} in "(${{{RUN_VARIABLE}-}}) "*) ;; *) PS1="(${{{RUN_VARIABLE}-}}) ${{PS1-}}" ;; esac'
_FISH = (
    "functions -q fish_prompt; and not functions -q __nucliactl_prompt; "
    "and functions -c fish_prompt __nucliactl_prompt; "
    f"and function fish_prompt; set -l was $status; printf '(%s) ' ${RUN_VARIABLE}; "
    'echo "exit $was" | source; __nucliactl_prompt; end'
)


class NoProgram(NucliactlError):
    """The program that `run` should start is not there."""

    exit_code = 127


class NotStarted(NucliactlError):
    """The program that `run` should start cannot be started."""

    exit_code = 126


def found_program(name: str, environ: Mapping[str, str]) -> str:
    """Return the path of a program as a shell finds it: on PATH as it is, or where a path leads.

    Raises NoProgram, or NotStarted where it may not be run.
    """
    if sys.platform == "win32":  # where PATHEXT says what is a program
        if found := shutil.which(name, path=environ.get("PATH")):
            return found
        raise _no_program(name, "is not there" if os.path.dirname(name) else "is nowhere on PATH")
    forbidden = None
    folders = [""] if "/" in name else os.get_exec_path(dict(environ))
    for folder in folders if name else ():
        path = os.path.join(folder, name)
        if os.path.isdir(path):
            forbidden = forbidden or "is a directory"
        elif os.access(path, os.X_OK):
            return path
        elif os.path.exists(path):
            forbidden = forbidden or "is no program that you may run"
    if forbidden and (folders == [""] or forbidden != "is a directory"):
        raise NotStarted(f"{printable(name)} {forbidden}.", hint="Make it one: chmod +x, or name another.")
    raise _no_program(name, "is not there" if folders == [""] else "is nowhere on PATH")


def _no_program(name: str, where: str) -> NoProgram:
    return NoProgram(
        f"The program {printable(name)} {where}." if name else "The program has no name.",
        hint="It is looked for as typed. What is a shell's own (an alias, a function) needs that shell: "
        f"{hints.RUN_SHELL}",
    )


def shell_of(environ: Mapping[str, str]) -> str:
    """Return the person's own shell. Raises Refused where SHELL depends on the working directory,
    NoProgram or NotStarted where it cannot be run."""
    stated = environ.get("SHELL") or (_FALLBACK if sys.platform != "win32" else environ["COMSPEC"])
    found = program(stated, environ, "SHELL")
    if found is None:
        raise NoProgram(
            f"SHELL names {printable(stated)}, which no absolute entry of PATH holds.",
            hint=f"Set it to a whole path: SHELL={_FALLBACK}",
        )
    return found_program(found, environ)


def marked_shell(
    path: str, environ: Mapping[str, str], name: str, outer: str | None
) -> tuple[list[str], dict[str, str]]:
    """Return the argv and the environment of a shell whose prompt shows the profile of that name. `outer`
    is the one that a shell around it shows."""
    marked = dict(environ)
    match os.path.basename(path):
        case "bash":
            before = environ.get("PROMPT_COMMAND", "")
            if _BASH not in before:
                marked["PROMPT_COMMAND"] = f"{before.rstrip('; ')}; {_BASH}" if before else _BASH
        case "zsh":
            marked["RPS1"] = f"({name})"
        case "fish":
            return [path, "--init-command", _FISH], marked
        case _ if sys.platform == "win32":
            marked["PROMPT"] = f"({name}) " + environ.get("PROMPT", "$P$G").removeprefix(f"({outer}) ")
        case _:
            plain = "# " if os.geteuid() == 0 else "$ "
            marked["PS1"] = f"({name}) " + environ.get("PS1", plain).removeprefix(f"({outer}) ")
    return [path], marked


def become(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> NoReturn:
    """Let a program take this process's place; on Windows, where none can, wait for its end and end with
    its code. Raises NotStarted or NoProgram where the system refuses."""
    try:
        if sys.platform == "win32":
            sys.exit(_beside(path, argv, environ))
        for number in (signal.SIGPIPE, signal.SIGXFSZ):  # Python ignores these, and a program would begin so
            signal.signal(number, signal.SIG_DFL)
        try:
            os.execve(path, [*argv], dict(environ))  # noqa: S606 (no shell is meant)
        except OSError as error:
            if error.errno != errno.ENOEXEC:
                raise
            # A script without #!, as a shell would run it.
            os.execve(_FALLBACK, [_FALLBACK, path, *argv[1:]], dict(environ))  # noqa: S606
    except FileNotFoundError:
        raise NoProgram(
            f"{printable(path)} cannot be started: what its first line names is not there.",
            hint="Correct the line that begins with #!, or name the interpreter yourself.",
        ) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "an argument or a variable is no text of this locale"
        raise NotStarted(f"{printable(path)} cannot be started: {reason}.") from None


def _beside(path: str, argv: Sequence[str], environ: Mapping[str, str]) -> int:
    import subprocess

    with subprocess.Popen([*argv], executable=path, env=dict(environ)) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:  # the program has that key too, and decides
                continue
