"""What is hostile to a process is met by processes that start as a user's do; what is hostile to a rule, by forks."""

from pathlib import Path

import pytest
from support import Home

RULES = ("test_bad_inputs", "test_hostile_repository", "test_ids_and_addresses", "test_redirects")


@pytest.fixture
def home(tmp_path: Path, request: pytest.FixtureRequest) -> Home:
    return Home(tmp_path) if request.path.stem in RULES else Home(tmp_path, warm=False)
