"""Programs that need no installed package: `make frozen` makes both, of this tree and of .cache/runtime."""

import argparse
import compileall
import os
import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path
from py_compile import PycInvalidationMode

ROOT = Path(__file__).parent.parent
TOOLS = ROOT / ".cache/release/bin"
RUNTIME = ROOT / ".cache/runtime"
PYINSTALLER = ROOT / ".cache/frozen/bin/pyinstaller"
OUT = ROOT / "build/frozen"
ENTRY = ROOT / "nucliactl/__main__.py"
_LEFT_OUT = ("tkinter", "unittest", "pydoc", "doctest")


def packages(into: Path) -> Path:
    """Put this tree's package, as its wheel has it, and all that it needs into a directory; return that."""
    with tempfile.TemporaryDirectory() as folder:
        build = [TOOLS / "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT]
        subprocess.run(build, check=True, stdout=subprocess.DEVNULL)
        (site,) = RUNTIME.glob("lib/python*/site-packages")
        shutil.copytree(site, into, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
        install = [ROOT / ".venv/bin/uv", "pip", "install", "-q", "--no-deps", "--target", into]
        subprocess.run([*install, *Path(folder).glob("*.whl")], check=True)
    return into


def directory(site: Path, entry: Path, out: Path) -> Path:
    """Freeze a program by PyInstaller, with an interpreter of this machine's kind; return the executable.
    PyInstaller is told nothing of our package: its own hook says it."""
    with tempfile.TemporaryDirectory() as work:
        places = [f"--distpath={out}", f"--workpath={work}", f"--specpath={work}"]
        without = [word for name in _LEFT_OUT for word in ("--exclude-module", name)]
        command = [PYINSTALLER, "--noconfirm", "--log-level=ERROR", "--name=nucliactl"]
        environ = {**os.environ, "PYTHONPATH": str(site)}
        subprocess.run([*command, *places, *without, entry], check=True, env=environ)
    return out / "nucliactl/nucliactl"


def archive(site: Path, out: Path) -> Path:
    """Put the packages into one file that any Python starts, of which nothing is unpacked; return it. What
    this Python compiles stands beside each source, which another one takes; a compiled extension cannot."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder, "content")
        shutil.copytree(site, content, ignore=shutil.ignore_patterns("__pycache__", "bin", "*.so", "*.pth"))
        shutil.copy2(ENTRY, content / "__main__.py")
        unchecked = PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(content, quiet=2, legacy=True, invalidation_mode=unchecked, stripdir=content)
        made = out / "nucliactl.pyz"
        zipapp.create_archive(content, made, interpreter="/usr/bin/env python3", compressed=True)
        made.chmod(0o755)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--entry", type=Path, default=ENTRY, help="freeze this program instead of the command"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="where to (build/frozen)")
    parser.add_argument("--only", choices=("directory", "archive"), help="one of the two")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = packages(Path(folder))
        if args.only != "archive":
            print(directory(site, args.entry, args.out))
        if args.only != "directory":
            print(archive(site, args.out))


if __name__ == "__main__":
    sys.exit(main())
