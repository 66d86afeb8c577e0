"""The list of keys that may stay: made up for an example, or of a test."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase

from nucliactl.disk.reading import read_file
from nucliactl.errors import Malformed, NotThere
from nucliactl.patterns import pattern
from nucliactl.tuples import NamedTuple

_FINGERPRINT = pattern("sha256:[0-9a-f]{16}")


DEFAULT = ".nucliactl-allow"
"""The list that a project has in its root, where check-secrets is run."""


class Allowed(NamedTuple):
    """Fingerprints of keys, and patterns of paths whose keys all may stay."""

    fingerprints: frozenset[str] = frozenset()
    paths: tuple[str, ...] = ()

    def file(self, path: str) -> bool:
        """Say whether every key in a file may stay."""
        return any(fnmatchcase(_plain(path), allowed) for allowed in self.paths)


def _plain(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def parse(text: str, where: str) -> Allowed:
    """Read a list, one a line: a fingerprint as check-secrets prints it, or a path relative to the working
    directory with `*` in it; `#` begins a comment. Raises Malformed naming the line."""
    fingerprints, paths = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition(" #")[0].strip()
        if not entry or entry.startswith("#"):
            continue
        if entry.startswith("sha256:"):
            if not _FINGERPRINT.fullmatch(entry):
                raise Malformed(
                    f"{where}:{number} is not a fingerprint.",
                    hint="Write sha256: and 16 hexadecimal digits, as they are printed for a key.",
                )
            fingerprints.add(entry)
        else:
            paths.append(_plain(entry))
    return Allowed(frozenset(fingerprints), tuple(paths))


def read_list(path: str | None) -> Allowed:
    """Read a list, or the one in the working directory, where there is one. Raises NotThere for a list that
    was named and is not there, and what `read_file` and `parse` do."""
    contents = read_file(path or DEFAULT, judged=False)
    if contents is None:
        if path is None:
            return Allowed()
        raise NotThere(f"{path} does not exist.", hint=f"Leave --allow out: {DEFAULT} is read by itself.")
    try:
        return parse(contents.data.decode("utf-8-sig"), path or DEFAULT)
    except UnicodeDecodeError:
        raise Malformed(f"{path or DEFAULT} is not UTF-8 text.", hint="Save it as UTF-8.") from None
