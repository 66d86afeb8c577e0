"""Takes every measurement of one run."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import instructions
import memory
import ours
import reach
import traces
from interleaved import Bench, Spread
from local_server import serving
from peers import PEERS
from results import Results
from subject import SIZES, Subject
from targets import ASKED, CALLS, FEW, PROCESSOR, REQUEST, SHOW, SHOW_OFFICIAL, STATUS, TARGETS, WARM, Measure

CALL = 0.1
"""Seconds that a call to the service takes."""
REPEATED = 5
"""How often what is no part of the rounds is measured."""
PROGRAMS = Path(__file__).parent / "programs"
Tell = Callable[[str], None]
Found = Iterator[tuple[Measure, Spread]]


def measured(rounds: int, tell: Tell) -> Results:
    """Run everything once on this machine."""
    machine = _machine()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bench = Bench(folder)
        tell("writing the stores")
        subjects, versions, absent = _subjects(folder, bench)
        times = bench.interleaved(subjects, ours.BARE, rounds, tell)
        walls = {key: Spread.of([took.wall for took in runs]) for key, runs in times.items()}
        processors = {key: Spread.of([took.processor for took in runs]) for key, runs in times.items()}
        bare = walls[ours.BARE.key]
        found: dict[Measure, Spread] = {(*key, "x"): wall.over(bare.middle) for key, wall in walls.items()}
        own = processors[ours.BARE.key].middle
        found |= {(*key, PROCESSOR): spent.over(own) for key, spent in processors.items()}
        for name, size, unit in (target.measure for target in TARGETS):
            if unit == "x own":
                found[name, size, unit] = walls[name, size].over(walls[name, FEW].middle)
        for what, more in {
            "memory": _memory(subjects, bench),
            "programs": _programs(folder / "warm", bench),
            "auth status": _status(folder / "status", bench),
            "auth show": _show(folder / "show", bench),
            "instructions": _instructions(),
        }.items():
            tell(what)
            found |= more
        small = {s.name: s for s in subjects if s.size == FEW and s.name in traces.TRACED}
        modules = {name: traces.modules(subject, bench.environ) for name, subject in small.items()}
        for name, subject in small.items():
            if calls := traces.system_calls(subject, bench.environ):
                found[name, FEW, CALLS] = Spread.of([calls])
    date = datetime.now(UTC).date().isoformat()
    return Results(date, machine, rounds, versions, absent, bare.over(0.001), found, modules)


def _subjects(folder: Path, bench: Bench) -> tuple[list[Subject], dict[str, str], dict[str, str]]:
    """Return what runs, in its order in a round; the versions; and what does not run, with the reason."""
    found = ours.floors(FEW)
    versions = {"Python": sys.version.split()[0], "nucliactl": _commit()}
    absent: dict[str, str] = {}
    present = [(peer, peer.found(bench.environ)) for peer in PEERS]
    for size in SIZES:
        found += ours.subjects(ours.make_store(folder / str(size), size), size)
        for peer, version in present:
            if version is None:
                absent[peer.name] = "not installed"
            elif peer.many or size == FEW:
                versions[peer.name] = version
                found += peer.subjects(folder / str(size), size)
    wrong = {subject.key: problem for subject in found if (problem := bench.check(subject))}
    for (name, profiles), problem in wrong.items():
        absent[f"{name}, {profiles} profiles"] = problem
    return [subject for subject in found if subject.key not in wrong], versions, absent


def _memory(subjects: list[Subject], bench: Bench) -> Found:
    wanted = {target.measure[:2] for target in TARGETS if target.measure[2] == "MiB"}
    for subject in [*(s for s in subjects if s.key in wanted), ours.BARE]:
        taken = [memory.mebibytes(subject, bench.environ) for _ in range(REPEATED)]
        yield (*subject.key, "MiB"), Spread.of(taken)


def _programs(folder: Path, bench: Bench) -> Found:
    with serving(0) as origin:
        environ = bench.environ | {"NUCLIA_CONFIG_DIR": str(ours.make_store(folder, FEW, origin))}
        for measure, program in (
            ((WARM, FEW, "µs"), "warm_resolve.py"),
            ((REQUEST, FEW, "x plain httpx"), "warm_requests.py"),
        ):
            words = [sys.executable, "-I", str(PROGRAMS / program)]
            told = [
                subprocess.run(words, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout
                for _ in range(REPEATED)
            ]
            yield measure, Spread.of([float(text) for text in told])


def _status(folder: Path, bench: Bench) -> Found:
    with serving(CALL) as origin:
        for kind, words in (("nua", "NUA keys"), ("kb", "KB keys")):
            store = ours.make_store(folder / kind, ASKED, origin, kind)
            command = (*ours.COMMAND, "auth", "status", "--all")
            subject = Subject(STATUS, ASKED, command, {"NUCLIA_CONFIG_DIR": str(store)})
            times = [bench.took(subject).wall / CALL for _ in range(REPEATED)]
            yield (f"{STATUS}, {words}", ASKED, "calls"), Spread.of(times)


def _show(folder: Path, bench: Bench) -> Found:
    mine, theirs = zip(*(reach.shown(folder / str(n), bench) for n in range(REPEATED)), strict=True)
    for name, times in ((SHOW, mine), (SHOW_OFFICIAL, [s for s in theirs if s is not None])):
        if times:
            yield (name, FEW, "s"), Spread.of(times)


def _instructions() -> Found:
    names = (*instructions.COUNTED, *ours.FLOORS)
    for name, millions in instructions.counts(names).items():
        yield (name, FEW, "M instructions"), Spread.of([millions])


def _commit() -> str:
    words = ["git", "-C", str(PROGRAMS), "rev-parse", "--short=8", "HEAD"]
    return subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


def _machine() -> str:
    load = os.getloadavg()[0]
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        "unknown processor",
    )
    return f"{os.cpu_count()} cores of {cpu}, {os.uname().sysname} {os.uname().machine}, load {load:.1f}"
