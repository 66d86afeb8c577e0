"""`make release`: everything up to the upload, in dist/; nothing is uploaded.

Version, changelog and tag must agree, else nothing is built and the exit code is 1; with --rehearse what
differs is only said. The commit is built, not the working directory: twice, in two places, and the two
must be the same byte for byte.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from agreement import faults

ROOT = Path(__file__).parent.parent
DIST = ROOT / "dist"
TOOLS = ROOT / ".cache/release/bin"
RUNTIME = ROOT / ".cache/runtime"


def output(*words: str | Path, **environ: str) -> str:
    """Return what a program prints. Where it fails, that is printed and the release ends."""
    there = {**os.environ, **environ}
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=there, check=False)
    if done.returncode:
        sys.exit(f"{done.stdout}{Path(words[0]).name} failed: nothing was released.")
    return done.stdout


def built(folder: Path, date: str) -> dict[str, Path]:
    """Build the commit's sdist, and the wheel of that sdist, below an empty folder; return them by name."""
    source, made = folder / "source", folder / "made"
    output("git", "archive", "--format=tar", f"--output={folder}/commit.tar", "HEAD")
    shutil.unpack_archive(folder / "commit.tar", source, filter="data")
    build = (TOOLS / "python", "-m", "build", "--no-isolation", "--outdir", made, source)
    output(*build, SOURCE_DATE_EPOCH=date)
    return {file.name: file for file in sorted(made.iterdir())}


def installed(wheel: Path, folder: Path) -> Path:
    """Install the wheel beside its dependencies into a new environment; return that."""
    environment = folder / "installed"
    output(sys.executable, "-m", "venv", "--without-pip", environment)
    (site,) = environment.glob("lib/python*/site-packages")
    (needed,) = RUNTIME.glob("lib/python*/site-packages")
    (site / "runtime.pth").write_text(f"{needed}\n")
    output(
        ROOT / ".venv/bin/uv",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--python",
        environment / "bin/python",
        wheel,
    )
    return environment


def bill_of_materials(environment: Path, version: str) -> str:
    """Return the CycloneDX document of an environment, of which our package is the subject."""
    options = ("--output-reproducible", "--pyproject", ROOT / "pyproject.toml", "--mc-type", "application")
    found = json.loads(output(TOOLS / "cyclonedx-py", "environment", *options, environment))
    found["metadata"]["component"] |= {"version": version, "purl": f"pkg:pypi/nucliactl@{version}"}
    return json.dumps(found, indent=2) + "\n"


def release(version: str, commit: str, date: str) -> list[Path]:
    """Build and check everything; return the files of dist/, which holds nothing else afterwards."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        files, again = built(Path(first), date), built(Path(second), date)
        differing = [name for name, file in files.items() if file.read_bytes() != again[name].read_bytes()]
        if differing:
            sys.exit(f"Built twice, these differ: {', '.join(differing)}")
        print(f"built twice of commit {commit[:12]}, byte for byte the same (SOURCE_DATE_EPOCH={date})")
        output(TOOLS / "twine", "check", "--strict", *files.values())
        wheel = next(file for name, file in files.items() if name.endswith(".whl"))
        output(TOOLS / "check-wheel-contents", wheel)
        print("twine check --strict and check-wheel-contents have no complaint")
        environment = installed(wheel, Path(first))
        said = output(environment / "bin/nucliactl", "version").strip()
        if said != version:
            sys.exit(f"The wheel's command says that it is {said}, not {version}.")
        bill = Path(first, f"nucliactl-{version}.cdx.json")
        bill.write_text(bill_of_materials(environment, version))
        shutil.rmtree(DIST, ignore_errors=True)
        DIST.mkdir()
        kept = [shutil.copy(file, DIST / file.name) for file in (*files.values(), bill)]
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in kept]
    (DIST / "SHA256SUMS").write_text("".join(sums))
    return [*kept, DIST / "SHA256SUMS"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rehearse", action="store_true", help="build and check all the same, and say what differs"
    )
    rehearsal = parser.parse_args().rehearse
    version = re.findall(
        r'^__version__ = "(.*)"$', (ROOT / "nucliactl/version.py").read_text(), re.MULTILINE
    )[0]
    commit, date = output("git", "log", "-1", "--format=%H %ct").split()
    tags = output("git", "tag", "--points-at", "HEAD").split()
    changed = [line[3:] for line in output("git", "status", "--porcelain").splitlines()]
    found = faults(version, (ROOT / "CHANGELOG.md").read_text(), tags, changed)
    for fault in found:
        print(f"  {fault}", file=sys.stderr)
    if found and not rehearsal:
        sys.exit(
            f"{version} is not released: nothing was built. To build all the same: make release REHEARSE=1"
        )
    for file in release(version, commit, date):
        print(f"{file.relative_to(ROOT)}  {file.stat().st_size / 1000:.0f} kB")
    print(
        f"a rehearsal of {version}, not for upload"
        if rehearsal
        else f"{version} is ready; nothing was uploaded"
    )


if __name__ == "__main__":
    main()
