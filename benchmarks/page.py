"""Writes what a run found into `docs/explanation/performance.md`, between its marks; the rest of the page is
written by people."""

from collections.abc import Sequence
from pathlib import Path

import ours
from interleaved import Spread
from results import Results
from subject import SIZES
from targets import CALLS, FEW, PROCESSOR, TARGETS, Target

MARKS = "<!-- measured: {} -->\n"
END = "<!-- end -->"


def update(path: Path, results: Results) -> None:
    """Replace each part between its marks. Raises ValueError where a mark is missing."""
    text = path.read_text()
    for name, part in {
        "run": run,
        "targets": targets,
        "all": everything,
        "instructions": counted,
        "loads": loads,
    }.items():
        begin = MARKS.format(name)
        start = text.index(begin) + len(begin)
        text = text[:start] + part(results) + text[text.index(END, start) :]
    path.write_text(text)


def run(results: Results) -> str:
    """When, where and what was measured, and what could not be."""
    bare = f"{results.bare.middle:.0f} ms ({results.bare.low:.0f}-{results.bare.high:.0f})"
    lines = [
        f"{results.date}, {results.machine}, {results.rounds} rounds; the bare interpreter took {bare}.",
        ", ".join(f"{name} {version}" for name, version in results.versions.items()) + ".",
        *(f"Not measured: {what} ({why})." for what, why in results.absent.items()),
    ]
    return "\n\n".join(lines) + "\n"


def targets(results: Results) -> str:
    """Each target with what was measured, and what stands beside it."""
    return table(
        ("what", "profiles", "measured (quartiles)", "processor time", "target", "result", "beside"),
        [_target(target, results) for target in TARGETS],
    )


def _target(target: Target, results: Results) -> tuple[str, ...]:
    name, size, unit = target.measure
    spread = results.found.get(target.measure)
    spent = results.found.get((name, size, PROCESSOR))
    beside = [(peer, results.found.get((peer, size, unit))) for peer in target.beside]
    return (
        f"`{name}`" if name in (*ours.COMMANDS, *ours.PROGRAMS) else name,
        f"{size:,}",
        f"{_spread(spread)} {unit}" if spread else "-",
        f"{_number(spent.middle, spent.middle)} x" if unit == "x" and spent else "",
        f"{target.most:g} {unit}",
        "" if spread is None else "met" if spread.middle <= target.most else "**missed**",
        ", ".join(f"{peer} {_number(found.middle, found.middle)}" for peer, found in beside if found),
    )


def everything(results: Results) -> str:
    """Every program's ratio to the bare interpreter, by the number of profiles."""
    names = dict.fromkeys(name for name, _, unit in results.found if unit == "x")
    rows = [
        (
            f"**{name}**" if name in OURS else name,
            *(_spread(found) if (found := results.at(name, size)) else "" for size in SIZES),
        )
        for name in sorted(names, key=lambda name: name not in OURS)
    ]
    return table(("program", *(f"{size:,}" for size in SIZES)), rows)


def counted(results: Results) -> str:
    """Instructions on five profiles, in millions and as a ratio to the bare interpreter."""
    unit = "M instructions"
    found = {name: s.middle for (name, _, u), s in results.found.items() if u == unit}
    most = {target.measure[0]: target.most for target in TARGETS if target.measure[2] == unit}
    bare = found[ours.BARE.name]
    rows = [
        (name, f"{count:.0f}", f"{count / bare:.1f}", f"{most[name]:.0f}" if name in most else "")
        for name, count in found.items()
    ]
    return table(("command", "millions", "x bare", "target"), rows)


def loads(results: Results) -> str:
    """System calls of a command, and the modules that it imports, by name."""
    rows = [
        (name, str(len(modules)), f"{calls.middle:.0f}" if calls else "-")
        for name, modules in results.modules.items()
        for calls in (results.found.get((name, FEW, CALLS)),)
    ]
    lists = [
        f"<details><summary>{name}</summary>\n<p>{', '.join(modules)}</p>\n</details>\n"
        for name, modules in results.modules.items()
    ]
    return table(("program", "modules", "system calls"), rows) + "\n" + "\n".join(lists)


OURS = (*ours.COMMANDS, ours.COMPLETION, *ours.PROGRAMS)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _spread(found: Spread) -> str:
    middle, low, high = (_number(value, found.middle) for value in (found.middle, found.low, found.high))
    return f"{middle} ({low}-{high})"


def _number(value: float, near: float) -> str:
    """Return a number with the digits that one of the size of `near` deserves."""
    return f"{value:.{0 if near >= 20 else 1 if near >= 2 else 2}f}"
