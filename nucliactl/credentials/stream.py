"""One of a program's streams, kept up to a limit."""

import os
import sys
from typing import IO

LIMIT = 64 * 1024


class Stream:
    """Empty and closed until it is `attached` to what a program prints to."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self.fd = -1
        self.kept = b""
        self.open = False

    def attach(self, file: IO[bytes] | None) -> None:
        assert file is not None
        self._file, self.fd, self.open = file, file.fileno(), True
        if sys.platform != "win32":
            os.set_blocking(self.fd, False)

    def take(self) -> bytes:
        """Return what has come; what the limit allows is kept."""
        try:
            data = os.read(self.fd, 4096)
        except BlockingIOError:
            return b""
        self.open = bool(data)
        self.kept += data[: LIMIT + 1 - len(self.kept)]
        return data

    def close(self) -> None:
        if self._file:
            self._file.close()
