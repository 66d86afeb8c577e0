"""Fixtures shared by all tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Home, Recorder, one_sign_in, sandbox_with


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, str]]:
    """A running sandbox; its variables."""
    with sandbox_with() as found:
        yield found


@pytest.fixture
def person(home: Home, sandbox: dict[str, str]) -> Home:
    """A home whose new logins lead to the sandbox."""
    home.environ.update(sandbox)
    return home


@pytest.fixture
def callback_ports() -> Iterator[None]:
    """The ports a sign-in comes back to, for one test of all workers at a time."""
    with one_sign_in():
        yield


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    server = Recorder()
    yield server
    server.close()


@pytest.fixture
def sink() -> Iterator[Recorder]:
    """A second origin that must never hear from us."""
    server = Recorder()
    yield server
    server.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the full matrices to `make torture`."""
    if os.environ.get("TORTURE"):
        return
    kept = [item for item in items if item.get_closest_marker("torture") is None]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many examples of the documentation were executed."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "examples":
                terminalreporter.write_line(f"examples executed: {value}")
