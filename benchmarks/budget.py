"""The budget of instructions: what each light command may execute. Counts are judged by their ratio to the
bare interpreter counted in the same run, since another build of Python, libc or processor moves both."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("budget.toml")
RESERVE = 1.03
"""How far above what was counted a budget is written."""
BARE = "bare interpreter"
HEAD = """\
# Millions of instructions that a command executes on a store of five profiles: what
# `make bench-instructions` counted, plus 3 %. `python benchmarks/instructions.py --write` writes it. A change
# that makes a command cheaper brings its number down; one that needs more says why in its commit.

# The minor version of Python that is counted below. Another is held to the same ratios, with more room.
python = "{python}"
# How far above its budget a command may be, there and on another Python.
tolerance = {tolerance}
tolerance_elsewhere = {elsewhere}

[millions]
"""


class Budget(NamedTuple):
    python: str
    tolerance: float
    elsewhere: float
    millions: Mapping[str, float]


class Verdict(NamedTuple):
    """What people are told, line by line, and the commands above their budget."""

    lines: list[str]
    over: list[str]


def read(path: Path = FILE) -> Budget:
    found = tomllib.loads(path.read_text())
    return Budget(found["python"], found["tolerance"], found["tolerance_elsewhere"], found["millions"])


def write(counted: Mapping[str, float], python: str, path: Path = FILE) -> None:
    """Write what was counted on a minor version of Python as the budget; the tolerances stay."""
    old = read(path)
    head = HEAD.format(python=python, tolerance=old.tolerance, elsewhere=old.elsewhere)
    lines = [
        f'"{name}" = {count if name == BARE else count * RESERVE:.1f}\n' for name, count in counted.items()
    ]
    path.write_text(head + "".join(lines))


def judge(counted: Mapping[str, float], python: str, budget: Budget) -> Verdict:
    """Hold counts, in millions, to the budget. A command that only one of the two knows is over it."""
    named = python == budget.python
    room = 1 + (budget.tolerance if named else budget.elsewhere)
    scale = counted[BARE] / budget.millions[BARE]
    lines = (
        []
        if named
        else [f"Python {python}: the counts are of {budget.python}, only ratios are held to them."]
    )
    lines.append(f"{'millions of instructions':<26}{'counted':>9}{'x bare':>8}{'budget':>9}")
    over = []
    for name in dict.fromkeys([*counted, *budget.millions]):
        if name not in counted or name not in budget.millions:
            lines.append(f"{name:<26} is in {'the budget' if name not in counted else 'the counts'} only")
            over.append(name)
            continue
        allowed = budget.millions[name] * scale
        line = f"{name:<26}{counted[name]:9.1f}{counted[name] / counted[BARE]:8.2f}{allowed:9.1f}"
        if counted[name] > allowed * room:
            over.append(name)
            line += f"  OVER by {100 * (counted[name] / allowed - 1):.0f} %"
        lines.append(line)
    if over:
        lines.append(
            "Find what was added: python -X importtime .venv/bin/nucliactl current. Where it must stay:"
            " python benchmarks/instructions.py --write"
        )
    return Verdict(lines, over)
