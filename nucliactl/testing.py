"""The pytest plugin: fixtures for the tests of programs that use nucliactl. pytest finds it by itself.

`nucliactl_store`: an empty store, and no variable, file or choice of the developer's own.
`nucliactl_sandbox`: a stand-in of the service on loopback, one for the test session.
`nucliactl_profile`: a Knowledge Box of the sandbox, `handbook`, in that store, active.

They and `override` hold for the whole process: threads and tasks of the code under test see them too.
In tests that ask for none of them nothing changes, and the rest of nucliactl is not imported.
`pytest -p no:nucliactl` turns the plugin off.
"""

from __future__ import annotations

import sys

import pytest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from nucliactl.api import Profile
    from nucliactl.sandbox.server import Sandbox as Sandbox  # noqa: PLC0414 (for annotations of tests)

__all__ = ["Sandbox", "nucliactl_profile", "nucliactl_sandbox", "nucliactl_store", "override"]

_OURS = ("NUCLIA", "NUA_", "ARAG_", "BASE_NUCLIA_")


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Let `pytest_plugins = ["nucliactl.testing"]` say once more what pytest has found already."""
    if pluginmanager.get_plugin("nucliactl") is sys.modules[__name__]:
        pluginmanager.set_blocked(__name__)


def override(profile: str | Profile) -> AbstractContextManager[None]:
    """Let a profile win within a `with` block, in every thread and task of this process.

    As `nucliactl.override` otherwise, which is local to its thread or task. Where the two are nested
    the inner one wins. `nucliactl.reset()` ends both.
    """
    from nucliactl.api import overridden
    from nucliactl.sources.in_memory import overriding_everywhere

    return overriding_everywhere(overridden(profile))


@pytest.fixture
def nucliactl_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty store of this test's own; the developer's profiles, variables, `.env` and official
    client are out of sight. Yields its directory."""
    import os

    from nucliactl.api import reset

    for variable in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(variable)
    store = tmp_path / "nucliactl"
    monkeypatch.setenv("NUCLIA_CONFIG_DIR", str(store))
    monkeypatch.setenv("NUCLIACTL_PROJECT", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    reset()
    yield store
    reset()


@pytest.fixture(scope="session")
def nucliactl_sandbox() -> Iterator[Sandbox]:
    """The stand-in of the service: `origin`, `nucliadb`, `state`, and `variables()` with its keys."""
    from nucliactl.sandbox.server import running

    with running() as sandbox:
        yield sandbox


@pytest.fixture
def nucliactl_profile(
    nucliactl_store: Path,  # noqa: ARG001 (asked for first: it clears what the developer has)
    nucliactl_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Profile:
    """A Knowledge Box of the sandbox as the active profile; new logins lead to the sandbox too."""
    from nucliactl.api import reset, resolve
    from nucliactl.sdk import NucliaAuth

    variables = nucliactl_sandbox.variables()
    for variable in ("NUCLIA_GLOBAL_URL", "NUCLIA_OAUTH_URL", "NUCLIA_ZONE_URL"):
        monkeypatch.setenv(variable, variables[variable])
    NucliaAuth().kb(url=variables["SANDBOX_KB_URL"], token=variables["SANDBOX_KB_KEY"])
    reset()  # what was saved counts, not what this process said
    return resolve()


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name != "Sandbox":
            raise AttributeError(f"module 'nucliactl.testing' has no attribute {name!r}")
        from nucliactl.sandbox.server import Sandbox

        return Sandbox
