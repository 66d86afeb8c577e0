"""The Pythons of this machine that the package supports."""

import os
import shutil
import subprocess
from pathlib import Path


def pythons() -> list[str]:
    """One interpreter of each version, found as tests/other_pythons.sh finds them."""
    found = []
    for version in ("3.11", "3.12", "3.13", "3.14"):
        root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
        candidates = [f"python{version}", *map(str, root.glob(f"versions/{version}.*/bin/python"))]
        code = f"import sys; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
        for path in filter(shutil.which, candidates):
            if subprocess.run([path, "-c", code], capture_output=True, check=False).returncode == 0:
                found.append(path)
                break
    return found
