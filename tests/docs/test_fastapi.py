"""docs/how-to/server.md: the FastAPI application, by its own tests and behind a real uvicorn."""

import shutil
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from support import PATIENCE, REPO, Home, until

pytestmark = pytest.mark.once


@pytest.fixture
def project(home: Home) -> Path:
    shutil.copytree(REPO / "docs/examples/fastapi_app", home.work, dirs_exist_ok=True)
    (home.work / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    return home.work


def test_its_own_tests_pass(home: Home, project: Path) -> None:
    result = home.program(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_app.py")
    assert result.code == 0 and "2 passed" in result.out, result.out + result.err


def test_it_serves_and_says_which_side_failed(home: Home, project: Path, sandbox: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    url, key = sandbox["SANDBOX_KB_URL"], project / "key.txt"
    key.write_text(sandbox["SANDBOX_KB_KEY"])
    environ = {**home.environ, "NUCLIA_KB_URL": url, "NUCLIA_API_KEY_FILE": str(key)}
    words = [str(Path(sys.executable).parent / "uvicorn"), "app:app", "--port", str(port)]
    with (project / "log").open("wb") as log:
        process = subprocess.Popen(words, env=environ, cwd=project, stdout=log, stderr=log)
    try:
        until(lambda: "startup complete" in (project / "log").read_text())
        address = f"http://127.0.0.1:{port}/resources/count"
        assert httpx.get(address).json()["resources"] >= 0
        key.write_text("withdrawn")
        refused = httpx.get(address)
        assert refused.status_code == 502 and refused.json()["detail"].startswith("Nuclia: ")
        assert "withdrawn" not in refused.text
    finally:
        process.terminate()
        process.wait(PATIENCE)


def test_it_does_not_start_without_a_credential_and_its_log_says_why(home: Home, project: Path) -> None:
    result = home.program(str(Path(sys.executable).parent / "uvicorn"), "app:app", "--port", "0")
    assert result.code != 0 and "NothingConfigured" in result.err and "nucliactl auth kb" in result.err
