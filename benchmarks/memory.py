"""The most memory that a program holds."""

import subprocess
import sys

from subject import Subject

# A child begins with the resident size of what started it, so a bare interpreter starts what is measured.
STARTER = """
import os, sys
null = os.open(os.devnull, os.O_RDWR)
actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in (0, 1, 2)]
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=actions)
_, status, usage = os.wait4(child, 0)
print(status, usage.ru_maxrss)
"""


def mebibytes(subject: Subject, environ: dict[str, str]) -> float:
    """Run a program and return its greatest resident size in MiB. Raises RuntimeError if it fails."""
    subject.restore()
    words = [sys.executable, "-I", "-S", "-c", STARTER, *subject.words]
    done = subprocess.run(
        words, env=environ | subject.variables, stdout=subprocess.PIPE, text=True, check=True
    )
    status, kibibytes = map(int, done.stdout.split())
    if status:
        raise RuntimeError(f"{subject.name} failed")
    return kibibytes / 1024
