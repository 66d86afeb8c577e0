"""A program of the user's on Windows, without process groups: what it starts itself is not ended with it."""

import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from typing import IO

from nucliactl.credentials.ended import LATE, TOO_MUCH, Ended
from nucliactl.credentials.stream import LIMIT

_POLL = 0.02
_REST = 0.2


def run_alone(
    argv: tuple[str, ...],
    path: str,
    folder: str,
    environ: Mapping[str, str],
    seconds: float,
    abandoned: Callable[[], bool],
) -> Ended:
    """Run a program to its end, at most so long. `abandoned` says that nobody waits any more. Raises OSError
    or ValueError where it cannot be started."""
    pipe, null = subprocess.PIPE, subprocess.DEVNULL
    process = subprocess.Popen(
        argv, executable=path, cwd=folder, env=dict(environ), stdin=null, stdout=pipe, stderr=pipe
    )
    said: tuple[list[bytes], list[bytes]] = ([], [])
    readers = [
        _reading(file, kept) for file, kept in zip((process.stdout, process.stderr), said, strict=True)
    ]
    until = time.monotonic() + seconds
    problem = None
    while problem is None and process.poll() is None:
        if said[0] and len(said[0][0]) > LIMIT:
            problem = TOO_MUCH
        elif time.monotonic() > until:
            problem = LATE.format(seconds)
        elif abandoned():
            problem = "was interrupted"
        time.sleep(_POLL)
    process.kill()
    code = process.wait()
    for reader in readers:  # who keeps the streams open is not waited for
        reader.join(_REST)
    out, err = (kept[0] if kept else b"" for kept in said)
    return Ended(code, out, err, problem or (TOO_MUCH if len(out) > LIMIT else None))


def _reading(file: IO[bytes] | None, kept: list[bytes]) -> threading.Thread:
    assert file is not None

    def read() -> None:
        with file:
            kept.append(file.read(LIMIT + 1))

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    return thread
