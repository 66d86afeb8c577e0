"""Fixtures for the tests of programs that use nucliactl: `pytest_plugins = ["nucliactl.testing"]`.

`nuclia_store`: an empty store, and no variable, file or choice of the developer's own.
`nuclia_sandbox`: a stand-in of the service on loopback, one for the test session.
`nuclia_profile`: a Knowledge Box of the sandbox, `handbook`, in that store, active.

They and `override` hold for the whole process: threads and tasks of the code under test see them too.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

import nucliactl
from nucliactl.api import Profile, overridden
from nucliactl.sandbox.server import Sandbox, running
from nucliactl.sdk import NucliaAuth
from nucliactl.sources.in_memory import overriding_everywhere

__all__ = ["Sandbox", "nuclia_profile", "nuclia_sandbox", "nuclia_store", "override"]

_OURS = ("NUCLIA", "NUA_", "ARAG_", "BASE_NUCLIA_")


def override(profile: str | Profile) -> AbstractContextManager[None]:
    """Let a profile win within a `with` block, in every thread and task of this process.

    As `nucliactl.override` otherwise, which is local to its thread or task. Where the two are nested
    the inner one wins. `nucliactl.reset()` ends both.
    """
    return overriding_everywhere(overridden(profile))


@pytest.fixture
def nuclia_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty store of this test's own; the developer's profiles, variables, `.env` and official
    client are out of sight. Yields its directory."""
    for variable in [name for name in os.environ if name.startswith(_OURS)]:
        monkeypatch.delenv(variable)
    store = tmp_path / "nucliactl"
    monkeypatch.setenv("NUCLIA_CONFIG_DIR", str(store))
    monkeypatch.setenv("NUCLIACTL_PROJECT", "0")
    monkeypatch.setenv("HOME", str(tmp_path))
    nucliactl.reset()
    yield store
    nucliactl.reset()


@pytest.fixture(scope="session")
def nuclia_sandbox() -> Iterator[Sandbox]:
    """The stand-in of the service: `origin`, `nucliadb`, `state`, and `variables()` with its keys."""
    with running() as sandbox:
        yield sandbox


@pytest.fixture
def nuclia_profile(
    nuclia_store: Path,  # noqa: ARG001 (asked for first: it clears what the developer has)
    nuclia_sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> Profile:
    """A Knowledge Box of the sandbox as the active profile; new logins lead to the sandbox too."""
    variables = nuclia_sandbox.variables()
    for variable in ("NUCLIA_GLOBAL_URL", "NUCLIA_OAUTH_URL", "NUCLIA_ZONE_URL"):
        monkeypatch.setenv(variable, variables[variable])
    NucliaAuth().kb(url=variables["SANDBOX_KB_URL"], token=variables["SANDBOX_KB_KEY"])
    nucliactl.reset()  # what was saved counts, not what this process said
    return nucliactl.resolve()
