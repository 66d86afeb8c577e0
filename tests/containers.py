"""Podman as a sandbox without rights allows it, with all that it keeps below a directory of a test."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from support import REPO, Home, missing

DEBIAN = (REPO / ".cache/debian/root").resolve()
"""The root of the Debian that tests/provision.sh makes."""


@contextlib.contextmanager
def podman(home: Home) -> Iterator[list[str]]:
    """The words that begin a command of podman, which the home's variables then set up.

    What it keeps lies in a directory with a short name: podman waits 20 seconds at the end of each container
    where the path of its socket is longer than the 107 bytes of an address.
    """
    stamped = (DEBIAN.parent / "stamp").exists()
    if not stamped or shutil.which("podman") is None or os.geteuid() != 0:
        missing("podman, or the Debian it runs, is not there; run tests/provision.sh as root")
    with tempfile.TemporaryDirectory(prefix="nctl-", dir="/tmp") as name:
        folder = Path(name)
        (folder / "containers.conf").write_text(
            '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\nnetns = "host"\n'
            '[engine]\nruntime = "runc"\ncgroup_manager = "cgroupfs"\nevents_logger = "none"\nlock_type = "file"\n'
            f'tmp_dir = "{folder}/tmp"\n'
        )
        (folder / "storage.conf").write_text(
            f'[storage]\ndriver = "overlay"\ngraphroot = "{folder}/store"\nrunroot = "{folder}/run"\n'
        )
        (folder / "registries.conf").write_text("")
        home.environ |= {
            "CONTAINERS_CONF": f"{folder}/containers.conf",
            "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
            "CONTAINERS_REGISTRIES_CONF": f"{folder}/registries.conf",
            "TMPDIR": str(folder),
        }
        try:
            yield ["podman"]
        finally:
            home.program("podman", "rm", "-fa", "-t", "0")
            home.program("podman", "rmi", "-fa")
