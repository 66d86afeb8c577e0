"""Measures us and our peers on this machine, and writes the table and the chart of the documentation.

    python benchmarks/bench.py [--rounds 15]     measure what that Python has installed, and write
    python benchmarks/bench.py --draw            write again what the last run found

`make bench` runs it by a Python that has only what a user has.
"""

import argparse
import sys
from pathlib import Path

import chart
import page
from measuring import measured
from results import Results

REPO = Path(__file__).parent.parent
KEPT = REPO / ".cache/bench/results.json"
PAGE = REPO / "docs/explanation/performance.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--draw", action="store_true", help="write again what the last run found")
    args = parser.parse_args()
    if not args.draw:
        measured(args.rounds, lambda text: print(text, file=sys.stderr, flush=True)).save(KEPT)
    results = Results.load(KEPT)
    page.update(PAGE, results)
    PAGE.with_suffix(".svg").write_text(chart.drawn(results))
    print(page.targets(results), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
