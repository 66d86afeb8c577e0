"""Gathers a root with nothing but Python and nucliactl, in the image that builds: `collect.py FOLDER`.

Python's own modules, but for tests, installers and windows, and those of other packages are there as bytecode
alone. Of the system there are the libraries that any of it links, the authorities that TLS trusts, and a
directory for temporary files.
"""

import os
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ENVIRONMENT = Path(sys.prefix)
LEFT_OUT = shutil.ignore_patterns(
    "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3", "distutils", "pydoc_data",
    "config-*", "site-packages", "dist-packages", "__pycache__", "*.a", "_test*", "_tkinter*", "xxlimited*",
)  # fmt: skip
AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


def main(root: Path) -> None:
    shutil.copytree(ENVIRONMENT, inside(root, ENVIRONMENT), symlinks=True)
    modules = Path(sysconfig.get_path("stdlib"))
    shutil.copytree(modules, inside(root, modules), ignore=LEFT_OUT, symlinks=True, dirs_exist_ok=True)
    for folder in (inside(root, modules), *inside(root, ENVIRONMENT).glob("lib/python*/site-packages/*")):
        if folder.name != "nucliactl":
            as_bytecode(folder, root)
    add_links(root, Path(sys.executable))
    for binary in [Path(sys.executable).resolve(), *root.rglob("*.so"), *root.rglob("*.so.*")]:
        for library in linked(binary):
            add(root, library)
    if AUTHORITIES.exists():
        add(root, AUTHORITIES)
    (root / "tmp").mkdir()
    (root / "tmp").chmod(0o1777)
    (root / "etc").mkdir(exist_ok=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/\nnucliactl:x:65532:65532::/:/\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")


def as_bytecode(place: Path, root: Path) -> None:
    """Put bytecode in the place of every module there, which may be the only one."""
    modules = [*place.rglob("*.py")] if place.is_dir() else [place] if place.suffix == ".py" else []
    for module in modules:
        try:
            py_compile.compile(module, f"{module}c", f"/{module.relative_to(root)}", doraise=True)
        except (py_compile.PyCompileError, SyntaxError):  # a template, or of another Python
            continue
        module.unlink()
    for cache in [*place.rglob("__pycache__")] if place.is_dir() else ():
        shutil.rmtree(cache)


def inside(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def add_links(root: Path, path: Path) -> None:
    """Copy a file to where each link of a chain says it is."""
    while path.is_symlink():
        place = inside(root, path.parent / path.name)
        place.parent.mkdir(parents=True, exist_ok=True)
        if not place.is_symlink():
            place.symlink_to(os.readlink(path))
        path = path.parent / os.readlink(path)
    add(root, path)


def add(root: Path, path: Path) -> None:
    """Copy what a path leads to, as a file of that path."""
    place = inside(root, path)
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path.resolve(), place)


def linked(binary: Path) -> list[Path]:
    """Return the libraries that a program or a library is linked to, its loader too."""
    said = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
    return [Path(found) for found in re.findall(r"(?:=> |^\s*)(/\S+) \(", said, re.MULTILINE)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
