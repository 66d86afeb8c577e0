"""Instructions that a program executes, counted by valgrind: they repeat to a percent whatever else the
machine does. `make bench-instructions` prints them beside the budget and fails where one is above it.

    python benchmarks/instructions.py            count, and hold the counts to budget.toml
    python benchmarks/instructions.py --write    write what is counted, plus its reserve, as the new budget
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import budget
import ours
from subject import Subject

VALGRIND = (
    "valgrind",
    "--tool=cachegrind",
    "--cache-sim=no",
    "--cachegrind-out-file=/dev/null",
    "--vex-iropt-level=1",
)
LIGHT = ("current", "prompt", ours.COMPLETION, "use NAME", "auth token", "version", "help", "list -o name")
COUNTED = (*LIGHT, "list -o json", "resolve()")
PROFILES = 5


def count(subject: Subject, environ: Mapping[str, str]) -> float:
    """Return how many millions of instructions a program executes. Raises RuntimeError if it fails."""
    subject.restore()
    with tempfile.NamedTemporaryFile("r") as log:
        done = subprocess.run(
            [*VALGRIND, f"--log-file={log.name}", *subject.words],
            env={**environ, **subject.variables, "PYTHONHASHSEED": "0"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        match = re.search(r"I\s+refs:\s+([\d,]+)", log.read())
    if done.returncode or match is None:
        raise RuntimeError(f"{subject.name} failed under valgrind: {done.stderr.strip()[-300:]}")
    return int(match[1].replace(",", "")) / 1e6


def counts(names: Sequence[str]) -> dict[str, float]:
    """Count the bare interpreter, and commands of ours or floors on a store of five."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        home = Path(folder)
        environ = {"PATH": os.environ["PATH"], "HOME": folder}
        store = ours.make_store(home, PROFILES)
        subjects = [*ours.subjects(store, PROFILES), *ours.floors(PROFILES)]
        known = {subject.name: subject for subject in subjects}
        own = [ours.BARE, *(known[name] for name in names)]
        # What writes goes alone, before the others: they read the store it writes to.
        first = [s for s in own if s.restored]
        found = {s.name: count(s, environ) for s in first}
        for subject in first:
            subject.restore()
        others = [s for s in own if not s.restored]
        found |= zip([s.name for s in others], pool.map(lambda s: count(s, environ), others), strict=True)
    return {subject.name: found[subject.name] for subject in own}


def main(arguments: Sequence[str]) -> int:
    if shutil.which(VALGRIND[0]) is None:
        print("valgrind is not installed: no instruction was counted", file=sys.stderr)
        return 1 if os.environ.get("REAL_SERVERS") == "required" else 0
    found = counts(COUNTED)
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    if "--write" in arguments:
        budget.write(found, python)
        return 0
    verdict = budget.judge(found, python, budget.read())
    print("\n".join(verdict.lines))
    return 1 if verdict.over else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
