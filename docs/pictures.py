"""Makes docs/pictures/*.svg of real runs against the sandbox, so that no picture can show what is not so."""

import os
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.text import Text

from nucliactl.sandbox.server import running

FOLDER = Path(__file__).parent / "pictures"
WIDTH = 112
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


def picture(name: str, title: str, commands: tuple[str, ...], environ: dict[str, str], folder: str) -> None:
    console = Console(record=True, width=WIDTH, file=StringIO(), force_terminal=True)
    for command in commands:
        words = ["sh", "-c", command]
        done = subprocess.run(
            words,
            env=environ,
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        console.print(Text(f"$ {command}", style="bold green"))
        text = done.stdout.replace(environ["NUCLIA_CONFIG_DIR"], "~/.config/nucliactl").rstrip()
        console.print(Text(text, overflow="ellipsis", no_wrap=True))
    FOLDER.mkdir(exist_ok=True)
    console.save_svg(str(FOLDER / f"{name}.svg"), title=title)


def main() -> int:
    with running() as sandbox, tempfile.TemporaryDirectory() as folder:
        found = sandbox.variables()
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
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
