"""What runs without an installed package: a program frozen by PyInstaller, and one archive for any Python.

Both go through a person's day in the sandbox. A program that they start has nothing of what freezing put
into the environment: PyInstaller's libraries would be loaded in place of its own.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from distribution.pythons import pythons
from fenced import blocks
from support import COMMAND, REPO, Home, one_sign_in

import nucliactl
from nucliactl.cli.registry import COMMANDS

pytestmark = pytest.mark.once

DAY = """
echo "$SANDBOX_KB_KEY" | "$IT" auth kb "$SANDBOX_KB_URL" -
"$IT" list
"$IT" use -o json handbook
"$IT" explain
"$IT" auth status
"$IT" api counters
"$IT" run -- sh -c 'echo "libraries: $LD_LIBRARY_PATH, state: $(env | grep -c ^_PYI_)"; "$IT" run -- "$IT" current'
"$IT" auth kb https://localhost:1/api/v1/kb/4e42765b-e8c4-435d-98f8-b8245dba3db8 key 2>&1 || echo "unreachable: $?"
"""
VISITOR = f"{sys.executable} -m nucliactl.sandbox.visitor %s"


def made(out: Path, *flags: str) -> Path:
    """What release/frozen.py makes of this tree."""
    words = [sys.executable, REPO / "release/frozen.py", "--out", out, *flags]
    done = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True)
    return Path(done.stdout.splitlines()[-1])


def day(home: Home, it: Path, more: str = "") -> str:
    home.environ |= {"IT": str(it), "VISITOR": VISITOR, "LD_LIBRARY_PATH": "/opt/of/theirs"}
    result = home.program(COMMAND, "sandbox", "--", "sh", "-euc", DAY + more)
    assert result.code == 0, result.out + result.err
    assert "*  handbook" in result.out and "valid" in result.out and '"resources"' in result.out, result.out
    assert "libraries: /opt/of/theirs, state: 0\nenv\n" in result.out, result.out
    assert "unreachable: 5\n" in result.out, result.out
    return result.out


def test_what_reads_imports_finds_every_command() -> None:
    tree = ast.parse((REPO / "nucliactl/cli/commands/__init__.py").read_text())
    listed = [name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names]
    assert listed == sorted({entry.module for entry in COMMANDS.values()}), (
        "add it to cli/commands/__init__.py"
    )


@pytest.mark.torture
def test_a_program_frozen_by_pyinstaller_does_what_it_did(home: Home) -> None:
    it = made(
        home.path / "frozen", "--only", "directory", "--entry", str(Path(__file__).parent / "program.py")
    )
    with one_sign_in():
        out = day(
            home, it, '"$IT" resolve; "$IT" push --help; BROWSER="$VISITOR" "$IT" auth login; "$IT" current'
        )
    assert "handbook kb True\n" in out and "usage: nucliactl profile push" in out and out.endswith("\nsam\n")


def test_one_archive_runs_on_any_python_and_writes_nothing_beside_itself(home: Home) -> None:
    it = made(home.path / "archive", "--only", "archive")
    before = it.read_bytes()
    day(home, it)
    for python in pythons():
        assert home.program(python, str(it), "version").out.strip() == nucliactl.__version__
    assert it.read_bytes() == before and [*it.parent.iterdir()] == [it]


def test_the_page_names_what_is_made() -> None:
    text = "".join(block.text for block in blocks("docs/how-to/install.md"))
    assert "make frozen\n" in text
    assert {"build/frozen/nucliactl/nucliactl", "build/frozen/nucliactl.pyz"} < set(text.split())
