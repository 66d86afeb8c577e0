"""axe, which looks for what people cannot read or operate, in a headless Chromium."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from fenced import REPO

NODE = REPO / ".cache/node"
MODES = ("1280-light", "1280-dark", "390-light", "390-dark")
"""Desktop and phone, light and dark."""
WIDTH = "390-light-width"
"""A phone, where axe is not asked: the page may only not be wider."""


def there() -> bool:
    """Say whether Chromium, its remote control and axe are installed."""
    packages = (NODE / "node_modules" / name for name in ("axe-core", "playwright-core"))
    return all(map(Path.exists, packages)) and shutil.which("chromium") is not None


def violations(asked: Iterable[tuple[str, str]], within: str = "") -> list[str]:
    """Return what axe finds wrong, a line each. `asked`: pairs of a mode and a URL. `within`: selectors of
    the parts in which pages differ; of each mode all pages but the first are looked at only there."""
    source = REPO / "tests/real/node/axe.mjs"
    script = NODE / f"{os.getpid()}-axe.mjs"  # beside its packages
    shutil.copy(source, script)
    try:
        words = ["node", str(script), *(word for pair in asked for word in pair)]
        environ = {**os.environ, "WITHIN": within} if within else None
        return subprocess.run(
            words, env=environ, capture_output=True, text=True, check=True
        ).stdout.splitlines()
    finally:
        script.unlink()
