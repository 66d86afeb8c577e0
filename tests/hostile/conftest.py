"""What is hostile to a process is met by processes that start as a user's do."""

from pathlib import Path

import pytest
from support import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path, warm=False)
