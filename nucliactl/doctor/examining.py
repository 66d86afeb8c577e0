"""Running every check, each by itself, and mending what is safe to mend."""

import contextlib
import os
from collections.abc import Sequence
from typing import NamedTuple

from nucliactl.disk.lock import locked
from nucliactl.doctor import access, leftovers, machine, network, places, selection, usable
from nucliactl.doctor.finding import LEVELS, Check, Finding, Fix, Mended, problem, well
from nucliactl.doctor.privacy import Privacy
from nucliactl.doctor.world import Unchecked, World
from nucliactl.errors import NucliactlError

CHECKS: tuple[Check, ...] = (
    *access.CHECKS,
    *places.CHECKS,
    *leftovers.CHECKS,
    *usable.CHECKS,
    *selection.CHECKS,
    *network.CHECKS,
    *machine.CHECKS,
)
MENDING = (*access.CHECKS, *leftovers.CHECKS)
"""Those whose findings may have a fix."""


class Report(NamedTuple):
    """What all checks found, the worst first, and what was mended before. Each text in it may be shown to
    everybody."""

    findings: tuple[Finding, ...]
    mended: tuple[Mended, ...] = ()

    @property
    def problems(self) -> int:
        return sum(finding.level == "problem" for finding in self.findings)

    @property
    def fixable(self) -> int:
        return sum(finding.fix is not None for finding in self.findings)


def report(world: World, *, fix: bool) -> Report:
    """Run every check; with `fix`, mend before what is safe to mend. Raises nothing."""
    findings, mended = examine(world), list[Mended]()
    if fix and any(finding.fix for finding in findings):
        try:
            mended = mend(world.again())
        except NucliactlError as error:
            mended = [Mended("store", "nothing could be mended", error.message)]
        findings = examine(world.again())
    privacy = Privacy(world.environ)
    return Report(tuple(map(privacy.finding, findings)), tuple(map(privacy.mended, mended)))


def examine(world: World, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """Run checks, none of which stops another; return what they found, the worst first. What several find
    is told once."""
    found: dict[tuple[str, str], Finding] = {}
    for check in checks:
        for finding in _found_by(check, world):
            alone = finding.level in ("ok", "skipped")
            found.setdefault((check.name if alone else "", finding.sentence), finding)
    return sorted(found.values(), key=lambda finding: LEVELS.index(finding.level))


def _found_by(check: Check, world: World) -> list[Finding]:
    """What one check says: something, always."""
    found: list[Finding] = []
    unchecked = None
    try:
        for finding in check.find(world):  # one by one: those before an error count
            found.append(finding)
    except Unchecked as reason:
        unchecked = str(reason)
    except NucliactlError as error:
        found.append(problem(error.message, error.hint))
    except Exception as error:  # whatever this machine is like, the other checks go on
        sentence = f"This check was broken off by {type(error).__name__}."
        found.append(problem(sentence, "That is a bug of nucliactl; please report it."))
    if not found:
        found.append(Finding("skipped", unchecked) if unchecked else well(check.good))
    return [finding._replace(check=check.name) for finding in found]


def mend(world: World) -> list[Mended]:
    """Mend what has a fix, under the store's lock and by what holds then; return each thing that was tried.

    Raises NotWritable where the lock cannot be taken, NucliactlError where another process keeps it.
    """
    store, done = world.store, list[Mended]()
    if not os.access(store.root, os.R_OK | os.W_OK | os.X_OK):  # the lock itself lies in there
        done += _mended_by(access.CHECKS[0], world)
    with locked(store.lock):  # not `writing`, which wants a store without faults
        for check in MENDING:
            done += _mended_by(check, world.again())
    return done


def _mended_by(check: Check, world: World) -> list[Mended]:
    """Mend each thing as it is found: a directory has to be opened before what is in it is seen."""
    done: list[Mended] = []
    with contextlib.suppress(Unchecked, NucliactlError, OSError):  # `examine` says it
        for finding in check.find(world):
            if finding.fix is not None:
                done.append(_tried(check.name, finding.fix))
    return done


def _tried(check: str, fix: Fix) -> Mended:
    try:
        fix.run()
    except OSError as error:
        return Mended(check, fix.does, error.strerror or type(error).__name__)
    return Mended(check, fix.does)
