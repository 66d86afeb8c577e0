"""Tests of that program, with nucliactl's fixtures. `make test` runs them as a suite of its own."""

from pathlib import Path

import pytest
from service import title, titles

import nucliactl
from nucliactl import Profile, sdk
from nucliactl.testing import Sandbox, override


def test_the_title_is_the_services(nucliactl_profile: Profile) -> None:
    assert nucliactl_profile.name == "handbook"
    assert title() == "Staff handbook"


def test_another_profile_for_one_block(nucliactl_profile: Profile, nucliactl_sandbox: Sandbox) -> None:
    found = nucliactl_sandbox.variables()
    sdk.NucliaAuth().kb(url=found["SANDBOX_KB2_URL"], token=found["SANDBOX_KB2_KEY"])
    nucliactl.reset()
    with nucliactl.override("catalogue"):  # in this thread or task
        assert title() == "Product catalogue"
        assert titles(3) == {"Staff handbook"}
    with override("catalogue"):  # in the whole process
        assert titles(3) == {"Product catalogue"}
    assert titles(3) == {"Staff handbook"}


def test_without_a_profile_it_says_what_to_do(nucliactl_store: Path) -> None:
    with pytest.raises(nucliactl.NothingConfigured) as caught:
        title()
    assert "nucliactl auth kb" in (caught.value.hint or "")
