"""The package as it is built of this tree, and the machine of somebody who has no index to ask."""

import subprocess
from pathlib import Path

import pytest
from support import REPO, Home, missing

WHEELS = REPO / ".cache/wheels"


@pytest.fixture(scope="session", autouse=True)
def _builders() -> None:
    if not (REPO / ".cache/runtime/stamp").exists():
        missing("the package's builders are not installed: sh tests/provision.sh release")


@pytest.fixture(scope="session")
def tools() -> Path:
    return REPO / ".cache/release/bin"


@pytest.fixture(scope="session")
def wheel(tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    words = [tools / "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, REPO]
    subprocess.run(words, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture
def offline(home: Home) -> Home:
    """A person with the usual programs and our dependencies' wheels, and with nothing else to install from."""
    home.environ = {
        "HOME": str(home.path),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "UV_NO_INDEX": "1",
        "UV_FIND_LINKS": str(WHEELS),
        "UV_OFFLINE": "1",
        "UV_PYTHON_DOWNLOADS": "never",
    }
    return home
