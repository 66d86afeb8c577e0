"""Real servers, started once a run: NucliaDB, and nginx with TLS in front of it.

Where one cannot be had its tests are skipped with the reason; REAL_SERVERS=required makes that an
error, as in the gate. Each test worker has servers of its own.
"""

import os
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from support import PATIENCE, REPO, Home, installed, missing, until
from wires import todays_certificate

HERE = Path(__file__).parent
NUCLIADB = REPO / ".cache/nucliadb/bin/nucliadb"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(str(item.fspath)).parents:
            item.add_marker(pytest.mark.real)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Real servers are met by real processes."""
    return Home(tmp_path, warm=False)


def block_of_ports(size: int) -> int:
    """Return the first of `size` neighbouring free ports (a taken gRPC port is shared silently)."""
    for first in range(20100 + os.getpid() % 500 * 8, 32000, size):
        try:
            sockets = [socket.create_server(("127.0.0.1", first + i)) for i in range(size)]
        except OSError:
            continue
        for one in sockets:
            one.close()
        return first
    raise AssertionError("no free ports")


class Box(NamedTuple):
    id: str
    slug: str


class NucliaDB(NamedTuple):
    url: str
    port: int

    def create(self, slug: str) -> Box:
        answer = httpx.post(
            f"{self.url}/api/v1/kbs",
            json={"slug": slug, "title": slug.title()},
            headers={"X-NUCLIADB-ROLES": "MANAGER"},
        )
        assert answer.status_code == 201, answer.text
        return Box(answer.json()["uuid"], slug)


@pytest.fixture(scope="session")
def nucliadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NucliaDB]:
    if not NUCLIADB.exists():
        missing("NucliaDB is not installed; run tests/provision.sh")
    folder, port = tmp_path_factory.mktemp("nucliadb"), block_of_ports(4)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(HERE / "nucliadb"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "DRIVER": "local",
        "DRIVER_LOCAL_URL": str(folder / "maindb"),
        "FILE_BACKEND": "local",
        "LOCAL_FILES": str(folder / "blob"),
        "DATA_PATH": str(folder / "node"),
        "HTTP_HOST": "127.0.0.1",
        "HTTP_PORT": str(port),
        "INGEST_GRPC_PORT": str(port + 1),
        "TRAIN_GRPC_PORT": str(port + 2),
        "STANDALONE_NODE_PORT": str(port + 3),
        "LOG_OUTPUT_TYPE": "stdout",
        # It would call home and look for updates; there is no network to do it in.
        "NUCLIADB_DISABLE_ANALYTICS": "1",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "NO_PROXY": "127.0.0.1",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([NUCLIADB], env=environ, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
    server = NucliaDB(f"http://127.0.0.1:{port}", port)

    def ready() -> bool:
        assert process.poll() is None, (folder / "log").read_text()[-2000:]
        try:
            return b"Nuclia" in urllib.request.urlopen(server.url, timeout=30).read()
        except OSError:
            return False

    until(ready)
    yield server
    process.terminate()
    process.wait(PATIENCE)


class Gateway(NamedTuple):
    """nginx as a regional ingress: TLS, and API keys that become roles."""

    url: str
    certificate: str


@pytest.fixture(scope="session")
def gateway(nucliadb: NucliaDB, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    nginx = installed("nginx")
    folder, port = tmp_path_factory.mktemp("nginx"), block_of_ports(1)
    certificate = todays_certificate(folder, "DNS:localhost", "IP:127.0.0.1")
    template = (HERE / "nginx/nginx.conf").read_text()
    config = template.replace("@PORT@", str(port)).replace("@UPSTREAM@", str(nucliadb.port))
    (folder / "nginx.conf").write_text(config)
    process = subprocess.Popen([nginx, "-p", folder, "-c", "nginx.conf", "-e", "error.log"])

    def ready() -> bool:
        assert process.poll() is None, (folder / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(ready)
    yield Gateway(f"https://localhost:{port}", str(certificate))
    process.terminate()
    process.wait(PATIENCE)
