"""Wall times of programs that take turns, so that what else the machine does hits all of them alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from subject import Key, Subject

SLOW = 0.5
"""Seconds; what takes longer takes part in every third round only."""
PATIENCE = 60.0


class Spread(NamedTuple):
    """The quartiles of what was measured."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, found: Sequence[float]) -> "Spread":
        if len(found) == 1:
            return cls(found[0], found[0], found[0])
        low, middle, high = statistics.quantiles(found, n=4, method="inclusive")
        return cls(low, middle, high)

    def over(self, unit: float) -> "Spread":
        return Spread(self.low / unit, self.middle / unit, self.high / unit)


class Took(NamedTuple):
    """Seconds: by the clock, and of the processors' time."""

    wall: float
    processor: float


class Bench:
    """Where programs run: an empty folder, and variables that every one of them gets."""

    def __init__(self, folder: Path) -> None:
        self.work = folder / "work"
        self.work.mkdir()
        self.environ = {"PATH": os.environ["PATH"], "HOME": str(folder)}

    def check(self, subject: Subject) -> str | None:
        """Run a program once. Return what went wrong, or None."""
        subject.restore()
        done = subprocess.run(
            subject.words,
            env=self.environ | subject.variables,
            cwd=self.work,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return None if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr.strip()[-200:]}"

    def took(self, subject: Subject) -> Took:
        """Run a program, which must succeed, and return the seconds that it took."""
        subject.restore()
        began = time.perf_counter()
        process = subprocess.Popen(
            subject.words,
            env=self.environ | subject.variables,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{subject.name} failed with exit code {process.returncode}")
        return Took(wall, usage.ru_utime + usage.ru_stime)

    def interleaved(
        self, subjects: Sequence[Subject], bare: Subject, rounds: int, tell: Callable[[str], None]
    ) -> Mapping[Key, Sequence[Took]]:
        """Run each program once a round, and the bare interpreter between them."""
        found: dict[Key, list[Took]] = {subject.key: [] for subject in [*subjects, bare]}
        for number in range(rounds):
            for place, subject in enumerate(subjects):
                if place % 20 == 0:
                    found[bare.key].append(self.took(bare))
                if number % 3 == 0 or min(found[subject.key]).wall < SLOW:
                    found[subject.key].append(self.took(subject))
            tell(f"round {number + 1} of {rounds}")
        return found
