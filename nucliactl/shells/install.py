"""Putting completion where a shell finds it, and taking it away: bash and fish have a directory for it, zsh a
start file."""

from __future__ import annotations

import os
from collections.abc import Mapping

from nucliactl import hints
from nucliactl.disk.atomic import Batch, remove_file
from nucliactl.disk.looking import look
from nucliactl.disk.paths import home_dir
from nucliactl.errors import Malformed, NotWritable, NucliactlError, Unreadable
from nucliactl.shells.block import taken_apart
from nucliactl.text import quoted
from nucliactl.tuples import NamedTuple

_MARK = "# Written by nucliactl; to take it away: "
_ZSH_LINE = 'if (( ${+commands[nucliactl]} )); then eval "$(' + hints.completion("zsh") + ')"; fi'
_LIMIT = 16 * 1024 * 1024


class Place(NamedTuple):
    """Where completion of a shell is kept, and whether that file `changed` or is as it was. `written` is the
    file that a link at `path` leads to, else the same. `mute`: a start file that never begins zsh's own
    completion, without which nothing is completed."""

    shell: str
    path: str
    changed: bool
    written: str
    mute: bool = False


def install(shell: str, code: str, environ: Mapping[str, str]) -> Place:
    """Put completion where `shell` finds it; `code` is what sets it up. The second time changes nothing.

    Raises Damaged for a start file whose block is not whole, NotWritable, and NucliactlError where somebody
    else's file is in the way: nothing was changed then.
    """
    path, before = _read(shell, environ)
    if shell == "zsh":
        text = taken_apart(before, path)
        after = text.with_block(_ZSH_LINE, hints.uninstall_completion(shell))
    else:
        text = None
        _check_ours(before, code, path)
        after = f"{_MARK}{hints.uninstall_completion(shell)}\n{code}\n".encode()
    if after != before:
        _write(shell, path, after)
    mute = text is not None and b"compinit" not in text.before + text.behind
    return Place(shell, path, after != before, os.path.realpath(path), mute)


def uninstall(shell: str, code: str, environ: Mapping[str, str]) -> Place:
    """Take away what `install` put there, and nothing else; raises what it raises."""
    path, before = _read(shell, environ)
    if before is None:
        return Place(shell, path, False, path)
    if shell == "zsh":
        text = taken_apart(before, path)
        if not text.there:
            return Place(shell, path, False, path)
        after = text.without
    else:
        _check_ours(before, code, path)
        after = None
    written = os.path.realpath(path)
    if after is None and written == os.path.abspath(path):
        try:
            remove_file(path)
        except NotWritable as error:
            raise _by_hand(error, shell) from None
    else:
        _write(shell, path, after or b"")
    return Place(shell, path, True, written)


def _read(shell: str, environ: Mapping[str, str]) -> tuple[str, bytes | None]:
    """Return the path of a shell's file, and what it holds; None where there is none."""
    path = completion_path(shell, environ)
    try:
        found = look(path, _LIMIT)
    except Unreadable as error:
        error.hint = _hand(shell)
        raise
    if found is None and os.path.islink(path):
        raise NucliactlError(
            f"{path} is a link that leads nowhere: {os.readlink(path)}.",
            hint=f"Put the file back, or remove the link: rm {quoted(path)}",
        )
    if found is not None and len(found.data) == _LIMIT:
        raise NucliactlError(f"{path} is larger than {_LIMIT // 1024 // 1024} MiB.", hint=_hand(shell))
    return path, found.data if found else None


def completion_path(shell: str, environ: Mapping[str, str]) -> str:
    """Return the file that keeps completion of a shell. Raises Malformed, or NotWritable without a home."""
    if shell == "zsh":
        return os.path.join(_stated(environ, "ZDOTDIR") or _home(environ), ".zshrc")
    if shell == "fish":
        config = _xdg(environ, "XDG_CONFIG_HOME") or os.path.join(_home(environ), ".config")
        return os.path.join(config, "fish", "completions", "nucliactl.fish")
    folder = _stated(environ, "BASH_COMPLETION_USER_DIR")
    if folder is None:
        share = _xdg(environ, "XDG_DATA_HOME") or os.path.join(_home(environ), ".local", "share")
        folder = os.path.join(share, "bash-completion")
    return os.path.join(folder, "completions", "nucliactl")


def _stated(environ: Mapping[str, str], variable: str) -> str | None:
    """Return the directory, or the first of several, that a variable names. Raises Malformed where it is
    relative: it would be another one in each working directory."""
    folder = environ.get(variable, "").split(os.pathsep)[0]
    if folder and not os.path.isabs(folder):
        raise Malformed(
            f"{variable} is not an absolute path: {folder!r}.", hint="Set it to a path that begins with /."
        )
    return folder or None


def _xdg(environ: Mapping[str, str], variable: str) -> str | None:
    """Return the directory an XDG variable names; a relative one is ignored, as its specification says."""
    folder = environ.get(variable, "")
    return folder if os.path.isabs(folder) else None


def _home(environ: Mapping[str, str]) -> str:
    home = home_dir(environ)
    if home is None:
        raise NotWritable(
            "There is no home directory to put completion into.", hint="Set HOME to a directory of yours."
        )
    return home


def _check_ours(data: bytes | None, code: str, path: str) -> None:
    """Raise NucliactlError for a file that somebody else wrote."""
    if data is None or data.startswith(_MARK.encode()) or data.strip() == code.strip().encode():
        return
    raise NucliactlError(
        f"{path} is there, and nucliactl did not write it; nothing was changed.",
        hint=f"Move it away first: mv {quoted(path)} {quoted(path + '.before')}",
    )


def _write(shell: str, path: str, data: bytes) -> None:
    try:
        with Batch() as batch:
            batch.write(path, data, 0o644, like=path, through=True)
            batch.commit()
    except NotWritable as error:
        raise _by_hand(error, shell) from None


def _by_hand(error: NotWritable, shell: str) -> NotWritable:
    error.hint = f"Nothing was changed. {_hand(shell)}"
    return error


def _hand(shell: str) -> str:
    """What sets completion up without writing a file of the user's."""
    if shell == "fish":
        return f"Set it up by hand, in each fish: {hints.completion(shell)} | source"
    return f'Set it up by hand, in each {shell}: eval "$({hints.completion(shell)})"'
