"""What keeps a tree from being released: version, changelog and tag must agree."""

import pytest
from agreement import faults

pytestmark = pytest.mark.once

CHANGELOG = (
    "# Changelog\n\n## Unreleased\n\n## 1.2.0 - 2026-12-01\n\n### Added\n- A.\n\n## 1.1.0 - 2026-11-26\n"
)


def test_nothing_is_wrong_where_all_agree() -> None:
    assert faults("1.2.0", CHANGELOG, ["latest", "v1.2.0"], []) == []
    assert faults("1.2.0", CHANGELOG.replace("## Unreleased\n\n", ""), ["v1.2.0"], []) == []
    assert faults("1.3.0rc1", CHANGELOG.replace("1.2.0", "1.3.0rc1"), ["v1.3.0rc1"], []) == []


@pytest.mark.parametrize(
    ("version", "changelog", "tags", "changed", "said"),
    [
        ("1.2.0", CHANGELOG, [], [], ["no tag", "git tag v1.2.0"]),
        ("1.2.0", CHANGELOG, ["v1.1.0"], [], ["v1.1.0", "git tag v1.2.0"]),
        ("1.3.0", CHANGELOG, ["v1.3.0"], [], ["says 1.3.0", "newest version is 1.2.0"]),
        ("1.2.0", "# Changelog\n", ["v1.2.0"], [], ["newest version is none"]),
        ("1.2.0", CHANGELOG.replace("2026-12-01", "soon"), ["v1.2.0"], [], ["newest version is 1.1.0"]),
        ("1.2.0", CHANGELOG.replace("Unreleased", "Unreleased\n- B."), ["v1.2.0"], [], ["Unreleased"]),
        ("1.2.0.dev0", CHANGELOG, ["v1.2.0"], [], ["1.2.0.dev0", "no version of a release"]),
        ("1.2", CHANGELOG, ["v1.2"], [], ["no version of a release"]),
        ("1.2.0", CHANGELOG, ["v1.2.0"], ["key.txt"], ["Not committed", "key.txt"]),
    ],
)
def test_what_differs_is_said(
    version: str, changelog: str, tags: list[str], changed: list[str], said: list[str]
) -> None:
    (fault,) = faults(version, changelog, tags, changed)
    assert [words for words in said if words not in fault] == []
