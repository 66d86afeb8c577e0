"""Every command line that a message names works as it is typed."""

import ast
import inspect
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from support import REPO

from nucliactl import hints
from nucliactl.cli.registry import COMMANDS, GROUPS, lookup
from nucliactl.model.kinds import KINDS

pytestmark = pytest.mark.once

EXAMPLES = (
    "nucliactl ",
    'eval "$(nucliactl ',
    "EDITOR=true nucliactl ",
    "git diff --cached | nucliactl ",
    "print what sets completion up",
)
_COMMAND_LINE = re.compile(rf"nucliactl (?:{'|'.join({path[0] for path in COMMANDS})})\b")


def hinted() -> list[str]:
    """Every constant, and what every function returns for some words."""
    lines = []
    for name, thing in vars(hints).items():
        if isinstance(thing, str) and not name.startswith("_"):
            lines.append(thing.replace("{}", "WORD"))
        elif inspect.isfunction(thing):
            words = {"kind": "kb", "shell": "zsh", "url": "https://europe-1.dp.progress.cloud/api/v1/kb/KBID"}
            lines.append(thing(*(words.get(p, p) for p in inspect.signature(thing).parameters)))
    return lines


def parse(line: str) -> None:
    """Read a command line as the command does; raise what it would."""
    first, *words = shlex.split(line.removesuffix(" < FILE"))
    assert first == "nucliactl", line
    path = lookup(tuple(words[:2])) or lookup(tuple(words[:1]))
    if words[-1] == "--help" and (path is None or len(words) == len(path) + 1):
        assert len(words) == 1 or path is not None or words[0] in GROUPS, line
        return
    assert path is not None, line
    module = import_module(f"nucliactl.cli.commands.{COMMANDS[path].module}")
    module.parser(path).parse_args(words[len(path) :])


@pytest.mark.parametrize("line", hinted())
def test_every_hinted_command_line_is_one_the_parser_takes(line: str) -> None:
    parse(line)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_the_login_command_of_every_kind_is_one(kind) -> None:
    words = tuple(kind.login.split()[1:3])
    assert lookup(words) is not None and words[0] == "auth"


def texts(path: Path) -> list[tuple[int, str]]:
    """The string literals of a module that are no docstrings, with their lines."""
    tree = ast.parse(path.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    constants = [node for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [(n.lineno, n.value) for n in constants if isinstance(n.value, str) and id(n) not in docstrings]


def test_no_module_spells_a_command_line_itself() -> None:
    """But for the declarations of kinds (the login), the examples of --help, and what the sandbox runs."""
    found = [
        f"{path.relative_to(REPO)}:{line}: {text}"
        for path in (REPO / "nucliactl").rglob("*.py")
        if path.name not in ("hints.py", "kinds.py") and path.parent.name != "sandbox"
        for line, text in texts(path)
        if _COMMAND_LINE.search(text) and not (path.parent.name == "commands" and text.startswith(EXAMPLES))
    ]
    assert found == []


def test_a_place_in_a_hint_is_never_left_empty() -> None:
    open_ended = "|".join(
        name
        for name, text in vars(hints).items()
        if isinstance(text, str) and "{}" in text and name.isupper()
    )
    forgotten = re.compile(rf"\bhints\.(?:{open_ended})\b(?!\.format\()")
    found = [path.name for path in (REPO / "nucliactl").rglob("*.py") if forgotten.search(path.read_text())]
    assert found == []
