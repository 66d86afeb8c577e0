"""What is completed without argcomplete is what argcomplete says, to the byte, and the rest is left to it."""

import itertools
import json

import pytest
from support import Home

PROGRAM = """
import json, os, sys
from nucliactl.cli.completion import answer_by_argcomplete
from nucliactl.cli.light_completion import answer
told = []
for line, point, shell in json.load(sys.stdin):
    os.environ.update({"COMP_LINE": line, "COMP_POINT": str(point), **shell})
    here = answer(os.environ)
    if here is not None and not os.fork():
        answer_by_argcomplete()  # it ends the process
    if here is not None:
        os.wait()
        with open(os.environ["_ARGCOMPLETE_STDOUT_FILENAME"]) as file:
            there = file.read()
        assert here == there, (line, point, shell, here, there)
    told.append(here)
    for name in shell:
        del os.environ[name]
json.dump(told, sys.stdout)
"""
BREAKS = "\"'@><=;|&(: \n\t"
SHELLS = {
    "bash": {
        "_ARGCOMPLETE_SHELL": "bash",
        "_ARGCOMPLETE_COMP_WORDBREAKS": BREAKS,
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
    },
    "an old bash": {"_ARGCOMPLETE_SHELL": "bash", "_ARGCOMPLETE_COMP_WORDBREAKS": BREAKS + ",-"},
    "zsh": {"_ARGCOMPLETE_SHELL": "zsh", "_ARGCOMPLETE_SUPPRESS_SPACE": "1"},
    "fish": {
        "_ARGCOMPLETE_SHELL": "fish",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_DFS": "\t",
        "_ARGCOMPLETE_IFS": "\n",
    },
    "powershell": {
        "_ARGCOMPLETE_SHELL": "powershell",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "0",
    },
}
BEFORE = [
    "",
    "-o json ",
    "--config-dir {store} ",
    "--no-color  ",
    "--config-dir /nowhere ",
    "--profile x ",
    "-o bad ",
    "--output ",
]
WORDS = ["use", "use -v", "current", "use a", "auth token", "use --here", "use --account", "switch"]
BEGUN = [
    "",
    "a",
    "acme",
    "acme-k",
    "acme-kb,",
    "acme-kb,o",
    "acme-kb,x,",
    "A",
    "-",
    "--a",
    "nu",
    "'a",
    "a:",
    "a=",
    "é",
    "a\\",
    "#",
]


def told(home: Home, lines: list[tuple[str, int, dict[str, str]]]) -> list[str | None]:
    variables = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(home.path / "told")}
    result = home.python(PROGRAM, stdin=json.dumps(lines), **variables)
    assert result.code == 0, result.err[-2000:]
    answers: list[str | None] = json.loads(result.out)
    return answers


@pytest.fixture
def known(home: Home) -> Home:
    for name, kind in {"acme-kb": "kb", "acme": "nucliadb", "other": "nua", "other-kb": "kb"}.items():
        address = "" if kind == "nua" else 'url = "http://localhost:1/api/v1/kb/k"\n'
        address = address.replace("/api/v1/kb/k", "") if kind == "nucliadb" else address
        home.define(name, f'kind = "{kind}"\n{address}description = "the {name}: a, b"\n')
    home.define("bad", "=")
    return home


@pytest.mark.parametrize("shell", SHELLS)
def test_both_answer_the_same(known: Home, shell: str) -> None:
    lines = []
    for before, words, begun in itertools.product(BEFORE, WORDS, BEGUN):
        if (words == "use" and (not before or begun in ("", "acme"))) or (before, begun) == ("", "a"):
            line = f"nucliactl {before.format(store=known.store)}{words} {begun}"
            lines.append((line, len(line), SHELLS[shell]))
            if begun == "acme":
                lines += [
                    (line, len(line) - 2, SHELLS[shell]),
                    (line, 0, SHELLS[shell]),
                    (line, 90, SHELLS[shell]),
                ]
    found = told(known, lines)
    assert len([one for one in found if one is not None]) > 15
    assert len({one for one in found if one is not None}) > 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "nucliactl",
        "nucliactl ",
        "nucliactl u",
        "nucliactl use -",
        "nucliactl use 'a",
        "nucliactl use a b",
    ],
)
def test_any_other_line_is_argcompletes(known: Home, line: str) -> None:
    assert told(known, [(line, len(line), SHELLS["bash"])]) == [None]
