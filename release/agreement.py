"""Whether a tree is what its version says: the rules that `make release` holds a release to."""

import re

_RELEASABLE = re.compile(r"\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?")
_HEADING = re.compile(
    r"^## (?:(Unreleased)|(\S+) - (\d{4}-\d\d-\d\d))\s*$\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL
)


def faults(version: str, changelog: str, tags: list[str], changed: list[str]) -> list[str]:
    """Return what keeps a tree from being released as `version`, one sentence each; [] where all agrees.

    `changelog` is its text, `tags` are those of the commit, `changed` the files that differ from it.
    """
    found = []
    if changed:
        found.append(f"Not committed, and so not in the release: {', '.join(changed)}")
    if not _RELEASABLE.fullmatch(version):
        return [*found, f"nucliactl/version.py says {version}, which is no version of a release."]
    sections = _HEADING.findall(changelog)
    if any(unreleased and text.strip() for unreleased, _, _, text in sections):
        found.append("CHANGELOG.md lists changes as Unreleased: give them the heading of this version.")
    newest = next((name for _, name, _, _ in sections if name), "none")
    if newest != version:
        found.append(f"nucliactl/version.py says {version}, CHANGELOG.md's newest version is {newest}.")
    if f"v{version}" not in tags:
        there = f"This commit has the tag {', '.join(tags)}" if tags else "This commit has no tag"
        found.append(f"nucliactl/version.py says {version}. {there}. If that is meant: git tag v{version}")
    return found
