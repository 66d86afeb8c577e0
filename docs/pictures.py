"""Makes docs/pictures/*.svg of real runs against the sandbox, so that no picture can show what is not so."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from nucliactl.sandbox.server import running

FOLDER = Path(__file__).parent / "pictures"
WIDTH = 120
TOUR = (
    'nucliactl auth kb "$SANDBOX_KB_URL" - < key.txt',
    'nucliactl auth kb "$SANDBOX_KB2_URL" - < key2.txt',
    "nucliactl auth nua - --name pipeline < nua.txt",
    "nucliactl list",
    "nucliactl use catalogue",
    "nucliactl use -",
    "nucliactl auth show",
)
EXPLAIN = ("nucliactl explain", "NUCLIA_API_KEY=key nucliactl current")


def shown(command: str, environ: dict[str, str], folder: str) -> str:
    """Return what a command shows in a terminal of WIDTH columns, colours included."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, WIDTH, 0, 0))
    process = subprocess.Popen(
        ["/bin/sh", "-c", command], env=environ, cwd=folder, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    data = b""
    try:
        while more := os.read(ours, 65536):
            data += more
    except OSError:  # the terminal is closed: the command has ended
        process.wait()
    os.close(ours)
    return data.decode().replace("\r", "")


def picture(name: str, title: str, commands: tuple[str, ...], environ: dict[str, str], folder: str) -> None:
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for command in commands:
        console.print(Text(f"$ {command}", style="bold green"))
        text = shown(command, environ, folder).replace(environ["NUCLIA_CONFIG_DIR"], "~/.config/nucliactl")
        console.print(Text.from_ansi(text.replace(folder, "~").rstrip()))
    FOLDER.mkdir(exist_ok=True)
    console.save_svg(str(FOLDER / f"{name}.svg"), title=title)


def main() -> int:
    with running() as sandbox, tempfile.TemporaryDirectory() as folder:
        found = sandbox.variables()
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
            "TERM": "xterm-256color",
            "NUCLIA_CONFIG_DIR": f"{folder}/store",
            **found,
        }
        for file, variable in (("key", "KB_KEY"), ("key2", "KB2_KEY"), ("nua", "NUA_KEY")):
            Path(folder, f"{file}.txt").write_text(found[f"SANDBOX_{variable}"])
        picture("tour", "nucliactl", TOUR, environ, folder)
        picture("explain", "nucliactl explain", EXPLAIN, environ, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
