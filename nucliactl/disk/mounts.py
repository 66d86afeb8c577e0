"""Volumes: directories that a container mounts."""

import os

from nucliactl.disk import witness

_MOUNTS = "/proc/self/mountinfo"


def is_volume(folder: str) -> bool:
    """Say whether a directory is a mount point or lies directly in one."""
    real = witness.real_path(folder)
    above = os.path.dirname(real)
    return os.path.ismount(real) or os.path.ismount(above) or not _mounted().isdisjoint((real, above))


def _mounted() -> set[str]:
    """What is mounted here; bind mounts within one file system too, which a device number hides."""
    try:
        with open(_MOUNTS, encoding="utf-8", errors="surrogateescape") as file:
            rows = [line.split(" ") for line in file]
    except OSError:
        return set()
    import re

    octal = re.compile(r"\\([0-7]{3})")
    return {octal.sub(lambda found: chr(int(found[1], 8)), row[4]) for row in rows if len(row) > 4}
