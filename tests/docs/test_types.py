"""Every program of the documentation passes mypy --strict and pyright against the installed package, and
what is wrong with a program is seen by both."""

import inspect
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from fenced import PAGES, blocks
from support import REPO

import nucliactl
from nucliactl import errors
from nucliactl.http import options

pytestmark = pytest.mark.once

MYPY = ("-m", "mypy", "--strict", "--no-error-summary", "--output", "json")
PYRIGHT = ("-m", "pyright", "--outputjson", "--pythonpath", sys.executable)


class Complaint(NamedTuple):
    """What a checker finds wrong with a program."""

    program: str
    rule: str
    message: str


def by_mypy(tree: Path) -> list[Complaint]:
    cache = REPO / ".mypy_cache" / tree.name.rstrip("0123456789")  # one a test: they may run at once
    words = [sys.executable, *MYPY, "--cache-dir", str(cache), *map(str, sorted(tree.rglob("*.py")))]
    finished = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tree)
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    found = [json.loads(line) for line in finished.stdout.splitlines()]
    return [Complaint(Path(f["file"]).stem, f["code"], f["message"]) for f in found]


def by_pyright(tree: Path) -> list[Complaint]:
    (tree / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    words = [sys.executable, *PYRIGHT, str(tree)]
    finished = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tree)
    assert finished.returncode in (0, 1), finished.stdout + finished.stderr
    found = json.loads(finished.stdout)
    return [
        Complaint(Path(f["file"]).stem, f.get("rule", ""), f["message"]) for f in found["generalDiagnostics"]
    ]


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Every program of the pages, those that are not run too, and the example files."""
    for page in PAGES:
        for block in blocks(page):
            if block.language == "python" and not block.text.startswith("--8<--"):
                name = page.replace("/", "_").replace("-", "_").removesuffix(".md")
                (tmp_path / f"{name}_{block.line}.py").write_text(block.text)
    assert len(list(tmp_path.iterdir())) > 10
    shutil.copytree(REPO / "docs/examples", tmp_path / "examples")
    return tmp_path


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_every_program_of_the_documentation_passes(programs: Path, checker) -> None:
    assert checker(programs) == []


WRONG = {
    "unknown_name": ("nucliactl.resolv()", "attr-defined", "reportAttributeAccessIssue"),
    "inner_name": ("nucliactl.printable", "attr-defined", "reportPrivateImportUsage"),
    "unknown_kind": ("nucliactl.resolve(kind='nope')", "arg-type", "reportArgumentType"),
    "unknown_kinds": ("nucliactl.client(kind=('kb', 'nope'))", "arg-type", "reportArgumentType"),
    "kind_of_text": ("def f(kind: str) -> None: nucliactl.resolve(kind=kind)", "arg-type", "reportArgumentType"),
    "unknown_option": ("nucliactl.client(timeouts=3)", "call-arg", "reportCallIssue"),
    "wrong_option": ("nucliactl.client(http2='yes')", "arg-type", "reportArgumentType"),
    "another_credential": ("nucliactl.client(auth=('a', 'b'))", "call-arg", "reportCallIssue"),
    "blocking_transport": (
        "import httpx; nucliactl.async_client(transport=httpx.HTTPTransport())", "arg-type", "reportArgumentType",
    ),
    "unawaited": (
        "async def f() -> None:\n    nucliactl.async_client().get('x')", "unused-coroutine", "reportUnusedCoroutine",
    ),
    "number_for_a_name": ("nucliactl.resolve(3)", "arg-type", "reportArgumentType"),
    "kind_compared": ("def f(p: nucliactl.Profile) -> bool: return p.kind == 'nope'", "comparison-overlap", "reportUnnecessaryComparison"),
    "unknown_attribute": ("nucliactl.resolve().token", "attr-defined", "reportAttributeAccessIssue"),
    "unknown_method": ("from nucliactl import sdk; sdk.NucliaAuth().nope()", "attr-defined", "reportAttributeAccessIssue"),
    "unknown_in_a_base_url": ("url: None = nucliactl.resolve().base_url", "assignment", "reportAssignmentType"),
}  # fmt: skip


@pytest.mark.parametrize("checker", [by_mypy, by_pyright])
def test_a_wrong_program_is_seen(tmp_path: Path, checker) -> None:
    for name, (program, *_) in WRONG.items():
        (tmp_path / f"{name}.py").write_text(f"import nucliactl\n{program}\n")
    found = {(complaint.program, complaint.rule) for complaint in checker(tmp_path)}
    expected = {(name, rules[checker is by_pyright]) for name, (_, *rules) in WRONG.items()}
    assert expected - found == set()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(options.ClientOptions, httpx.Client), (options.AsyncClientOptions, httpx.AsyncClient)],
)
def test_the_options_are_httpxs_but_for_the_credential(ours: type, theirs: type) -> None:
    assert {*ours.__annotations__, "self", "auth"} == set(inspect.signature(theirs.__init__).parameters)


def test_every_error_a_caller_may_meet_is_a_name_of_the_package() -> None:
    family = {
        name
        for name, thing in inspect.getmembers(errors, inspect.isclass)
        if issubclass(thing, nucliactl.NucliactlError)
    }
    assert family <= set(nucliactl.__all__)
    assert all(getattr(nucliactl, name) is getattr(errors, name) for name in family)
