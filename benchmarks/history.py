"""Counts the instructions of the light commands at earlier commits, with the packages that are installed now:

python benchmarks/history.py COMMIT...       prints a table, a line a commit
"""

import compileall
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import instructions
import ours
from page import table
from subject import Subject

NAMES = ("version", "current", "use NAME", "auth token", "list -o name", "list -o json", "resolve()")
COMMAND = "import sys; sys.path.insert(0, {!r}); from nucliactl.cli.main import main; sys.exit(main({!r}))"
PROGRAM = "import sys; sys.path.insert(0, {!r}); {}"


def counts_at(commit: str) -> Iterator[int]:
    """Count each command of a commit, in millions."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["git", "archive", commit, "nucliactl"]
        tree = subprocess.run(words, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, check=True)
        subprocess.run(["tar", "-x", "-C", folder], input=tree.stdout, check=True)
        compileall.compile_dir(folder, quiet=1)
        store = ours.make_store(Path(folder, "home"), instructions.PROFILES)
        environ = {"PATH": os.environ["PATH"], "HOME": f"{folder}/home"}
        known = {subject.name: subject for subject in ours.subjects(store, instructions.PROFILES)}
        for name in NAMES:
            ways = ours.COMMANDS.get(name)
            text = COMMAND.format(folder, ways) if ways else PROGRAM.format(folder, ours.PROGRAMS[name])
            _, _, _, variables, restored = known[name]
            subject = Subject(name, instructions.PROFILES, (*ours.PYTHON, text), variables, restored)
            yield round(instructions.count(subject, environ))


def main(commits: list[str]) -> int:
    rows = []
    for commit in commits:
        words = ["git", "log", "-1", "--format=`%h` %s", commit]
        told = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
        rows.append((told, *map(str, counts_at(commit))))
    print(table(("millions of instructions at", *NAMES), rows), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
