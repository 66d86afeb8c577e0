"""`nucliactl profile edit`: a definition in the person's editor, checked before it is saved."""

import os
import shlex
import shutil
import subprocess
import tempfile

from nucliactl.cli import json_shapes
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources
from nucliactl.cli.output import emit_json, note, output_format
from nucliactl.errors import NucliactlError
from nucliactl.login.manage import edit
from nucliactl.model.names import check_name

_OLD = 10**18  # a modification time nobody has


def parser(path: tuple[str, ...]) -> Parser:
    example = "EDITOR=true nucliactl profile edit handbook"
    made = new_parser(path, "edit a definition in VISUAL or EDITOR; saved only if valid", [example])
    made.add_argument("name", help="the profile")
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    folder = tempfile.mkdtemp(prefix="nucliactl-edit-")
    path = os.path.join(folder, f"{check_name(args.name)}.toml")
    try:
        changed = edit(world, args.name, lambda before: _edited(before, path))
    except KeyboardInterrupt:
        if _kept(path, folder):
            note(f"your text is kept in {path}")
        raise
    except NucliactlError as error:
        kept = _kept(path, folder)
        error.hint = (
            " ".join(filter(None, (error.hint, f"Your text is kept in {path}." if kept else ""))) or None
        )
        raise
    shutil.rmtree(folder)
    note(f"{args.name} is valid and saved")
    for warning in changed.definition.warnings:
        note(f"{changed.definition.source.location}: {warning}")
    if output_format(args) == "json":
        emit_json(json_shapes.changed(changed))
    return 0


def _kept(path: str, folder: str) -> bool:
    """Keep what a person wrote, unless nothing was written."""
    if os.path.exists(path) and os.stat(path).st_mtime_ns != _OLD:
        return True
    shutil.rmtree(folder, ignore_errors=True)
    return False


def _edited(before: bytes, path: str) -> bytes:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(before)
    os.utime(path, ns=(_OLD, _OLD))  # so that a change shows
    try:
        code = subprocess.run([*shlex.split(editor), path], check=False).returncode
    except (OSError, ValueError) as error:
        raise NucliactlError(f"The editor cannot be run: {error}.", hint="Set EDITOR to a program.") from None
    if code != 0:
        raise NucliactlError(f"The editor ended with {code}; nothing was saved.")
    try:
        with open(path, "rb") as file:
            return file.read(1024 * 1024)
    except OSError:
        raise NucliactlError("The editor left no file; nothing was saved.") from None
