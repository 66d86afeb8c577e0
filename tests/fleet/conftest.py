"""One Redis and one Vault for the tests of a worker; each test has names of its own in them."""

from collections.abc import Iterator

import pytest
from fleet.stores import Redis, Server, Vault


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    server = Vault(tmp_path_factory.mktemp("vault"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(params=["redis", "vault"])
def server(request: pytest.FixtureRequest) -> Server:
    """Either of them, running."""
    found: Server = request.getfixturevalue(request.param)
    if found.process is None:
        found.start()
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/fleet/" in str(item.fspath) and {"redis", "vault", "server"} & {
            *getattr(item, "fixturenames", ())
        }:
            item.add_marker(pytest.mark.real)
