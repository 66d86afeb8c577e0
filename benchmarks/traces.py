"""What a program loads and asks of the system: the modules it imports beyond a bare interpreter's, and its
system calls, counted by strace."""

import shutil
import subprocess
import tempfile
from collections.abc import Mapping

import ours
from subject import Subject

TRACED = ("current", "use NAME", "auth token", "resolve()")


def modules(subject: Subject, environ: Mapping[str, str]) -> list[str]:
    """Return the modules that a program of Python imports, sorted, without a bare interpreter's."""
    return sorted(_imported(subject, environ) - _imported(ours.BARE, environ))


def _imported(subject: Subject, environ: Mapping[str, str]) -> set[str]:
    python, *words = subject.words
    told = _run([python, "-X", "importtime", *words], subject, environ)
    return {line.rsplit("|", 1)[1].strip() for line in told.splitlines() if line.startswith("import time:")}


def system_calls(subject: Subject, environ: Mapping[str, str]) -> int | None:
    """Return how many system calls a program makes; None without strace."""
    if shutil.which("strace") is None:
        return None
    with tempfile.NamedTemporaryFile("r") as log:
        _run(["strace", "-f", "-c", "-o", log.name, *subject.words], subject, environ)
        total = log.read().splitlines()[-1].split()  # % time, seconds, usecs/call, calls, errors, "total"
    return int(total[3])


def _run(words: list[str], subject: Subject, environ: Mapping[str, str]) -> str:
    subject.restore()
    done = subprocess.run(
        words,
        env={**environ, **subject.variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stderr
