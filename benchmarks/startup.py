"""Start-up times of the installed command, as ratios to a bare interpreter of the same environment.

`make bench` prints them; nothing here passes or fails. Medians of 15 runs, in milliseconds.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
COMMAND = str(Path(sys.executable).parent / "nucliactl")


def median(words: list[str], environ: dict[str, str]) -> float:
    """Return the median wall time of a command in milliseconds."""
    times = []
    for _ in range(RUNS):
        started = time.perf_counter()
        subprocess.run(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def main() -> None:
    environ = {"PATH": os.environ["PATH"]}
    bare = median([sys.executable, "-I", "-c", "pass"], environ)
    print(f"{'bare interpreter':<28}{bare:8.1f} ms")
    for number in (5, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            profiles = Path(folder, "profiles")
            profiles.mkdir()
            for n in range(number):
                text = f'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/k{n}"\npublic = true\n'
                (profiles / f"p{n}.toml").write_text(text)
            environ["NUCLIA_CONFIG_DIR"] = folder
            subprocess.run([COMMAND, "use", "p1"], env=environ, stderr=subprocess.DEVNULL, check=True)
            for words in (["version"], ["current"], ["use", "p2"], ["list", "-o", "json"], ["list"]):
                took = median([COMMAND, *words], environ)
                print(f"{' '.join(words):<20}{number:>8}{took:8.1f} ms{took / bare:7.1f}x")


if __name__ == "__main__":
    main()
