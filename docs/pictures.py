"""Makes docs/pictures/*.svg of real runs, so that no picture can show what is not so."""

import subprocess
import sys
import tempfile
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from terminal import Terminal

from nucliactl.sandbox.keys import api_key

FOLDER = Path(__file__).parent / "pictures"
ZONES = ("https://europe-1.dp.progress.cloud", "https://aws-us-east-2-1.dp.progress.cloud")
DAY = 86400


class Made(NamedTuple):
    """A profile that the pictures show: what logs in to it, the secret that this reads, and what is set."""

    name: str
    login: str
    secret: str = ""
    settings: tuple[str, ...] = ()


def laptop() -> list[Made]:
    """Return six profiles of two customers and of one's own, with keys of the service's form."""
    europe, us = ZONES
    boxes = (
        ("acme-handbook", europe, "57c19b48-2c4e-4f0f-9f5e-1a9f6f7f2a11", "acme", "Staff handbook", 300),
        ("acme-support", europe, "8d0c1a52-77e9-4a55-8f5d-0f0c5b7f6e02", "acme", "Support answers", 300),
        ("globex-catalogue", us, "c2f4a9d6-5b0f-4d0e-a1c5-0b7b1b0de3a4", "globex", "Product catalogue", 41),
    )
    found = [
        Made(
            name,
            f"auth kb {zone}/api/v1/kb/{box} -",
            api_key(zone, box, days * DAY),
            (*account(slug), f"title={title}"),
        )
        for name, zone, box, slug, title, days in boxes
    ]
    for slug, zone in (("acme", europe), ("globex", us)):
        key = api_key(zone, f"{slug}-client", 200 * DAY, kid=None)
        found.append(Made(f"{slug}-pipeline", "auth nua -", key, account(slug)))
    return [*found, Made("local", "auth nucliadb http://localhost:8080")]


def account(slug: str) -> tuple[str, str]:
    return f"account={uuid.uuid5(uuid.NAMESPACE_DNS, slug)}", f"account_slug={slug}"


def logged_in(made: Made, environ: Mapping[str, str]) -> None:
    """Make a profile as a person does, but for asking the service."""
    commands = [[*made.login.split(), "--name", made.name, "--no-validate"]]
    if made.settings:
        commands.append(["profile", "set", made.name, *made.settings])
    for words in commands:
        subprocess.run(
            ["nucliactl", *words], input=made.secret, env=environ, capture_output=True, text=True, check=True
        )


class Picture(NamedTuple):
    """A picture's file, its title, the width of its terminal and the commands that it shows."""

    name: str
    title: str
    columns: int
    commands: tuple[str, ...]


PICTURES = (
    Picture(
        "front",
        "one laptop, two customers",
        80,
        (
            "nucliactl list",
            "nucliactl use --account globex",
            "nucliactl current",
        ),
    ),
    Picture("explain", "which one, and why", 100, ("NUCLIA_PROFILE=acme-support nucliactl explain",)),
)


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": folder,
            "TERM": "xterm-256color",
        }
        for made in laptop():
            logged_in(made, environ)
        for picture in PICTURES:
            terminal = Terminal(picture.columns, environ, folder, {folder: "~"})
            for command in picture.commands:
                terminal.run(command)
            (FOLDER / f"{picture.name}.svg").write_text(terminal.svg(picture.title))
    return 0


if __name__ == "__main__":
    sys.exit(main())
