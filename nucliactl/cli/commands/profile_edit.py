"""`nucliactl profile edit`: a definition in the person's editor, checked before it is saved."""

import os
import shlex
import subprocess
import tempfile

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import sources
from nucliactl.cli.output import note
from nucliactl.errors import NucliactlError
from nucliactl.login.manage import edit
from nucliactl.store.layout import writable


def parser(path: tuple[str, ...]) -> Parser:
    example = "EDITOR=true nucliactl profile edit handbook"
    made = new_parser(path, "edit a definition in VISUAL or EDITOR; saved only if valid", [example])
    made.add_argument("name", help="the profile")
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    edit(writable(world.store), args.name, _edited)
    note(f"{args.name} is valid and saved")
    return 0


def _edited(before: bytes) -> bytes:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory(prefix="nucliactl-edit-") as folder:
        path = os.path.join(folder, "profile.toml")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(before)
        try:
            code = subprocess.run([*shlex.split(editor), path], check=False).returncode
        except (OSError, ValueError) as error:
            raise NucliactlError(
                f"The editor cannot be run: {error}.", hint="Set EDITOR to a program."
            ) from None
        if code != 0:
            raise NucliactlError(f"The editor ended with {code}; nothing was saved.")
        with open(path, "rb") as file:
            return file.read(1024 * 1024)
