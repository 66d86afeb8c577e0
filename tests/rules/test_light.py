"""What is read without argparse is what argparse reads, and the rest is left to it."""

import contextlib
import io
import random
from typing import Any

import pytest

from nucliactl.cli import grammar
from nucliactl.cli.flags import GLOBAL_FLAGS
from nucliactl.cli.light import LIGHT, read
from nucliactl.cli.registry import ALIASES, COMMANDS
from nucliactl.errors import NucliactlError

TYPED = [
    "handbook",
    "a,b",
    "-",
    "env",
    "nuclia:kb",
    "a b",
    "",
    "-1",
    "--",
    "é",
    "x=y",
    "=",
    "\x1b",
    "\udc80",
    "list",
]
OPTIONS = [
    *(spelling for flag in GLOBAL_FLAGS for spelling in flag.names),
    *("--profile=a", "--output=json", "-ojson", "-o=json", "-vv", "-h", "--help", "--version", "--prof"),
    *("--here", "--unset", "--account", "--kind", "--sort", "--from", "--with-token", "json", "name", "kb"),
]
GLOBALS = [
    f"{spelling} {value}" if flag.takes_value else spelling
    for flag in GLOBAL_FLAGS
    for spelling in flag.names
    for value in flag.options.get("choices", ["x", "/x"])
]
COMMAND_WORDS = [word for path in (*COMMANDS, *ALIASES) for word in path]


def by_argparse(argv: list[str]) -> tuple[str, dict[str, Any], bool] | None:
    """The module that argparse's reading of a line runs, with which arguments; None for an error or a help."""
    found: list[tuple[str, dict[str, Any], bool]] = []

    def note(module: Any, arguments: Any, *, bare: bool, looks_for_faults: bool) -> int:
        assert not looks_for_faults or module.__name__.endswith("doctor")
        found.append((module.__name__, vars(arguments), bare))
        return 0

    with pytest.MonkeyPatch.context() as patched, contextlib.redirect_stdout(io.StringIO()):
        patched.setattr(grammar, "carry_out", note)
        with contextlib.suppress(NucliactlError):
            grammar.run(argv)
    return found[0] if found else None


def agree(argv: list[str]) -> bool:
    """Compare both readings; say whether the line is one that is read without argparse."""
    line = read(argv)
    if line is None:
        return False
    own = (line.module().__name__, vars(line.arguments), line.command.bare)
    assert own == by_argparse(argv), argv
    return True


def generated(seed: int, count: int) -> list[list[str]]:
    choose = random.Random(seed)
    lines = []
    for _ in range(count):
        units = [[*choose.choice([*LIGHT] * 20 + [*COMMANDS, *ALIASES])]]
        for _ in range(choose.randrange(4)):
            more = choose.choice([GLOBALS, GLOBALS, TYPED, OPTIONS, COMMAND_WORDS])
            units.insert(choose.randrange(len(units) + 1), choose.choice(more).split(" "))
        lines.append([word for unit in units for word in unit])
    return lines


def test_generated_lines_mean_the_same_both_ways() -> None:
    read_here = [argv for argv in generated(1, 4000) if agree(argv)]
    assert len(read_here) > 500
    assert {read(argv).path for argv in read_here} == {*LIGHT}  # type: ignore[union-attr]


def test_a_value_that_a_later_one_replaces_is_looked_at_too() -> None:
    for value in ("\udc80", "\x1b"):
        assert not agree(["version", "--config-dir", value, "--config-dir", "/x"])
    assert agree(["version", "--config-dir", "/y", "--config-dir", "/x"])


@pytest.mark.torture
def test_many_more_lines_mean_the_same_both_ways() -> None:
    for seed in range(2, 40):
        for argv in generated(seed, 4000):
            agree(argv)


@pytest.mark.parametrize("flag", GLOBAL_FLAGS, ids=lambda flag: flag.name)
@pytest.mark.parametrize("path", LIGHT, ids=" ".join)
def test_every_option_stands_before_and_after_each_command(path: tuple[str, ...], flag: Any) -> None:
    for spelling in flag.names:
        option = [spelling, flag.options.get("choices", ["x"])[0]] if flag.takes_value else [spelling]
        word = ["handbook"] if LIGHT[path].needed else []
        for argv in ([*option, *path, *word], [*path, *option, *word], [*path, *word, *option]):
            assert agree(argv), argv


@pytest.mark.parametrize(
    "line",
    [
        "",
        "help",
        "use",
        "use a b",
        "current a",
        "auth",
        "auth token a b",
        "list --kind kb",
        "use a --here",
        "--version",
        "current -o xml",
        "current -o",
        "current --profile -a",
        "current -h",
        "use -- a",
        "Current",
    ],
)
def test_any_other_line_is_left_to_argparse(line: str) -> None:
    assert read(line.split()) is None


def test_a_light_command_is_one_of_the_registry() -> None:
    for path, light in LIGHT.items():
        assert (COMMANDS[path].module, COMMANDS[path].bare) == ("_".join(path), light.bare)
        assert not COMMANDS[path].passes_on and not COMMANDS[path].looks_for_faults
