"""Fixtures shared by all tests."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import COMMAND, Home, Recorder


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, str]]:
    """A running sandbox; its variables."""
    process = subprocess.Popen([COMMAND, "sandbox"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    found: dict[str, str] = {}
    for line in process.stdout:
        if line.startswith("export "):
            name, _, value = line[len("export ") :].strip().partition("=")
            found[name] = value.strip("'")
        if "SANDBOX_LOCAL_KB_URL" in found:
            break
    yield found
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def person(home: Home, sandbox: dict[str, str]) -> Home:
    """A home whose new logins lead to the sandbox."""
    home.environ.update(sandbox)
    return home


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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many examples of the documentation were executed."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "examples":
                terminalreporter.write_line(f"examples executed: {value}")
