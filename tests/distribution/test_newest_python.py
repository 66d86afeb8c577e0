"""The newest Python that the package claims, which this machine lacks: compiled for Node, without threads or sockets."""

import shutil
from pathlib import Path

import pytest
from support import REPO, Home, missing

pytestmark = [pytest.mark.once, pytest.mark.torture]
WASM = Path(__file__).parent / "wasm"


def test_every_module_and_what_needs_files_only(home: Home) -> None:
    node, installed = shutil.which("node"), REPO / ".cache/wasm/node_modules"
    if node is None or not installed.exists():
        missing("no Python in Node: sh tests/provision.sh")
    (site,) = (REPO / ".cache/runtime").glob("lib/python*/site-packages")
    words = (str(WASM / "newest.mjs"), str(installed), str(WASM / "day.py"), str(REPO), str(site))
    result = home.program(str(node), *words)
    assert result.code == 0, result.err[-2000:]
    assert result.out.splitlines()[-1] == "python 3.14 codes [0, 0, 0, 0, 0, 0] profile second"
