"""The manual pages: two strict readers find nothing to say, they come with the wheel, and `man` finds them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support import REPO, Home, missing

from nucliactl.cli.registry import COMMANDS

pytestmark = pytest.mark.once

MAN = REPO / "docs/man"
PAGES = sorted(MAN.glob("*.1"))
INSTALLED = Path(sys.prefix) / "share/man/man1"


def told(*words: object, **variables: str) -> str:
    """Run a program that has to succeed; return what it prints, warnings too."""
    if shutil.which(str(words[0])) is None:
        missing(f"{words[0]} is not installed")
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "MANWIDTH": "80",
        "MAN_KEEP_FORMATTING": "",
        **variables,
    }
    done = subprocess.run(
        [*map(str, words)], capture_output=True, text=True, check=False, env=environ, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_every_command_has_a_page() -> None:
    names = {"-".join(("nucliactl", *path)) for path in COMMANDS} | {"nucliactl"}
    assert {page.stem for page in PAGES} == names
    assert {page.name: page.read_bytes() for page in PAGES} == {
        page.name: page.read_bytes() for page in INSTALLED.glob("nucliactl*.1")
    }


def test_mandoc_finds_nothing() -> None:
    assert told("mandoc", "-T", "lint", "-W", "warning", *PAGES) == ""


def test_groff_warns_of_nothing() -> None:
    assert told("groff", "-man", "-Tutf8", "-ww", "-z", *PAGES) == ""


def test_a_page_says_what_help_says(home: Home) -> None:
    for path in (("use",), ("auth", "kb"), ("profile", "set"), ("completion",), ("env",)):
        page = MAN / f"{'-'.join(('nucliactl', *path))}.1"
        shown = told("mandoc", "-T", "ascii", page)
        shown = re.sub(r".\x08", "", shown)
        assert f"nucliactl-{'-'.join(path)} - {COMMANDS[path].summary}"[:60] in " ".join(shown.split())
        text = home.run(*path, "--help").out
        for example in re.findall(r"^  \$ (.*)$", text, re.MULTILINE):
            assert example in shown, example
        own = text.partition("global options:")[0]
        for option in re.findall(r"^  (-[-\w]+)", own, re.MULTILINE):
            assert option in shown, option


def test_man_shows_a_page_by_name_and_by_path() -> None:
    by_path = told("man", "--warnings", MAN / "nucliactl-use.1")
    by_name = told("man", "nucliactl-use", PATH=f"{sys.prefix}/bin:{os.environ['PATH']}")
    assert by_path == by_name and "nucliactl use handbook --here" in by_name


def test_whatis_knows_what_a_page_is_about() -> None:
    found = told("lexgrog", *PAGES).splitlines()
    assert len(found) == len(PAGES)
    assert f'{MAN}/nucliactl-use.1: "nucliactl-use - {COMMANDS[("use",)].summary}"' in found
