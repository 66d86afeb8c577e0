"""A private desktop's session: a D-Bus with a running gnome-keyring, unlocked by a password, without X."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from support import PATIENCE, machine, missing

_BEGIN = """
printf %s "$KR_PASSWORD" | gnome-keyring-daemon --foreground --unlock --components=secrets >/dev/null 2>&1 &
until dbus-send --print-reply --dest=org.freedesktop.DBus / org.freedesktop.DBus.NameHasOwner \
    string:org.freedesktop.secrets | grep -q true
do kill -0 $! && sleep .02 || exit 90; done
echo "$! $DBUS_SESSION_BUS_ADDRESS"
exec cat
"""


class Desktop:
    """One that runs. `variables` are those of a program of its session."""

    def __init__(self, folder: Path, password: str) -> None:
        self.folder = folder
        environ = {**machine(), "HOME": str(folder), "KR_PASSWORD": password}
        environ |= {"XDG_RUNTIME_DIR": str(folder), "XDG_DATA_HOME": str(folder / "share")}
        self._process = subprocess.Popen(
            ["dbus-run-session", "--", "sh", "-c", _BEGIN],
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        pid, _, address = self._process.stdout.readline().strip().partition(" ")
        self.daemon = int(pid)
        self.variables: Mapping[str, str] = {"DBUS_SESSION_BUS_ADDRESS": address}

    def lock(self) -> None:
        """Lock it, as a person does who goes away."""
        self._send("Lock", "array:objpath:/org/freedesktop/secrets/aliases/default")

    def kill(self) -> None:
        """Let the keyring die; the D-Bus stays, and may start another, which is locked."""
        os.kill(self.daemon, signal.SIGKILL)

    def holds(self, word: str) -> bool:
        """Say whether an entry has this word among its attributes."""
        items = self._send("SearchItems", "dict:string:string:service,nucliactl,username," + word)
        return "/org/freedesktop/secrets/collection" in items

    def _send(self, method: str, *words: str) -> str:
        to = "org.freedesktop.secrets"
        path, interface = "/org/freedesktop/secrets", "org.freedesktop.Secret.Service"
        command = ["dbus-send", "--print-reply", f"--dest={to}", path, f"{interface}.{method}", *words]
        environ = {**os.environ, **self.variables}
        return subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout

    def stop(self) -> None:
        """End it with all that it started."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            os.killpg(self._process.pid, signal.SIGTERM)
        except ProcessLookupError:
            return
        self._process.wait(PATIENCE)


@contextmanager
def desktop(password: str = "test", folder: Path | None = None) -> Iterator[Desktop]:
    """A session that ends with the block; its keyring lasts in `folder`, where one is given."""
    for program in ("dbus-run-session", "dbus-send", "gnome-keyring-daemon"):
        if shutil.which(program) is None:
            missing(f"{program} is not installed; run tests/provision.sh")
    with tempfile.TemporaryDirectory(
        prefix="nucliactl-desktop-", dir="/tmp"
    ) as made:  # a socket's path is short
        found = Desktop(folder or Path(made), password)
        try:
            yield found
        finally:
            found.stop()
