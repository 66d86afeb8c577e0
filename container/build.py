"""Builds the images and prints how large they are, and how long each takes from its start to its end.

`build.py [IMAGE …]`: slim and small, unless some are named. The environment: ENGINE (podman, or docker), BASE
(an image with Python 3.11 or newer, and its venv module), BUILD_FLAGS (words for ENGINE build).
"""

import ensurepip
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

REPO = Path(__file__).parents[1]
ENGINE = os.environ.get("ENGINE", "podman")
IMAGES = ("slim", "small")
CONFINED = ("--rm", "--read-only", "--user", "12345", "--cap-drop=all", "--network=none")
RUNS = 5


def main(images: tuple[str, ...]) -> None:
    with tempfile.TemporaryDirectory(prefix="nucliactl-image-") as folder:
        version = gather(Path(folder))
        for image in images:
            build(image, Path(folder), version)
    print(f"{'image':<24}{'size':>10}{'start':>10}")
    for image in images:
        print(f"{f'nucliactl:{image}':<24}{size(image) / 1e6:>7.1f} MB{start(image) * 1000:>7.0f} ms")


def gather(folder: Path) -> str:
    """Lay out what is built from: this tree's wheel, those it needs, and pip's; return the version."""
    wheels = folder / "wheels"
    shutil.copytree(REPO / ".cache/wheels", wheels)
    python = REPO / ".cache/release/bin/python"
    run(python, "-m", "build", "--wheel", "--no-isolation", "--outdir", wheels, REPO)
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, folder / "pip.whl")
    shutil.copy(REPO / "container/collect.py", folder)
    (built,) = wheels.glob("nucliactl-*.whl")
    return built.name.split("-")[1]


def build(image: str, folder: Path, version: str) -> None:
    arguments = [f"--label=org.opencontainers.image.{name}={said}" for name, said in labels(version).items()]
    if base := os.environ.get("BASE"):
        arguments += ["--build-arg", f"BASE={base}"]
    flags = os.environ.get("BUILD_FLAGS", "").split()
    file = REPO / "Containerfile"
    run(
        ENGINE,
        "build",
        "-q",
        *flags,
        *arguments,
        "--target",
        image,
        "-t",
        f"nucliactl:{image}",
        "-f",
        file,
        folder,
    )


def labels(version: str) -> dict[str, str]:
    """Return what an image says of itself, by the names of the Open Container Initiative."""
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    said = {"title": project["name"], "description": project["description"], "licenses": project["license"]}
    return {**said, "authors": project["maintainers"][0]["name"], "version": version}


def size(image: str) -> int:
    return int(run(ENGINE, "image", "inspect", "--format", "{{.Size}}", f"nucliactl:{image}"))


def start(image: str) -> float:
    """Return the seconds that the quickest of several runs took."""
    taken = []
    for _ in range(RUNS):
        began = time.monotonic()
        run(ENGINE, "run", *CONFINED, f"nucliactl:{image}", "version")
        taken.append(time.monotonic() - began)
    return min(taken)


def run(*words: str | Path) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{words[0]} {words[1]} failed:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


if __name__ == "__main__":
    main(tuple(sys.argv[1:]) or IMAGES)
